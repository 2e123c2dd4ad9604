"""How the seeds of a study were changed after runs of it were over: the trace in plan.json, which a report shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SeedChange:
    """The seeds before and after a change, and how many of those before were `finished` by all arms by then."""

    before: tuple[int, ...]
    after: tuple[int, ...]
    finished: int

    def words(self) -> str:
        """`Seeds were raised from 8 to 12 after 8 were finished`, and what that does to the verdicts."""
        if len(self.before) == len(self.after):
            how = "exchanged for others"
        else:
            verb = "raised" if len(self.after) > len(self.before) else "lowered"
            how = f"{verb} from {len(self.before)} to {len(self.after)}"
        were = "1 was" if self.finished == 1 else f"{self.finished} were"
        return (
            f"Seeds were {how} after {were} finished: where what was seen decides how many seeds there are, "
            "more is found than there is, and the error rate of these verdicts is above the one that is told."
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json and report.json."""
        return {"before": list(self.before), "after": list(self.after), "finished": self.finished}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> SeedChange:
        """From what `to_json` gave. Raises one of `json_text.UNEXPECTED` for anything else."""
        before, after = (tuple(int(seed) for seed in content[key]) for key in ("before", "after"))
        return cls(before, after, int(content["finished"]))
