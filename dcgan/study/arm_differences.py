"""In which settings the arms of a plan differ, and what a user should know of their experiments."""

from __future__ import annotations

from dcgan.common.overrides import flatten
from dcgan.study.plan import Plan
from dcgan.sweeps.designs import level_text


def differences(plan: Plan, arm: str) -> list[str]:
    """`key=value` for each key in which an arm's experiment differs from the baseline's."""
    own, baseline = (flatten(plan.experiments[name].model_dump(mode="json")) for name in (arm, plan.baseline))
    return [f"{key}={level_text(value)}" for key, value in own.items() if baseline.get(key) != value]


def set_in_every_arm(plan: Plan) -> list[str]:
    """`key=value` for each key that tips which are no factors change in every arm."""
    base = flatten(plan.base.model_dump(mode="json"))
    varied = {change.partition("=")[0] for arm in plan.arms for change in differences(plan, arm.name)}
    return [
        f"{key}={level_text(value)}" for key, value in plan.held.items() if base[key] != value and key not in varied
    ]


def remarks(plan: Plan) -> list[str]:
    """The notes on the arms' experiments, each once, with the arms that it is true of."""
    arms: dict[str, list[str]] = {}
    for arm, experiment in plan.experiments.items():
        for remark in experiment.notes():
            arms.setdefault(remark, []).append(arm)
    where = {
        remark: "every arm" if len(names) == len(plan.arms) else ", ".join(names) for remark, names in arms.items()
    }
    return [f"note ({where[remark]}): {remark}" for remark in arms]
