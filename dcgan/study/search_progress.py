"""How far a search is, and its best combination so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan
from dcgan.study.stages.search_stages import changes, finished
from dcgan.sweeps.designs.search import Search


def search_progress(plan: Plan) -> dict[str, Any]:
    """The counts of a search's combinations and the best of them, from the runs."""
    search, growth = plan.design, plan.grown
    assert isinstance(search, Search)  # noqa: S101 - the callers ask first
    ended = finished(plan, outcomes(plan))
    best = ended[0] if ended else None
    return {
        "trials": search.trials,
        "asked": len(plan.arms),
        "finished": len(ended),
        "pruned": len(growth.over) if growth else 0,
        "refused": len(growth.refused) if growth else 0,
        "best": best
        and {"arm": best.arm, "label": plan.label(best.arm), "value": best.value, "levels": changes(plan, best.arm)},
    }


def progress_lines(progress: Mapping[str, Any], metric: str) -> list[str]:
    """What `search_progress` gave, as lines."""
    counts = [f"{progress['asked']} of {progress['trials']} combinations asked", f"{progress['finished']} finished"]
    counts += [f"{progress[name]} {name}" for name in ("pruned", "refused") if progress[name]]
    lines = [", ".join(counts)]
    if best := progress["best"]:
        lines.append(f"best so far: {best['label']}; {metric} {best['value']:.4g} in the search")
    return lines
