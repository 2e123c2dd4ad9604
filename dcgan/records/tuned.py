"""What the tuning of a study's arms chose: the record in plan.json, from which the study is planned and reported."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dcgan.records.plain_values import is_finite


@dataclass(frozen=True)
class Choice:
    """What one arm was given. `candidate` counts from 1, the arm as it is; `tried` is how many there were.

    `values`, `own`, `lowest` and `highest` are by path: what was chosen, what the arm has itself, and the ends of what
    was tried. `unused` are paths that nothing reads in this arm. `score` is the metric's mean over the tuning seeds
    (None: no run of that candidate ended with one), `own_score` that of the arm as it is; `lost` counts the
    arm's trials that ended without a score.
    """

    candidate: int
    tried: int
    values: Mapping[str, float]
    own: Mapping[str, float]
    lowest: Mapping[str, float]
    highest: Mapping[str, float]
    unused: tuple[str, ...] = ()  # `void` in the file
    score: float | None = None
    own_score: float | None = None
    lost: int = 0

    def at_edge(self, path: str) -> str:
        """`smallest` or `largest` where the chosen value is the last that was tried on that side; else empty."""
        if self.lowest[path] == self.highest[path]:
            return ""
        sides = {self.lowest[path]: "smallest", self.highest[path]: "largest"}
        return sides.get(self.values[path], "")

    def line(self, metric: str) -> str:
        """`optimizer.generator.lr=0.0004, candidate 3 of 8: fid 31.2, as it is 40.1; ...`."""
        given = ", ".join(f"{path}={value:g}" for path, value in self.values.items()) or "nothing to tune"
        scores = [f"{metric} {_shown(self.score)}, as it is {_shown(self.own_score)}"] if self.score is not None else []
        return "; ".join([f"{given}, candidate {self.candidate} of {self.tried}", *scores, *self.remarks()])

    def remarks(self) -> list[str]:
        """What a reader should know of this choice, a few words each."""
        if self.score is None:
            return [f"no run of {self.tried} candidates ended with a score: the arm as it is"]
        edges = [
            f"the {side} {path} tried: a wider range might do better"
            for path in self.values
            if (side := self.at_edge(path))
        ]
        unused = [f"nothing reads {', '.join(self.unused)} here"] if self.unused else []
        lost = [f"{self.lost} of its runs ended without a score"] if self.lost else []
        return [*edges, *unused, *lost]

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json and report.json."""
        content = {"void" if name == "unused" else name: value for name, value in asdict(self).items()}
        return {**content, "void": list(self.unused)}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Choice:
        """From what `to_json` gave. Raises one of `json_text.UNEXPECTED` for anything else."""
        own = {name: value for name, value in content.items() if name != "void"}
        numbers = [content[name] for name in ("candidate", "tried", "score", "own_score", "lost") if name in content]
        numbers += [value for name in ("values", "own", "lowest", "highest") for value in content[name].values()]
        if not all(number is None or is_finite(number) for number in numbers):
            raise ValueError("a choice whose numbers are none")
        return cls(**own, unused=tuple(content.get("void", ())))


def _shown(score: float | None) -> str:
    return "-" if score is None else f"{score:.4g}"


@dataclass(frozen=True)
class Tuned:
    """The choices of all arms by name, from the study that made them, with its seeds and the split that judged."""

    study: str
    metric: str
    trials: int
    seeds: tuple[int, ...]
    split: str
    arms: Mapping[str, Choice]

    def changes(self, arm: str) -> dict[str, float]:
        """The dotted keys and values that an arm was given; none for one that was not tuned."""
        return dict(self.arms[arm].values) if arm in self.arms else {}

    def values(self) -> dict[str, dict[str, float]]:
        """What every arm was given, by arm and path."""
        return {arm: dict(choice.values) for arm, choice in self.arms.items()}

    def lines(self) -> list[str]:
        """What each arm was given, a line each."""
        return [f"tuned {arm}: {choice.line(self.metric)}" for arm, choice in self.arms.items()]

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json and report.json."""
        return {
            "study": self.study,
            "metric": self.metric,
            "trials": self.trials,
            "seeds": list(self.seeds),
            "split": self.split,
            "arms": {arm: choice.to_json() for arm, choice in self.arms.items()},
        }

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Tuned:
        """From what `to_json` gave. Raises one of `json_text.UNEXPECTED` for anything else."""
        arms = {str(arm): Choice.from_json(choice) for arm, choice in content["arms"].items()}
        if any(choice.values.keys() != choice.lowest.keys() for choice in arms.values()):
            raise ValueError("values and lowest are of different paths")
        return cls(**{**content, "seeds": tuple(content["seeds"]), "arms": arms})
