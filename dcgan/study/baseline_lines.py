"""What the baseline of a study is, and what was set for every arm, in a few lines: said before anything is trained."""

from __future__ import annotations

from typing import Any

from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.study.plan import Plan
from dcgan.sweeps.designs import OWN, level_text
from dcgan.sweeps.designs.factor import start_level
from dcgan.sweeps.factors import PathFactor, TipFactor
from dcgan.tips import TIPS

_MOST_ARMS = 3  # that are named in one line


def baseline_lines(plan: Plan) -> list[str]:
    """The baseline beside the experiment, then what happens to tips that the experiment has and to what was set."""
    return [_baseline(plan), *_present(plan), *_added(plan), *_typed(plan)]


def changes(plan: Plan) -> dict[str, Any]:
    """The dotted keys and values in which the baseline differs from the experiment with what was set."""
    own, base = _settings(plan.experiments[plan.baseline]), _settings(plan.base)
    return {key: value for key, value in own.items() if key != "seed" and base[key] != value}


def _baseline(plan: Plan) -> str:
    changed = _shown(changes(plan))
    how = f"but for {changed}" if changed else "as it is"
    given = {key: value for key, value in plan.sweep.set.items() if key not in plan.sweep.overruled}
    typed = f"; set for every arm: {_shown(given)}" if given else ""
    return f"start={plan.sweep.start}: the baseline is experiment '{plan.base.name}' {how}{typed}"


def _shown(settings: dict[str, Any]) -> str:
    """As they are typed: `augment.color=true, score.every_epochs=2`."""
    return ", ".join(f"{key}={level_text(value)}" for key, value in settings.items())


def _present(plan: Plan) -> list[str]:
    """A line for each listed tip that the experiment has already, where it is the baseline."""
    if start_level(plan.sweep.start) is not None:
        return []
    lines = []
    for given in plan.sweep.factors:
        if not isinstance(given, TipFactor) or given.levels:
            continue
        at = TIPS[given.tip].level_of(plan.base) or OWN
        if at in ("on", OWN):
            how = "on" if at == "on" else f"at none of its levels ({_own_settings(given.tip, plan.base)})"
            lines.append(f"{given.tip} is {how} in the experiment: it is compared with off")
        elif at != "off":
            levels = f"{{tip: {given.tip}, levels: [{at}, LEVEL]}}"
            lines.append(f"{given.tip} is at {at} in the experiment: it is compared with on; with another by {levels}")
    return lines


def _added(plan: Plan) -> list[str]:
    """A line for each factor that a design which takes what is listed away adds instead: its first level is `off`, or
    what the experiment has."""
    if not plan.design.switched_on:
        return []
    own, lines = _settings(plan.base), []
    factors = {factor.name: factor for factor in plan.factors}
    for given in plan.sweep.factors:
        factor = factors[given.name]
        if isinstance(given, TipFactor):
            at_first = given.levels and factor.start in ("off", TIPS[given.tip].level_of(plan.base))
        else:
            at_first = isinstance(given, PathFactor) and given.levels[0] == own[given.path]
        if at_first:
            adds = "this arm adds" if len(factor.others) == 1 else "these arms add"
            others = ", ".join(factor.others)
            lines.append(f"{factor.name} is {factor.start} in the baseline, its first level: {adds} {others}")
    return lines


def _own_settings(tip: str, base: Experiment) -> str:
    """`objective.penalty.weight=5.0 where on has 10.0`: in what an experiment differs from a tip's `on`."""
    own = _settings(base)
    return ", ".join(
        f"{key}={level_text(own[key])} where on has {level_text(value)}"
        for key, value in TIPS[tip].fragment("on", base).items()
        if own[key] != value
    )


def _typed(plan: Plan) -> list[str]:
    """What was set for every arm and is not so in one, or would be otherwise by the start."""
    arms = {arm.name: _settings(plan.experiments[arm.name]) for arm in plan.arms}
    lines = []
    for key, value in plan.sweep.set.items():
        base, text = _settings(plan.base).get(key), level_text(value)
        other = {arm: own[key] for arm, own in arms.items() if key in own and own[key] != base}
        if key in plan.sweep.overruled:
            lines.append(f"{key}={text} is set, but start={plan.sweep.start} changes it: so this study was planned")
        elif other and plan.tuned is None and plan.sweep.tuning_of is None:
            shown = ", ".join(f"{arm} has {level_text(changed)}" for arm, changed in list(other.items())[:_MOST_ARMS])
            shown += f" and {len(other) - _MOST_ARMS} more" if len(other) > _MOST_ARMS else ""
            lines.append(f"{key}={text} is set for every arm, and a factor varies it: {shown}")
        elif by_tip := next((factor.name for factor in plan.factors if key in factor.held), None):
            usual = level_text(TIPS[by_tip].fragment("on", plan.base)[key])
            lines.append(f"{key}={text} is set and holds in every arm, where {by_tip} has {usual}")
        elif (by_start := _of_the_start(plan, key)) not in (None, base):
            its = f"start={plan.sweep.start} has {level_text(by_start)}"
            lines.append(f"{key}={text} is set and holds in every arm, where {its}")
    return lines


def _of_the_start(plan: Plan, key: str) -> Any:
    """What the start has for a key by its tips that are no factors; None for nothing."""
    level, varied = start_level(plan.sweep.start), {factor.name for factor in plan.factors}
    if level is None:
        return None
    for name, tip in TIPS.items():
        if tip.common and name not in varied and key in (fragment := tip.fragment(level, plan.base)):
            return fragment[key]
    return None


def _settings(experiment: Experiment) -> dict[str, Any]:
    return flatten(experiment.model_dump(mode="json"))
