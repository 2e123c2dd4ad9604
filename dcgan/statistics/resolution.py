"""What the seeds of a plan can resolve, in numbers and in words."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.statistics.paired import compare
from dcgan.statistics.power import resolvable_difference, typical_spread
from dcgan.statistics.sequential.boundaries import levels
from dcgan.statistics.sequential.interim_analysis import Looks

_ALPHA = 0.05


def detectable(pairs: int, comparisons: int, looks: Looks | None = None) -> float | None:
    """The smallest true difference, in standard deviations of the paired differences, that is found with 80 %
    probability at Holm's strictest level for so many comparisons. None for fewer than two pairs, and before the first
    look.

    For a study that stops when decided, by its last look with so many pairs alone: the earlier ones find some more.
    """
    level = _ALPHA / max(1, comparisons)
    if looks is not None:
        taken = tuple(seeds for seeds in looks.seeds if seeds <= pairs)
        if not taken:
            return None
        level = levels(taken, tuple(seeds / looks.at_most for seeds in taken))[-1].at(level)
    return resolvable_difference(1.0, pairs, level)


def sign_flip_floor(pairs: int, comparisons: int) -> float:
    """What the adjusted p of the exact sign-flip test cannot fall below: 2 / 2^pairs times the comparisons, at most 1.

    Of 2^pairs equally likely sign patterns two are the most extreme. The paired t test goes below that; what it gains
    rests on its assumption that differences are normal.
    """
    return min(1.0, max(1, comparisons) * 2.0 ** (1 - pairs))


def seeds_for_sign_flips(comparisons: int) -> int:
    """The smallest number of seeds with which the sign-flip test could clear 5 % after the correction."""
    return next(pairs for pairs in range(2, 100) if sign_flip_floor(pairs, comparisons) <= _ALPHA)


def warning(pairs: int, comparisons: int) -> str | None:
    """What to know before spending, where the seeds are too few for any result or for any without assumptions."""
    enough, tests = seeds_for_sign_flips(comparisons), _tests(comparisons)
    if pairs < 2:
        return f"no result can become significant with {pairs} seed; with {tests}, {enough} seeds would do"
    floor = sign_flip_floor(pairs, comparisons)
    if floor <= _ALPHA:
        return None
    return (
        f"with {pairs} seeds and {tests} no result could become significant without assumptions (the adjusted p of "
        f"the exact sign-flip test cannot fall below {floor:.2g}): the report's verdicts will rest on its t test, "
        f"which takes differences for normal; {enough} seeds would do without"
    )


def sd_of_differences(values: Mapping[str, Mapping[int, float]], baseline: str) -> float | None:
    """The typical standard deviation of the arms' paired differences to the baseline.

    `values` maps arm -> seed -> metric. None where no arm shares two seeds with the baseline.
    """
    reference = values.get(baseline, {})
    pairs = [compare(of_seed, reference) for arm, of_seed in values.items() if arm != baseline]
    return typical_spread([(each.sd, each.pairs) for each in pairs])


def sentence(pairs: int, comparisons: int, sd: float | None, metric: str, looks: Looks | None = None) -> str:
    """What can be resolved, in words, for people who plan a study."""
    effect = detectable(pairs, comparisons, looks)
    tests = _tests(comparisons)
    if effect is None and looks is not None:
        return f"nothing is decided before the first look, after {looks.first} seeds"
    if effect is None:
        return "one seed resolves nothing: give at least 2, better 5 or more"
    if sd is None:
        return (
            f"differences below {effect:.1f} standard deviations of the paired differences will most likely stay "
            f"inconclusive with {pairs} seeds and {tests}"
        )
    return (
        f"differences in {metric} below {effect * sd:.3g} will most likely stay inconclusive with {pairs} seeds and "
        f"{tests} (80 % power; measured sd of the paired differences {sd:.3g})"
    )


def _tests(comparisons: int) -> str:
    return f"{comparisons} comparison{'s' if comparisons != 1 else ''}"
