"""Sample grids beside Optuna's trials: its dashboard is shown a queue in which each trial has its run's grids as
artifacts. They are the files in the run directories. Nothing is copied, and nothing of it is written into the queue."""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from optuna.artifacts import ArtifactMeta
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState

from dcgan.common import regular_files
from dcgan.dashboards.followed_study import FollowedRun, FollowedStudy, Look
from dcgan.queue.search_entries import arm_name, combination_of

_PREFIX = "artifacts:"  # of the attributes in which Optuna keeps what is attached to a trial
_QUEUES_OWN = {"entry", "owner"}  # attributes by which the queue knows its workers, by machine and process
_MOST = 8  # grids of one run that are shown: the first, the last, and some between


class GridFiles:
    """The grids as Optuna's artifact store, which is asked for the content of what is attached, by its id."""

    def __init__(self, followed: FollowedStudy) -> None:
        self._followed = followed

    def open_reader(self, artifact_id: str) -> BinaryIO:
        """The PNG of that grid. Raises ArtifactNotFound for one that is not there."""
        if (grid := self.look().grid(artifact_id)) is None:
            raise ArtifactNotFound(f"no sample grid {artifact_id}")
        return _opened(grid)

    def write(self, artifact_id: str, content_body: BinaryIO) -> None:
        """Nothing else is attached here. Raises OSError."""
        raise PermissionError("only the sample grids of the runs are shown here")

    def remove(self, artifact_id: str) -> None:
        """Grids stay in their run directories, whoever deletes what in the dashboard."""

    def look(self) -> Look:
        """The study now: taken once for all trials that are asked for together."""
        return self._followed.look()


def with_grids(storage: BaseStorage, grids: GridFiles) -> BaseStorage:
    """The storage as Optuna's dashboard is to see it: with the grids, and without what only the queue needs.

    What is done in the dashboard still happens in the storage.
    """

    def shown(trial: FrozenTrial, look: Look) -> FrozenTrial:
        it = copy.copy(trial)
        it.user_attrs = {name: value for name, value in trial.user_attrs.items() if name not in _QUEUES_OWN}
        it.system_attrs = {**trial.system_attrs, **_attached(trial, look)}
        return it

    def get_trial(self: BaseStorage, trial_id: int) -> FrozenTrial:
        return shown(storage.get_trial(trial_id), grids.look())

    def get_all_trials(
        self: BaseStorage, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        look = grids.look()
        return [shown(trial, look) for trial in storage.get_all_trials(study_id, deepcopy=deepcopy, states=states)]

    passed: Mapping[str, Callable[..., Any]] = {
        name: _passed(getattr(storage, name)) for name in BaseStorage.__abstractmethods__
    }
    made = type(
        "StorageWithGrids", (BaseStorage,), {**passed, "get_trial": get_trial, "get_all_trials": get_all_trials}
    )
    seen: BaseStorage = made()
    return seen


def _attached(trial: FrozenTrial, look: Look) -> dict[str, str]:
    """The attributes that attach its grids to a trial of a plan, or of a search, whose trials have several runs."""
    if name := trial.user_attrs.get("run"):
        runs: Sequence[FollowedRun] = [look.by_id[name]] if name in look.by_id else []
    else:
        runs = look.by_arm.get(arm_name(combination_of(trial)), [])
    found = {}
    for run in runs:
        digits = len(str(max(run.grids, default=0)))  # the dashboard sorts by name
        for images in _some(run.grids):
            named = f"seed {run.trial.seed}, {images:0{digits}d} images.png"
            meta = ArtifactMeta(run.grid_id(images), named, "image/png", None)
            found[_PREFIX + meta.artifact_id] = json.dumps(asdict(meta))
    return found


def _passed(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that calls that one of another object."""
    return lambda self, *args, **kwargs: method(*args, **kwargs)


def _some(grids: Mapping[int, Path]) -> dict[int, Path]:
    """At most so many of them, evenly spread, the last always among them."""
    every = max(1, -(-len(grids) // _MOST))
    return dict(sorted(list(grids.items())[::-1][::every]))


def _opened(grid: Path) -> BinaryIO:
    try:
        return io.BytesIO(regular_files.read(grid, regular_files.MOST_OF_A_PICTURE))
    except OSError as error:
        raise ArtifactNotFound(str(error)) from error
