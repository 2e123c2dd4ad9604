"""A family of paired differences to verdicts: corrected for all of them, each by the same rules."""

from __future__ import annotations

import numpy as np
import pytest

from dcgan.statistics import paired, power
from dcgan.statistics.paired import Paired
from dcgan.statistics.verdicts import Rules, judge, resolvable

RULES = Rules(margin=None, goal="minimize", alpha=0.05)


def _family(*effects: float, seeds: int = 6) -> list[Paired]:
    """Differences of these effects, each with a noise of its own."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, (len(effects), seeds))
    noise -= noise.mean(axis=1, keepdims=True)
    return [
        paired.compare({seed: float(effect + values[seed]) for seed in range(seeds)}, dict.fromkeys(range(seeds), 0.0))
        for effect, values in zip(effects, noise, strict=True)
    ]


def test_p_values_are_corrected_for_the_whole_family_and_held_to_its_levels() -> None:
    family = _family(-8.0, 1.4, 0.1)
    judged = judge(family, RULES)
    p = [each.p for each in family]
    assert [each.p_adjusted for each in judged] == paired.holm(p)
    assert [each.level for each in judged] == paired.holm_levels(p, paired.holm(p), 0.05)
    alone = [judge([each], RULES)[0].p_adjusted for each in family]
    assert alone == pytest.approx(p)


def test_each_is_judged_by_the_same_rules() -> None:
    family = _family(-8.0, 8.0, 0.0)
    assert [each.verdict for each in judge(family, RULES)] == ["helps", "hurts", "inconclusive"]
    better_is_more = Rules(margin=None, goal="maximize", alpha=0.05)
    assert [each.verdict for each in judge(family, better_is_more)] == ["hurts", "helps", "inconclusive"]
    wide = judge(family, Rules(margin=20.0, goal="minimize", alpha=0.05))
    assert [each.verdict for each in wide] == ["helps", "hurts", "no effect"]
    assert [each.within_margin for each in wide] == [True, True, True]
    assert not any(each.within_margin for each in judge(family, RULES))


def test_what_is_open_needs_more_seeds_than_it_has() -> None:
    helps, open_ = judge(_family(-8.0, 0.2), RULES)
    assert helps.seeds_needed is not None and helps.seeds_needed <= 6
    assert open_.verdict == "inconclusive"
    assert open_.seeds_needed is not None and open_.seeds_needed > 6


def test_p_values_that_are_adjusted_already_are_taken_as_they_are() -> None:
    judged = judge(_family(-8.0, 1.0), RULES, [0.9, 0.001])
    assert [(each.p_adjusted, each.verdict) for each in judged] == [(0.9, "inconclusive"), (0.001, "hurts")]


def test_what_so_many_seeds_resolve_is_for_the_typical_spread_and_the_strictest_level() -> None:
    family = _family(0.0, 0.0, 0.0, 0.0)
    sd = power.typical_spread([(each.sd, each.pairs) for each in family])
    assert resolvable(family, 6, 0.05) == power.resolvable_difference(sd, 6, 0.05 / 4)
    assert resolvable([], 6, 0.05) is None
