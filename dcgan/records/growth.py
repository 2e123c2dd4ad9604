"""How far a study has come whose arms are chosen as it goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcgan.common.files import checked_name


@dataclass(frozen=True)
class Growth:
    """What a search asked so far: combinations by name with their levels, those of which no further trial is made,
    and why others cannot be."""

    arms: Mapping[str, Mapping[str, str]]
    over: frozenset[str] = frozenset()
    refused: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json."""
        return {"arms": self.arms, "over": sorted(self.over), "refused": list(self.refused)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Growth:
        """From what `to_json` gave. Raises one of `json_text.UNEXPECTED` for anything else; arms are files' names:
        recipes are called after them."""
        arms = {checked_name(str(arm), "arm"): dict(levels) for arm, levels in content["arms"].items()}
        return cls(arms, frozenset(content["over"]), tuple(content["refused"]))
