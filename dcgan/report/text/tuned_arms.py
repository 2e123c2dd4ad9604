"""What the reader is told of arms that were tuned before they were compared: the budget, on what, what was chosen."""

from __future__ import annotations

from typing import Any

from dcgan.common.formatting import NONE
from dcgan.records.tuned import Choice, Tuned
from dcgan.report.text.numbers import metric_label


def tuning_view(tuned: Tuned | None, split: str | None) -> dict[str, Any] | None:
    """The section for the templates; `split`: what the reported scores were taken against. None without tuning."""
    if tuned is None:
        return None
    paths = list(dict.fromkeys(path for choice in tuned.arms.values() for path in (*choice.values, *choice.unused)))
    return {
        "lead": words(tuned, split),
        "paths": paths,
        "metric": metric_label(tuned.metric),
        "rows": [
            {
                "arm": arm,
                "values": [_change(choice, path) for path in paths],
                "candidate": f"{choice.candidate} of {choice.tried}",
                "score": _score(choice.score),
                "own_score": _score(choice.own_score),
                "remarks": "; ".join(choice.remarks()),
            }
            for arm, choice in tuned.arms.items()
        ],
    }


def words(tuned: Tuned, split: str | None) -> str:
    """The method, for the reader of a report."""
    seeds = f"seed {tuned.seeds[0]}" if len(tuned.seeds) == 1 else f"seeds {tuned.seeds[0]} to {tuned.seeds[-1]}"
    against = "the same split" if split == tuned.split else f"the {split or 'other'} split"
    return (
        f"Before they were compared, all arms were tuned with the same budget: {tuned.trials} candidates each, the arm "
        f"as it is and the same further points of one sequence, trained on {seeds}, which are not reported here. Each "
        f"arm was given the candidate with the fewest runs lost, then the best mean {metric_label(tuned.metric)} "
        f"against the {tuned.split} split; the scores of this report are of other seeds, against {against}. "
        f"Every candidate's runs: study {tuned.study}."
    )


def _change(choice: Choice, path: str) -> str:
    if path in choice.unused:
        return "not read"
    own, value = f"{choice.own[path]:g}", f"{choice.values[path]:g}"
    return f"{own}, kept" if own == value else f"{own} to {value}"


def _score(score: float | None) -> str:
    return NONE if score is None else f"{score:.4g}"
