"""What the arms of a design say together: main effects, interactions, and what cannot be told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dcgan.statistics.contrasts import Term, by_seed, codes
from dcgan.statistics.paired import Paired, compare, over_seeds
from dcgan.statistics.verdicts import Judgement, Rules, judge, resolvable

Agreement = Literal["interacts", "consistent", "inconclusive"]
Share = tuple[tuple[str, ...], float]  # another effect (its factors) in an estimate, and its weight in -1 .. 1


@dataclass(frozen=True)
class Asked:
    """An effect that the design was made to estimate: one term for a main effect, two for an interaction.

    `arms`: those that it is read from, none for all of them; `beside`: the baseline that these have in common.
    """

    terms: tuple[Term, ...]
    arms: tuple[str, ...] = ()
    beside: str = ""


@dataclass(frozen=True)
class Structure:
    """A design's effects, and of each (by its factors) what its estimate contains besides.

    `resolution` is None where nothing is mixed: each arm is compared alone, or all combinations were run.
    """

    effects: tuple[Asked, ...] = ()
    resolution: int | None = None
    shares: Mapping[tuple[str, ...], tuple[Share, ...]] | None = None


@dataclass(frozen=True)
class Cells:
    """The runs of every arm: the metric of the finished ones by seed, the seeds that ended, all seeds."""

    scores: Mapping[str, Mapping[int, float]]
    ended: Mapping[str, frozenset[int]]
    seeds: frozenset[int]


@dataclass(frozen=True)
class Effect:
    """A main effect; the differences are, per seed, the mean over the arms at the high level minus that at the low.

    Seeds that lack a run in any of the arms are left out: `lost` of them because one ended without a score, `waiting`
    because one is not over.
    """

    asked: Asked
    paired: Paired
    judgement: Judgement
    lost: int
    waiting: int
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Interaction:
    """An interaction. Of two factors: half the change of one's effect when the other goes from low to high. Of one
    (with all others together): its difference beside the far baseline minus that beside the `near` one."""

    effect: Effect
    near: Effect | None = None
    far: Effect | None = None

    @property
    def agreement(self) -> Agreement:
        """`interacts` if it is found, `consistent` if it lies within the margin."""
        verdict = self.effect.judgement.verdict
        if verdict in ("helps", "hurts"):
            return "interacts"
        return "consistent" if verdict == "no effect" else "inconclusive"


@dataclass(frozen=True)
class Effects:
    """Everything that the arms say together. Holm's correction is over `mains`, and over `interactions`, each alone."""

    mains: tuple[Effect, ...]
    interactions: tuple[Interaction, ...]
    structure: Structure
    resolvable: float | None

    @property
    def seeds(self) -> int:
        """The largest number of seeds that a main effect is estimated from."""
        return max((effect.paired.pairs for effect in self.mains), default=0)

    @property
    def mixed(self) -> frozenset[float]:
        """The weights, without their signs, of the interactions of two factors that main effects contain."""
        return frozenset(abs(weight) for effect in self.mains for _, weight in effect.shares)

    @property
    def partial(self) -> bool:
        """Whether some effects contain only parts of others, as in Plackett-Burman designs."""
        shares = (self.structure.shares or {}).values()
        return any(abs(weight) < 1 - 1e-9 for each in shares for _, weight in each)

    @property
    def two_baselines(self) -> bool:
        """Whether every factor is seen beside two baselines."""
        return any(effect.asked.beside for effect in self.mains)


def estimate(
    structure: Structure, levels: Mapping[str, Mapping[str, str]], cells: Cells, rules: Rules
) -> Effects | None:
    """The effects of a design from its runs; None for a design whose arms are only compared with the baseline.

    `levels` maps arm -> factor -> level.
    """
    if not structure.effects:
        return None
    measured = [(asked, *_measured(asked, levels, cells)) for asked in structure.effects]
    mains = _judged([each for each in measured if len(each[0].terms) == 1], structure, rules)
    if mains[0].asked.beside:
        interactions = _disagreements(mains, rules)
    else:
        crossed = _judged([each for each in measured if len(each[0].terms) > 1], structure, rules)
        interactions = [Interaction(effect) for effect in crossed]
    seeds = max(effect.paired.pairs for effect in mains)
    return Effects(
        mains=tuple(mains),
        interactions=tuple(interactions),
        structure=structure,
        resolvable=resolvable([effect.paired for effect in mains], seeds, rules.alpha),
    )


def _measured(asked: Asked, levels: Mapping[str, Mapping[str, str]], cells: Cells) -> tuple[Paired, int, int]:
    """The effect over seeds, and how many seeds were lost and are still waiting."""
    code = codes(asked.terms, {arm: levels[arm] for arm in asked.arms or levels})
    values = by_seed(code, cells.scores)
    magnitude = max((abs(cells.scores[arm][seed]) for arm in code for seed in values), default=0.0)
    ended = frozenset.intersection(*(cells.ended[arm] for arm in code)) if code else frozenset()
    return over_seeds(values, magnitude), len(ended - set(values)), len(cells.seeds - ended)


def _judged(measured: Sequence[tuple[Asked, Paired, int, int]], structure: Structure, rules: Rules) -> list[Effect]:
    """One family of effects."""
    shares = structure.shares or {}
    judgements = judge([pairs for _, pairs, _, _ in measured], rules)
    return [
        Effect(asked, pairs, judgement, lost, waiting, shares.get(tuple(term[0] for term in asked.terms), ()))
        for (asked, pairs, lost, waiting), judgement in zip(measured, judgements, strict=True)
    ]


def _disagreements(mains: Sequence[Effect], rules: Rules) -> list[Interaction]:
    """Of each factor, whether its differences beside the two baselines agree."""
    both = list(zip(mains[::2], mains[1::2], strict=True))
    pairs = [compare(far.paired.differences, near.paired.differences) for near, far in both]
    return [
        Interaction(
            Effect(
                Asked(near.asked.terms),
                each,
                judgement,
                max(near.lost, far.lost),
                max(near.waiting, far.waiting),
                (),
            ),
            near,
            far,
        )
        for (near, far), each, judgement in zip(both, pairs, judge(pairs, rules), strict=True)
    ]
