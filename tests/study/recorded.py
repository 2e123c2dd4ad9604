"""Plans of tiny sweeps, and runs of theirs as if they had been trained."""

from __future__ import annotations

import json
import random
from typing import Any

from dcgan.common import paths
from dcgan.runs.directory import RunDirectory
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep
from tests.tiny import record

STOP = {"when": "decided", "at_most": 8, "every": 2}
LEVELS = {"bare": 100.0, "batch_norm": 40.0, "he_init": 100.0}


def plan_of(path: str, **changes: Any) -> Plan:
    """The plan of a sweep file; in the names of keys `__` stands for a dot."""
    return planning.make(sweep.load(path, {key.replace("__", "."): value for key, value in changes.items()}))


def stored_plan(write_sweep: Any, **changes: Any) -> Plan:
    """A written plan of two arms."""
    plan = planning.make(sweep.load(write_sweep(factors=["batch_norm"]), changes))
    stored_plans.write(plan)
    return plan


def written_plan(write_sweep: Any, **keys: Any) -> Plan:
    """A written plan of a sweep file with these keys."""
    plan = planning.make(sweep.load(write_sweep(**keys)))
    stored_plans.write(plan)
    return plan


def begin(plan: Plan) -> None:
    """As if the first trial had been begun."""
    RunDirectory.of(plan.trials[0].experiment).describe(plan.trials[0].experiment)


def write_run(trial: Trial, **values: Any) -> RunDirectory:
    """A run's folder with a record of these values."""
    run = RunDirectory.of(trial.experiment)
    run.describe(trial.experiment)
    run.write_record(record(trial, **{"seconds": 1.0, "images": 0, **values}))
    return run


def end(trial: Trial, status: str = "finished", spread: float = 1.0) -> None:
    """As if the trial had been run; he_init differs from bare by chance alone."""
    chance = random.Random(f"{trial.arm} {trial.seed}").random() - 0.5
    fid = LEVELS[trial.arm] + 3 * trial.seed + spread * chance * (40 if trial.arm == "he_init" else 1)
    folder = paths.runs() / trial.run
    folder.mkdir(parents=True, exist_ok=True)
    record = {"id": trial.run, "status": status, "seed": trial.seed, "attempts": 1, "seconds": 2.0, "images": 200}
    scores = {"fid": fid} if status == "finished" else {}
    (folder / "run.json").write_text(json.dumps({**record, "scores": scores, "failure": None}))
