"""What the arms of a design say together: main effects, interactions, and what cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dcgan.common.metrics import Scale
from dcgan.statistics import pooled
from dcgan.statistics.contrasts import Effect, Reading, Share, by_seed, codes
from dcgan.statistics.many_to_one import by_holm, from_paired
from dcgan.statistics.paired import Paired, compare, over_seeds
from dcgan.statistics.power import resolvable_difference
from dcgan.statistics.scale import on_scale
from dcgan.statistics.verdicts import Estimate, Judgement, Rules, judge, no_logarithm

Agreement = Literal["interacts", "consistent", "inconclusive"]


@dataclass(frozen=True)
class Cells:
    """The runs of every arm: the metric of the finished ones by seed, the seeds that ended, all seeds."""

    scores: Mapping[str, Mapping[int, float]]
    ended: Mapping[str, frozenset[int]]
    seeds: frozenset[int]


@dataclass(frozen=True)
class EffectEstimate:
    """A main effect; the differences are, per seed, the mean over the arms at the high level minus that at the low.

    `estimate` is on the scale of the study and gives the verdict, `paired` in the metric's own units. Seeds that lack a
    run in any of the arms are left out: `lost` of them because one ended without a score, `waiting` because one is not
    over.
    """

    effect: Effect
    paired: Paired
    estimate: Estimate
    judgement: Judgement
    lost: int
    waiting: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Interaction:
    """An interaction. Of two factors: half the change of one's effect when the other goes from low to high. Of one
    (with all others together): its difference beside the far baseline minus that beside the `near` one."""

    estimate: EffectEstimate
    near: EffectEstimate | None = None
    far: EffectEstimate | None = None

    @property
    def agreement(self) -> Agreement:
        """`interacts` if it is found, `consistent` if it lies within the margin."""
        verdict = self.estimate.judgement.verdict
        if verdict in ("helps", "hurts"):
            return "interacts"
        return "consistent" if verdict == "no effect" else "inconclusive"


@dataclass(frozen=True)
class Effects:
    """Everything that the arms say together; what so many seeds resolve is on the scale of the study.

    Of an orthogonal design the correction is over main effects and interactions together. Beside two baselines it is
    over the main effects, and over the interactions, each alone.
    """

    mains: tuple[EffectEstimate, ...]
    interactions: tuple[Interaction, ...]
    reading: Reading
    resolvable: float | None

    @property
    def seeds(self) -> int:
        """The largest number of seeds that a main effect is estimated from."""
        return max((main.paired.pairs for main in self.mains), default=0)

    @property
    def mixed(self) -> frozenset[float]:
        """The weights, without their signs, of the interactions of two factors that main effects contain."""
        return frozenset(abs(weight) for main in self.mains for _, weight in main.shares)

    @property
    def partial(self) -> bool:
        """Whether some effects contain only parts of others, as in Plackett-Burman designs."""
        shares = self.reading.shares.values()
        return any(abs(weight) < 1 - 1e-9 for mixed in shares for _, weight in mixed)

    @property
    def two_baselines(self) -> bool:
        """Whether every factor is seen beside two baselines."""
        return any(main.effect.beside for main in self.mains)


@dataclass(frozen=True)
class _Measured:
    """An effect before it is judged: in the metric's units and on the scale of the study."""

    effect: Effect
    paired: Paired
    on_scale: Paired | Estimate
    lost: int
    waiting: int


def estimate_effects(
    reading: Reading, levels: Mapping[str, Mapping[str, str]], cells: Cells, rules: Rules, scale: Scale
) -> Effects | None:
    """The effects of a design from its runs; None for a design whose arms are only compared with the baseline.

    `levels` maps arm -> factor -> level.
    """
    if not reading.effects:
        return None
    measured = [_measure(effect, levels, cells, scale) for effect in reading.effects]
    if reading.effects[0].beside:
        mains = _beside_two(measured, rules)
        interactions = _disagreements(measured, mains, rules)
    else:
        estimates = by_holm([each.on_scale for each in measured], rules.alpha)
        judged = [_judged(each, estimate, reading, rules) for each, estimate in zip(measured, estimates, strict=True)]
        mains = [each for each in judged if len(each.effect.terms) == 1]
        interactions = [Interaction(each) for each in judged if len(each.effect.terms) > 1]
    return Effects(tuple(mains), tuple(interactions), reading, _resolvable(mains))


