"""Folders of runs that were not trained: their description, their record, and files of known sizes."""

from __future__ import annotations

from typing import Any

from dcgan.common import paths
from dcgan.experiment import Experiment
from dcgan.records import plan_file
from dcgan.records.plan_file import PlannedTrial, PlanRecord
from dcgan.runs.directory import RunDirectory
from tests.tiny import record


def keep_run(experiment: Experiment, *, checkpoint: int = 0, weights: int = 0, **values: Any) -> RunDirectory:
    """The folder of that run with such a record, and files of so many bytes."""
    directory = RunDirectory.of(experiment)
    directory.describe(experiment)
    own = {"id": experiment.id, "name": experiment.name, "seed": experiment.seed, "scores": {"fid": 50.0}}
    directory.write_record(record(**{**own, **values}))
    for file, size in ((directory.checkpoint, checkpoint), (directory.weights, weights)):
        if size:
            file.write_bytes(bytes(size))
    return directory


def plan_of(study: str, **arms: RunDirectory) -> None:
    """The plan of a study in which each arm is that run, with seed 0; the first is its baseline."""
    trials = tuple(PlannedTrial(arm, 0, directory.path.name) for arm, directory in arms.items())
    plan = PlanRecord(study=study, baseline=next(iter(arms)), arms={arm: {} for arm in arms}, trials=trials)
    plan_file.write(paths.studies() / study, plan)
