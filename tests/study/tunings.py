"""Plans of tunings, and runs of theirs as if they had been trained."""

from __future__ import annotations

import json
from typing import Any

from dcgan.common import paths
from dcgan.common.overrides import flatten
from dcgan.study import plan as planning
from dcgan.study.plan import Plan, Trial
from dcgan.study.stages import tuning_stage
from dcgan.sweeps import candidates, sweep

G, D = "optimizer.generator.lr", "optimizer.discriminator.lr"
TUNE = {"paths": [G, D], "trials": 4}


def tuning(path: str, **changes: Any) -> Plan:
    """The plan of the tuning of a sweep file."""
    return planning.make(tuning_stage.search(sweep.load(path, changes)))


def end(trial: Trial, fid: float | None, metric: str = "fid") -> None:
    """As if the trial had been run; without a score it diverged."""
    folder = paths.runs() / trial.run
    folder.mkdir(parents=True, exist_ok=True)
    status = "diverged" if fid is None else "finished"
    record = {"id": trial.run, "status": status, "seed": trial.seed, "attempts": 1, "seconds": 2.0, "images": 200}
    scores = {} if fid is None else {metric: fid}
    (folder / "run.json").write_text(json.dumps({**record, "scores": scores, "failure": None}))


def end_all(plan: Plan, fids: dict[str, float | None], metric: str = "fid") -> None:
    """As if all had been run to these scores by arm, else to 100."""
    for trial in plan.trials:
        end(trial, fids.get(trial.arm, 100.0), metric)


def settings_by_arm(plan: Plan, path: str) -> dict[str, list[float]]:
    """The values of a path by arm, in the order of the candidates."""
    by_arm: dict[str, list[float]] = {}
    experiments = {trial.arm: trial.experiment for trial in plan.trials}
    for arm in plan.arms:
        value = flatten(experiments[arm.name].model_dump())[path]
        by_arm.setdefault(candidates.arm_of(arm.name), []).append(value)
    return by_arm
