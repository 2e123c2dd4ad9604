"""What the seeds of a plan can resolve, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.power import resolvable_difference, typical_spread
from dcgan.statistics import paired

_ALPHA = 0.05


def detectable(pairs: int, comparisons: int) -> float | None:
    """The smallest true difference, in standard deviations of the paired differences, that is found with 80 %
    probability at Holm's strictest level for so many comparisons. None for fewer than two pairs."""
    return resolvable_difference(1.0, pairs, _ALPHA / max(1, comparisons))


def sd_of_differences(values: Mapping[str, Mapping[int, float]], baseline: str) -> float | None:
    """The typical standard deviation of the arms' paired differences to the baseline.

    `values` maps arm -> seed -> metric. None where no arm shares two seeds with the baseline.
    """
    reference = values.get(baseline, {})
    pairs = [paired(of_seed, reference) for arm, of_seed in values.items() if arm != baseline]
    return typical_spread([(each.sd, each.pairs) for each in pairs])


def sentence(pairs: int, comparisons: int, sd: float | None, metric: str) -> str:
    """The same in words, for people who plan a study."""
    effect = detectable(pairs, comparisons)
    if effect is None:
        return "one seed resolves nothing: give at least 2, better 5 or more"
    if sd is None:
        return (
            f"differences below {effect:.1f} standard deviations of the paired differences will most likely stay "
            f"inconclusive with {pairs} seeds and {comparisons} comparisons"
        )
    return (
        f"differences in {metric} below {effect * sd:.3g} will most likely stay inconclusive with {pairs} seeds and "
        f"{comparisons} comparisons (80 % power; measured sd of the paired differences {sd:.3g})"
    )
