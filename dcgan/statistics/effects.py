"""What the arms of a design say together: main effects, interactions, and what cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dcgan.statistics.contrasts import Effect, Reading, Share, by_seed, codes
from dcgan.statistics.paired import Paired, compare, over_seeds
from dcgan.statistics.verdicts import Judgement, Rules, judge, resolvable

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

    Seeds that lack a run in any of the arms are left out: `lost` of them because one ended without a score, `waiting`
    because one is not over.
    """

    effect: Effect
    paired: Paired
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
    """Everything that the arms say together. Holm's correction is over `mains`, and over `interactions`, each alone."""

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


def estimate_effects(
    reading: Reading, levels: Mapping[str, Mapping[str, str]], cells: Cells, rules: Rules
) -> Effects | None:
    """The effects of a design from its runs; None for a design whose arms are only compared with the baseline.

    `levels` maps arm -> factor -> level.
    """
    if not reading.effects:
        return None
    measured = [(effect, *_over_seeds(effect, levels, cells)) for effect in reading.effects]
    mains = _judged([line for line in measured if len(line[0].terms) == 1], reading, rules)
    if mains[0].effect.beside:
        interactions = _disagreements(mains, rules)
    else:
        crossed = _judged([line for line in measured if len(line[0].terms) > 1], reading, rules)
        interactions = [Interaction(estimate) for estimate in crossed]
    seeds = max(main.paired.pairs for main in mains)
    return Effects(
        mains=tuple(mains),
        interactions=tuple(interactions),
        reading=reading,
        resolvable=resolvable([main.paired for main in mains], seeds, rules.alpha),
    )


def _over_seeds(effect: Effect, levels: Mapping[str, Mapping[str, str]], cells: Cells) -> tuple[Paired, int, int]:
    """The effect over seeds, and how many seeds were lost and are still waiting."""
    code = codes(effect.terms, {arm: levels[arm] for arm in effect.arms or levels})
    values = by_seed(code, cells.scores)
    magnitude = max((abs(cells.scores[arm][seed]) for arm in code for seed in values), default=0.0)
    ended = frozenset.intersection(*(cells.ended[arm] for arm in code)) if code else frozenset()
    return over_seeds(values, magnitude), len(ended - set(values)), len(cells.seeds - ended)


def _judged(
    measured: Sequence[tuple[Effect, Paired, int, int]], reading: Reading, rules: Rules
) -> list[EffectEstimate]:
    """One family of effects."""
    judgements = judge([pairs for _, pairs, _, _ in measured], rules)
    return [
        EffectEstimate(effect, pairs, judgement, lost, waiting, reading.shares.get(effect.factors, ()))
        for (effect, pairs, lost, waiting), judgement in zip(measured, judgements, strict=True)
    ]


def _disagreements(mains: Sequence[EffectEstimate], rules: Rules) -> list[Interaction]:
    """Of each factor, whether its differences beside the two baselines agree."""
    both = list(zip(mains[::2], mains[1::2], strict=True))
    pairs = [compare(far.paired.differences, near.paired.differences) for near, far in both]
    return [
        Interaction(
            EffectEstimate(
                Effect(near.effect.terms),
                difference,
                judgement,
                max(near.lost, far.lost),
                max(near.waiting, far.waiting),
                (),
            ),
            near,
            far,
        )
        for (near, far), difference, judgement in zip(both, pairs, judge(pairs, rules), strict=True)
    ]
