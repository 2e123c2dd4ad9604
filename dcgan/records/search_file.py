"""search.json: how the arms of a study were found by a search before it. Read and written here alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from dcgan.common.errors import DcganError
from dcgan.common.files import checked_name, read_json, write_json
from dcgan.common.json_text import UNEXPECTED
from dcgan.records.plain_values import is_finite

_RECIPES = "recipes"  # beside that file: the confirmed combinations as experiments
_COUNTS = ("asked", "finished", "over", "refused")
NAME = "search.json"  # in the folder of the confirmation


class SearchScore(NamedTuple):
    """What a combination had in the search: the mean of the metric, and of the seconds of training."""

    value: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class SearchRecord:
    """How the arms of a confirmation were found.

    `settings` are those of the search (`sampler`, `pruner`, `trials`, ...). Of the combinations `asked`, `finished` had
    a score with every one of `own_seeds` and `over` were pruned, diverged or failed; `refused` could not be. `baseline`
    is the metric's mean of the baseline in the search, None without one. `chosen` maps the name of each arm of the
    confirmation to the factors that it changes, with their levels, and is empty where nothing beat the baseline;
    `values` has its scores in the search, and `found_as` its name there, `s005` (empty in files of earlier versions,
    which call the arms so).
    """

    study: str
    settings: Mapping[str, Any]
    own_seeds: tuple[int, ...]
    split: str
    metric: str
    asked: int
    finished: int
    over: int
    refused: int
    baseline: float | None
    chosen: Mapping[str, Mapping[str, str]]
    values: Mapping[str, SearchScore]
    found_as: Mapping[str, str] = field(default_factory=dict)

    def recipe(self, arm: str) -> str:
        """Where that arm is as an experiment, in the study's folder; empty where an earlier version wrote none."""
        return f"{_RECIPES}/{self.found_as[arm]}.yaml" if arm in self.found_as else ""

    def answer(self) -> str:
        """What the search came to, in a sentence."""
        metric = self.metric.upper() if self.metric in ("fid", "kid") else self.metric
        had = "" if self.baseline is None else f", which had {metric} {self.baseline:.4g}"
        others = self.finished - (self.baseline is not None)
        if not self.chosen:
            return f"Nothing beat the baseline in the search{had}: {others} other combinations finished, none better."
        best = "the best was" if len(self.chosen) == 1 else f"the best {len(self.chosen)} were"
        return (
            f"Of {others} other combinations that finished in the search, {best} compared with the baseline{had} "
            "there, on fresh seeds."
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file."""
        return {
            "study": self.study,
            **self.settings,
            "own_seeds": list(self.own_seeds),
            "split": self.split,
            "metric": self.metric,
            "asked": self.asked,
            "finished": self.finished,
            "over": self.over,
            "refused": self.refused,
            "baseline": self.baseline,
            "chosen": {arm: dict(levels) for arm, levels in self.chosen.items()},
            "values": {arm: score._asdict() for arm, score in self.values.items()},
            "found_as": dict(self.found_as),
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> SearchRecord:
        """What `to_json` gave. Raises one of UNEXPECTED for anything else."""
        own = {each.name for each in fields(cls)} - {"settings"}
        decoded: dict[str, Any] = {
            "found_as": {
                str(arm): checked_name(str(name), "recipe") for arm, name in content.get("found_as", {}).items()
            },
            "own_seeds": tuple(content["own_seeds"]),
            "chosen": {str(arm): dict(levels) for arm, levels in content["chosen"].items()},
            "values": {
                str(arm): SearchScore(float(score["value"]), float(score["seconds"]))
                for arm, score in content["values"].items()
            },
        }
        plain = {name: content[name] for name in own - decoded.keys()}
        numbers = [plain["baseline"], *decoded["own_seeds"], *(plain[name] for name in _COUNTS)]
        if not decoded["own_seeds"] or not all(number is None or is_finite(number) for number in numbers):
            raise ValueError("counts, seeds and scores that are no numbers")
        settings = {name: value for name, value in content.items() if name not in own}
        if missing := decoded["chosen"].keys() - decoded["values"].keys():
            raise KeyError(f"values of {min(missing)}")
        for name in ("sampler", "pruner"):
            settings[name] = str(settings[name])
        return cls(settings=settings, **plain, **decoded)


def read(folder: Path) -> SearchRecord | None:
    """How the arms of the study in that folder were found; None where no search did. Raises DcganError for a damaged
    file."""
    path = folder / NAME
    if not path.exists():
        return None
    try:
        return SearchRecord.from_json(read_json(path))
    except UNEXPECTED as error:
        raise DcganError(f"{path} is damaged: it does not say how the arms were found ({error})") from None


def write(folder: Path, record: SearchRecord) -> None:
    """Replaces the file in that folder."""
    write_json(folder / NAME, record.to_json())
