"""What the seeds of a plan can resolve, by the method that the report will use, in numbers and in words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from dcgan.common.metrics import Scale
from dcgan.statistics import step_down
from dcgan.statistics.many_to_one import FEWEST_PAIRS, FEWEST_SHARED
from dcgan.statistics.moderation import PRIOR_DF, two_sided
from dcgan.statistics.paired import compare
from dcgan.statistics.power import resolvable_difference, typical_spread
from dcgan.statistics.scale import has_logarithms, on_scale
from dcgan.statistics.sequential.boundaries import levels
from dcgan.statistics.sequential.interim_analysis import Looks

_ALPHA = 0.05
ASSUMED_SPREAD = 0.12  # of log FID from run to run, before any run: the typical one of this suite's own studies
HOPELESS = math.log(20.0)  # a ratio beyond it is no effect that one plans for
_ASSUMED_PRIOR = 3  # the index in PRIOR_DF that spreads of real studies have come to: 3 degrees of freedom
_MOST_SIMULATED = 60  # comparisons: the critical value of more grows hardly


@dataclass(frozen=True)
class Planned:
    """What a plan compares: `seeds` that all arms have, `comparisons` that are judged together, and how.

    `arms`: those of an orthogonal design, whose effects are judged by the noise of all of them; 0 where every arm is
    compared with the baseline. `looks`: of a study that stops when decided.
    """

    seeds: int
    comparisons: int
    arms: int = 0
    looks: Looks | None = None


def detectable(planned: Planned) -> float | None:
    """The smallest true effect, in standard deviations of the paired differences of two arms, that is found with 80 %
    probability after the correction for all comparisons. None for fewer than two seeds, and before the first look.

    For a study that stops when decided, by its last look with so many pairs alone: the earlier ones find some more.
    """
    seeds, comparisons = planned.seeds, max(1, planned.comparisons)
    if planned.looks is not None:
        return _at_last_look(seeds, comparisons, planned.looks)
    if seeds < 2:
        return None
    if planned.arms:
        contrast = math.sqrt(2.0 / planned.arms)  # its standard deviation in a seed, of that of two arms' difference
        pooled = (planned.arms - 2.0) * (seeds - 1.0)  # degrees of freedom beyond seeds - 1
        return resolvable_difference(contrast, seeds, _ALPHA / comparisons, pooled)
    if comparisons < FEWEST_SHARED or seeds < FEWEST_PAIRS:
        return resolvable_difference(1.0, seeds, _ALPHA / comparisons)
    prior_df = float(PRIOR_DF[_ASSUMED_PRIOR])
    critical = step_down.critical_value(_ASSUMED_PRIOR, (seeds,) * min(comparisons, _MOST_SIMULATED), _ALPHA)
    level = float(two_sided(critical, prior_df + seeds - 1))
    return resolvable_difference(1.0, seeds, level, prior_df)


def _at_last_look(seeds: int, comparisons: int, looks: Looks) -> float | None:
    taken = tuple(count for count in looks.seeds if count <= seeds)
    if not taken:
        return None
    level = levels(taken, tuple(count / looks.at_most for count in taken))[-1].at(_ALPHA / comparisons)
    return resolvable_difference(1.0, seeds, level)


def sign_flip_floor(pairs: int, comparisons: int) -> float:
    """What the adjusted p of the exact sign-flip test cannot fall below: 2 / 2^pairs times the comparisons, at most 1.

    Of 2^pairs equally likely sign patterns two are the most extreme. The t tests go below that; what they gain rests on
    their assumption that differences, of logarithms on the ratio scale, are normal.
    """
    return min(1.0, max(1, comparisons) * 2.0 ** (1 - pairs))


def sd_of_differences(
    values: Mapping[str, Mapping[int, float]], baseline: str, scale: Scale = "difference"
) -> float | None:
    """The typical standard deviation of the arms' paired differences to the baseline, on that scale.

    `values` maps arm -> seed -> metric. None where no arm shares two seeds with the baseline.
    """
    if scale == "ratio":
        values = {arm: of_seed for arm, of_seed in values.items() if has_logarithms(of_seed)}
    reference = on_scale(values.get(baseline, {}), scale)
    pairs = [compare(on_scale(of_seed, scale), reference) for arm, of_seed in values.items() if arm != baseline]
    return typical_spread([(each.sd, each.pairs) for each in pairs])


def warning(planned: Planned) -> str | None:
    """What to know before spending, where the seeds are too few for any result, or for a safe one."""
    if planned.seeds < 2:
        return "one seed shows no spread: nothing can be told from chance with it; 4 seeds would do for large effects"
    if planned.seeds < 4 and not planned.arms:
        return (
            f"with {planned.seeds} seeds the spread of an arm is hardly known, and real runs have erred somewhat more "
            "often than in 5 % of studies (docs/statistics.md): give 4 seeds or more"
        )
    return None


def sentence(planned: Planned, sd: float | None, metric: str, scale: Scale) -> str:
    """What can be resolved, in words, for people who plan a study.

    `sd`: of paired differences on the scale, from earlier runs; None where there are none.
    """
    effect = detectable(planned)
    tests = f"{planned.comparisons} comparison{'s' if planned.comparisons != 1 else ''}"
    if effect is None and planned.looks is not None:
        return f"nothing is decided before the first look, after {planned.looks.first} seeds"
    if effect is None:
        return "one seed resolves nothing: give at least 2, better 4 or more"
    stay = f"will most likely stay inconclusive with {planned.seeds} seeds and {tests}"
    if scale == "difference":
        if sd is None:
            return f"differences below {effect:.1f} standard deviations of the paired differences {stay}"
        return (
            f"effects on {metric} below {effect * sd:.3g} {stay} (80 % power; measured sd of the paired differences "
            f"{sd:.3g})"
        )
    spread = f"assumed spread from run to run {100 * ASSUMED_SPREAD:.0f} %"
    if sd is not None:
        spread = f"measured spread of the paired differences {100 * sd:.0f} %"
    return f"effects on {metric} below {size(effect * (sd or assumed_sd()))} {stay} (80 % power; {spread})"


def size(log_ratio: float) -> str:
    """The size of a ratio in words: `25 %`, and above a doubling `a factor of 2.6`."""
    if log_ratio <= math.log(2.0):
        return f"{100 * share(log_ratio):.0f} %"
    return "a factor of 20 or more" if log_ratio > HOPELESS else f"a factor of {math.exp(log_ratio):.2g}"


def assumed_sd() -> float:
    """The standard deviation of paired log differences that is assumed before any run."""
    return ASSUMED_SPREAD * math.sqrt(2.0)


def share(log_ratio: float) -> float:
    """A difference of logarithms as a share of the score: .25 is 25 % more."""
    return math.expm1(log_ratio)
