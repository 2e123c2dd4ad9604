"""What a report speaks of: every tip from off to on, whatever side its arm shows it from.

An arm that is the baseline without a tip is turned round: its comparison says what the tip does. Levels of a plain
setting are told against the baseline's level, and an arm that differs in several settings by its own name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from dcgan.common.metrics import Goal
from dcgan.comparison.comparisons import ArmSummary, Comparison
from dcgan.statistics.paired import OPPOSITE, Paired, Verdict
from dcgan.statistics.verdicts import Estimate, Judgement

OFF, ON = "off", "on"


@dataclass(frozen=True)
class TipEffect:
    """Runs `with_it` against runs `without`: what the tip `factor` at `level` comes to, against the level `instead`.

    `factor` is the path of a setting where that is varied, and the arm's name, without levels, where some arm differs
    in several from the baseline. `estimate`, `paired`, `judgement` and `cost` are those of the arm's comparison, turned
    round where that arm is the one without it.
    """

    factor: str
    level: str
    instead: str
    comparison: Comparison
    turned: bool
    with_it: ArmSummary
    without: ArmSummary
    estimate: Estimate
    paired: Paired
    judgement: Judgement
    cost: float | None

    @property
    def label(self) -> str:
        """`batch_norm`, `optimizer.generator.kind=sgd`, or the arm's name."""
        return self.factor if self.level in (ON, "") else f"{self.factor}={self.level}"

    @property
    def is_tip(self) -> bool:
        """Whether it is something that is on or off."""
        return ON in (self.level, self.instead) or OFF in (self.level, self.instead)

    @property
    def arm(self) -> str:
        """The arm whose comparison with the baseline it is."""
        return self.comparison.arm.arm

    @property
    def arm_label(self) -> str:
        """That arm by what sets it apart: `batch_norm off`, `optimizer.generator.kind sgd`, or its name."""
        return f"{self.factor} {self.instead if self.turned else self.level}".strip()

    @property
    def verdict(self) -> Verdict:
        """What it comes to."""
        return self.judgement.verdict


def tip_effects(
    comparisons: Sequence[Comparison], baseline: ArmSummary, levels: Mapping[str, Mapping[str, str]], goal: Goal
) -> tuple[TipEffect, ...]:
    """Of every comparison with the baseline, the most helpful first and those without a difference last.

    `levels` maps arm -> factor -> level.
    """
    changed = [changed_factor(levels, comparison.arm.arm, baseline.arm) for comparison in comparisons]
    if not all(changed):  # where one arm differs in several factors, all are told by their names
        changed = [None] * len(changed)
    effects = [_tip_effect(comparison, baseline, one) for comparison, one in zip(comparisons, changed, strict=True)]
    return tuple(sorted(effects, key=lambda each: helpfulness(each.estimate.effect, goal)))


def helpfulness(effect: float | None, goal: Goal) -> float:
    """What effects are put in order by, the most helpful first; infinity where there is none."""
    if effect is None:
        return float("inf")
    return effect if goal == "minimize" else -effect


def changed_factor(levels: Mapping[str, Mapping[str, str]], arm: str, baseline: str) -> tuple[str, str, str] | None:
    """The one factor in which an arm differs from the baseline, with both levels (the baseline's first); else None."""
    if arm not in levels or baseline not in levels:
        return None
    here, there = levels[arm], levels[baseline]
    changed = [name for name in here if here[name] != there.get(name)]
    return (changed[0], str(there.get(changed[0])), str(here[changed[0]])) if len(changed) == 1 else None


def _tip_effect(comparison: Comparison, baseline: ArmSummary, changed: tuple[str, str, str] | None) -> TipEffect:
    factor, instead, level = changed or (comparison.arm.arm, "", "")
    effect = TipEffect(
        factor=factor,
        level=level,
        instead=instead,
        comparison=comparison,
        turned=False,
        with_it=comparison.arm,
        without=baseline,
        estimate=comparison.estimate,
        paired=comparison.paired,
        judgement=comparison.judgement,
        cost=comparison.cost,
    )
    return _turned(effect) if level == OFF else effect


def _turned(effect: TipEffect) -> TipEffect:
    """The same seen from the other side."""
    judgement = effect.judgement
    return replace(
        effect,
        level=effect.instead,
        instead=effect.level,
        turned=True,
        with_it=effect.without,
        without=effect.with_it,
        estimate=effect.estimate.turned(),
        paired=effect.paired.turned(),
        judgement=replace(judgement, verdict=OPPOSITE.get(judgement.verdict, judgement.verdict)),
        cost=None if effect.cost is None else -effect.cost / (1.0 + effect.cost),
    )
