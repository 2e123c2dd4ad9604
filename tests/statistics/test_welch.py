"""Two arms without a common seed, against scipy."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from scipy import stats

from dcgan.statistics.welch import welch

values = some.lists(some.floats(-1000, 1000), min_size=2, max_size=9)


@given(values, values)
def test_it_is_scipys(here: list[float], there: list[float]) -> None:
    assume(max(here) - min(here) > 1e-3 or max(there) - min(there) > 1e-3)
    ours = welch(dict(enumerate(here)), dict(enumerate(there, start=100)))
    theirs = stats.ttest_ind(here, there, equal_var=False)
    assert ours.effect is not None and ours.se is not None
    assert ours.effect / ours.se == pytest.approx(theirs.statistic, rel=1e-6, abs=1e-9)
    assert ours.df == pytest.approx(theirs.df, rel=1e-6)
    assert ours.p == pytest.approx(theirs.pvalue, rel=1e-6, abs=1e-12)
    assert ours.interval == pytest.approx(tuple(theirs.confidence_interval(0.95)), rel=1e-6, abs=1e-6)
    assert ours.equivalence == pytest.approx(tuple(theirs.confidence_interval(0.90)), rel=1e-6, abs=1e-6)
    assert ours.direction == pytest.approx(1 - theirs.pvalue / 2, abs=1e-6)
    assert (ours.method, ours.pairs, ours.reason) == ("unpaired", 0, "")


def test_the_effect_is_arm_minus_baseline() -> None:
    assert welch({0: 5.0, 1: 7.0}, {2: 1.0, 3: 2.0, 4: 3.0}).effect == 4.0


@pytest.mark.parametrize("there", [0.3, 7.0])
def test_arms_without_any_spread_have_a_reason_and_no_p(there: float) -> None:
    ours = welch(dict.fromkeys(range(3), 0.3), dict.fromkeys(range(5, 9), there))
    assert ours.effect == pytest.approx(0.3 - there)
    assert (ours.p, ours.se, ours.interval, ours.direction) == (None,) * 4
    assert "no spread" in ours.reason


def test_one_arm_without_spread_is_judged_by_the_other() -> None:
    ours = welch({0: 2.0, 1: 2.0, 2: 2.0}, {3: 1.0, 4: 1.5, 5: 0.5})
    assert ours.df == pytest.approx(2.0)
    assert ours.p == pytest.approx(stats.ttest_1samp([1.0, 1.5, 0.5], 2.0).pvalue)