def _resolvable(mains: Sequence[EffectEstimate]) -> float | None:
    """The true effect found with 80 % probability, by the median of the standard errors."""
    known = sorted(
        (main.estimate.se, main.estimate.df, main.estimate.pairs, main.estimate.level)
        for main in mains
        if main.estimate.se and main.estimate.df is not None and main.estimate.level
    )
    if not known:
        return None
    se, df, seeds, level = known[len(known) // 2]
    return resolvable_difference(se * seeds**0.5, seeds, level, df - (seeds - 1))


def _measure(effect: Effect, levels: Mapping[str, Mapping[str, str]], cells: Cells, scale: Scale) -> _Measured:
    """The effect over seeds, and how many seeds were lost and are still waiting."""
    code = codes(effect.terms, {arm: levels[arm] for arm in effect.arms or levels})
    pairs = _over_seeds(code, cells.scores)
    ended = frozenset.intersection(*(cells.ended[arm] for arm in code)) if code else frozenset()
    return _Measured(
        effect=effect,
        paired=pairs,
        on_scale=_two_arms(code, cells, scale) if effect.beside else pooled.effect(code, cells.scores, scale),
        lost=len(ended - set(pairs.differences)),
        waiting=len(cells.seeds - ended),
    )


def _over_seeds(code: Mapping[str, int], scores: Mapping[str, Mapping[int, float]]) -> Paired:
    values = by_seed(code, scores)
    return over_seeds(values, max((abs(scores[arm][seed]) for arm in code for seed in values), default=0.0))


def _two_arms(code: Mapping[str, int], cells: Cells, scale: Scale) -> Paired | Estimate:
    """The difference of two arms on the scale of the study."""
    used = {arm: cells.scores[arm] for arm in code}
    if scale == "ratio" and (refused := no_logarithm("paired", used.values())):
        return refused
    return _over_seeds(code, {arm: on_scale(scores, scale) for arm, scores in used.items()})


def _judged(measured: _Measured, estimate: Estimate, reading: Reading, rules: Rules) -> EffectEstimate:
    return EffectEstimate(
        effect=measured.effect,
        paired=measured.paired,
        estimate=estimate,
        judgement=judge(estimate, rules),
        lost=measured.lost,
        waiting=measured.waiting,
        shares=reading.shares.get(measured.effect.factors, ()),
    )


def _beside_two(measured: Sequence[_Measured], rules: Rules) -> list[EffectEstimate]:
    """Every factor beside either baseline: two families of arms with a baseline each, at half of the error rate."""
    sides = [_family([each.on_scale for each in measured[side::2]], rules.alpha / 2) for side in (0, 1)]
    mains = []
    for index, each in enumerate(measured):
        estimate = sides[index % 2][index // 2]
        doubled = None if estimate.p_adjusted is None else min(1.0, 2.0 * estimate.p_adjusted)
        mains.append(_judged(each, replace(estimate, p_adjusted=doubled), Reading(), rules))
    return mains


def _family(differences: Sequence[Paired | Estimate], alpha: float) -> list[Estimate]:
    """The estimates of a family, of which some may have no logarithm."""
    pairs = [each for each in differences if isinstance(each, Paired)]
    found = iter(from_paired(pairs, alpha))
    return [next(found) if isinstance(each, Paired) else each for each in differences]


def _disagreements(measured: Sequence[_Measured], mains: Sequence[EffectEstimate], rules: Rules) -> list[Interaction]:
    """Of each factor, whether its differences beside the two baselines agree."""
    sides = list(zip(measured[::2], measured[1::2], strict=True))
    between = [_between(near.on_scale, far.on_scale) for near, far in sides]
    estimates = _family(between, rules.alpha)
    interactions = []
    for (near, far), main_near, main_far, estimate in zip(sides, mains[::2], mains[1::2], estimates, strict=True):
        whole = _Measured(
            effect=Effect(near.effect.terms),
            paired=compare(far.paired.differences, near.paired.differences),
            on_scale=estimate,
            lost=max(near.lost, far.lost),
            waiting=max(near.waiting, far.waiting),
        )
        interactions.append(Interaction(_judged(whole, estimate, Reading(), rules), main_near, main_far))
    return interactions


def _between(near: Paired | Estimate, far: Paired | Estimate) -> Paired | Estimate:
    if isinstance(near, Estimate):
        return near
    return far if isinstance(far, Estimate) else compare(far.differences, near.differences)
