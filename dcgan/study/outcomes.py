"""How a trial ended, read from its run directory: the truth, whatever the queue says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dcgan.common.errors import DcganError
from dcgan.study.plan import Plan, Trial

# run.json, or what can be said in its place: at least `status`, with `failure` where there is one.
Outcome = Mapping[str, Any]


def outcome_of(trial: Trial) -> Outcome | None:
    """The record of a trial's run; None if it never began. A damaged record is a failure that says so."""
    try:
        return trial.directory.record()
    except DcganError as error:
        return {"status": "failed", "failure": str(error)}


def outcomes(plan: Plan) -> dict[str, Outcome]:
    """The record of every run of the plan that was begun, by run id."""
    found = {trial.run: outcome_of(trial) for trial in plan.trials}
    return {run: outcome for run, outcome in found.items() if outcome is not None}


def metric_of(outcome: Outcome, metric: str) -> float | None:
    """The final score of that name of a finished run."""
    value = (outcome.get("scores") or {}).get(metric)
    return None if value is None or outcome["status"] != "finished" else float(value)
