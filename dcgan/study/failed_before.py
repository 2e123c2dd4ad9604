"""Which trials of a study failed, a line each: those that `dcgan sweep STUDY --again failed` asks for again."""

from __future__ import annotations

from dcgan.common.errors import Misuse
from dcgan.study.plan import Plan
from dcgan.study.plan_difference import check_recipes
from dcgan.study.status import Overview


def failed_before(plan: Plan) -> list[str]:
    """A line for each failed trial of the plan. Raises Misuse where none failed, and for an earlier version's runs."""
    check_recipes(plan)
    standing = Overview(plan).look()
    plan = standing.plan
    failed = [
        f"again: {plan.label(trial.arm)}, seed {trial.seed}, which failed: {record.failure or 'no reason was recorded'}"
        for trial in plan.trials
        if (record := standing.outcomes.get(trial.run)) is not None and record.status == "failed"
    ]
    if not failed:
        raise Misuse(f"--again failed: no trial of study '{plan.study}' failed ({standing.line()})")
    return failed
