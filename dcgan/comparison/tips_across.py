"""Tips across studies: which effect of one study is of the same tip as which of another, and whether they agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

from dcgan.common.metrics import Goal
from dcgan.comparison.analysis import Analysis
from dcgan.comparison.tip_effects import OFF, ON, TipEffect
from dcgan.statistics.meta_analysis import PooledEffect
from dcgan.statistics.paired import OPPOSITE, Verdict
from dcgan.statistics.verdicts import Estimate

Consensus = Literal[
    "disagree",
    "helps in all",
    "helps in some",
    "open",
    "no effect in all",
    "hurts in some",
    "hurts in all",
    "one study",
]


class TipKey(NamedTuple):
    """What is compared, whatever a study calls it; `settings` of an arm that differs in several from the baseline."""

    factor: str
    instead: str
    level: str
    settings: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class StudyEffect:
    """What one study shows of a tip, from off to on, on the common scale; the verdict is that of its own report."""

    estimate: Estimate
    verdict: Verdict

    def turned(self) -> StudyEffect:
        """The effect of the opposite change."""
        return StudyEffect(self.estimate.turned(), OPPOSITE.get(self.verdict, self.verdict))


@dataclass(frozen=True)
class TipAcross:
    """A tip across studies. `effects`: by the names of those that have it, in their order.

    `pooled` with its `verdict`, its p adjusted for all pooled tips and the studies' `weights`; None, with the reason in
    `unpooled`, where effects are not put together.
    """

    key: TipKey
    label: str
    effects: Mapping[str, StudyEffect]
    pooled: PooledEffect | None = None
    p_adjusted: float | None = None
    verdict: Verdict | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    unpooled: str = ""

    @property
    def consensus(self) -> Consensus:
        """What the studies' own verdicts come to."""
        verdicts = [effect.verdict for effect in self.effects.values()]
        if len(verdicts) == 1:
            return "one study"
        helps, hurts = "helps" in verdicts, "hurts" in verdicts
        if helps and hurts:
            return "disagree"
        same = len(set(verdicts)) == 1
        if helps:
            return "helps in all" if same else "helps in some"
        if hurts:
            return "hurts in all" if same else "hurts in some"
        return "no effect in all" if same and verdicts[0] == "no effect" else "open"

    def signs(self, goal: Goal) -> tuple[int, int]:
        """In how many studies the metric is better with it, and in how many worse, settled or not."""
        better = -1.0 if goal == "minimize" else 1.0
        known = [better * each.estimate.effect for each in self.effects.values() if each.estimate.effect is not None]
        return sum(effect > 0 for effect in known), sum(effect < 0 for effect in known)


def side_by_side(analyses: Mapping[str, Analysis]) -> list[TipAcross]:
    """Every tip with what each study shows of it. Arms of tables count as the tips that studies have them for."""
    tips: dict[TipKey, TipAcross] = {}
    known = _known_arms(analyses.values())
    for name, analysis in analyses.items():
        for key, label, effect in _effects(analysis, known):
            tip = tips.setdefault(key, TipAcross(key, label, {}))
            tips[key] = replace(tip, effects={**tip.effects, name: effect})
    return list(tips.values())


def _known_arms(analyses: Iterable[Analysis]) -> dict[str, tuple[TipKey, str, bool]]:
    """What the arms of studies stand for: by an arm's name its tip, the tip's name, and whether it is the arm without.

    A name that stands for one thing in one study and for another in the next stands for none.
    """
    known: dict[str, tuple[TipKey, str, bool]] = {}
    unclear = set()
    for analysis in analyses:
        for tip in analysis.tips if not analysis.effects else ():
            if tip.level:
                for name, turned in {tip.arm: tip.turned, tip.label: False}.items():
                    meaning = (TipKey(tip.factor, tip.instead, tip.level), tip.label, turned)
                    if known.setdefault(name, meaning) != meaning:
                        unclear.add(name)
    return {name: meaning for name, meaning in known.items() if name not in unclear}


def _effects(
    analysis: Analysis, known: Mapping[str, tuple[TipKey, str, bool]]
) -> Iterator[tuple[TipKey, str, StudyEffect]]:
    """The tips of a study: the main effects of a design, beside its first baseline if there are two, else its arms."""
    if analysis.effects:
        beside = analysis.effects.mains[0].effect.beside if analysis.effects.mains else ""
        for main in analysis.effects.mains:
            factor, low, high = main.effect.terms[0]
            if main.effect.beside == beside:
                label = factor if (low, high) == (OFF, ON) else f"{factor}={high}"
                yield TipKey(factor, low, high), label, StudyEffect(main.estimate, main.judgement.verdict)
        return
    for tip in analysis.tips:
        effect = StudyEffect(tip.estimate, tip.verdict)
        if tip.level:
            yield TipKey(tip.factor, tip.instead, tip.level), tip.label, effect
        elif tip.arm in known and not analysis.results.levels:
            key, label, turned = known[tip.arm]
            yield key, label, effect.turned() if turned else effect
        else:
            yield TipKey(tip.factor, "", "", _settings(analysis, tip)), tip.label, effect


def _settings(analysis: Analysis, tip: TipEffect) -> tuple[tuple[str, str, str], ...]:
    """In what an arm of a study differs from the baseline: two searches have an arm `s005` each, and not the same."""
    levels = analysis.results.levels
    here, there = levels.get(tip.arm, {}), levels.get(analysis.baseline.arm, {})
    return tuple((name, str(there.get(name)), str(here[name])) for name in here if here[name] != there.get(name))
