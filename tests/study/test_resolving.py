"""What a plan resolves, and what other designs would with as many runs."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.statistics.resolution import detectable
from dcgan.study import plan as planning
from dcgan.study.resolving import alternatives, planned
from dcgan.sweeps import sweep
from dcgan.tips import TIPS


def _plan(write_sweep: Any, **changes: Any) -> planning.Plan:
    return planning.make(sweep.load(write_sweep(), changes))


ELEVEN = [name for name, tip in TIPS.items() if not tip.beyond][:11]


def test_arms_against_a_baseline_and_effects_of_a_design(write_sweep: Any) -> None:
    arms = planned(_plan(write_sweep, factors=ELEVEN), 4)
    assert (arms.seeds, arms.comparisons, arms.arms) == (4, 11, 0)
    effects = planned(_plan(write_sweep, factors=ELEVEN[:3], design="factorial"), 2)
    assert (effects.seeds, effects.comparisons, effects.arms) == (2, 6, 8)


def test_other_designs_take_no_more_runs_and_say_what_they_average_over(write_sweep: Any) -> None:
    plan = _plan(write_sweep, factors=ELEVEN)
    offered = {each.design: each for each in alternatives(plan, 4)}
    assert all(each.arms * each.seeds <= 48 for each in offered.values())
    folded = offered["plackett-burman, foldover: true"]
    assert (folded.arms, folded.seeds) == (24, 2)
    assert folded.effect < (detectable(planned(plan, 4)) or 0.0)
    assert "on average over all others, clear of interactions of two" in folded.words(None, "fid", ratio=True)
    assert next(iter(offered)) == "plackett-burman, foldover: true"  # the one whose main effects are clear comes first


def test_a_screening_design_is_told_what_one_at_a_time_would_do(write_sweep: Any) -> None:
    offered = alternatives(_plan(write_sweep, factors=ELEVEN, design="plackett-burman"), 4)
    assert any(each.design.startswith("one-at-a-time") for each in offered)


@pytest.mark.parametrize("changes", [{"factors": ELEVEN[:1]}, {"factors": ELEVEN[:3], "stop": {"at_most": 8}}])
def test_nothing_is_offered_where_nothing_can_be_compared(write_sweep: Any, changes: Any) -> None:
    assert alternatives(_plan(write_sweep, seeds=4, **changes), 4) == []
