"""The runs of a project in W&B as plain values, from its public API: whoever logged them, and within a bounded time."""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dcgan.common.bounded import within
from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.messages import message
from dcgan.tracking import wandb_settings
from dcgan.tracking.asking_wandb import ANSWER_SECONDS, is_not_there, told

PREFIX = "wandb:"
_QUIET_SECONDS = 5.0  # after which a reader is told how far it is
_PAGE = 200  # runs an answer


@dataclass(frozen=True)
class Project:
    """Where runs are: `ENTITY/NAME`; `study`: only those of that study of ours."""

    entity: str
    name: str
    study: str | None = None

    def __str__(self) -> str:
        return f"{self.entity}/{self.name}"

    @classmethod
    def parse(cls, source: str) -> Project:
        """`wandb:ENTITY/PROJECT` or `wandb:ENTITY/PROJECT/STUDY`. Raises Misuse."""
        parts = source.removeprefix(PREFIX).strip("/").split("/")
        if not 2 <= len(parts) <= 3 or not all(part.strip() and part.isprintable() for part in parts):
            raise Misuse(
                f"{source}: expected {PREFIX}ENTITY/PROJECT, or {PREFIX}ENTITY/PROJECT/STUDY for one study of it"
            )
        return cls(*parts)


@dataclass(frozen=True)
class LoggedRun:
    """One run as W&B has it. `state` is W&B's (finished, crashed, running, ...), `config` and `summary` are as they
    were logged, without W&B's own keys."""

    id: str
    name: str
    state: str
    group: str
    job_type: str
    tags: tuple[str, ...]
    sweep: str
    created: str  # ISO 8601, UTC
    config: Mapping[str, Any]
    summary: Mapping[str, Any]

    @property
    def seconds(self) -> float | None:
        """How long W&B saw it run."""
        own = self.summary.get("_wandb")
        value = own.get("runtime") if isinstance(own, Mapping) else self.summary.get("_runtime")
        return float(value) if isinstance(value, int | float) else None


def read(project: Project) -> list[LoggedRun]:
    """All runs of a project, the oldest first.

    Raises DcganError in one line if nobody is logged in, if the server does not answer, refuses the key or the project,
    and if there is no such project or no run in it.
    """
    if not wandb_settings.logged_in():
        raise DcganError(f"{PREFIX}{project}: not logged in to W&B: run `wandb login`, or set WANDB_API_KEY")
    try:
        runs = listed(str(project))
    except Exception as error:  # W&B raises what its parts happen to raise
        if is_not_there(error):
            raise Misuse(f"W&B has no project {project} that this login may read{_closest(project)}") from error
        raise told(error, f"{project} was not read") from error
    if not runs:
        raise DcganError(f"{project} has no runs in W&B: nothing to report on")
    return runs


def listed(path: str) -> list[LoggedRun]:
    """The runs of ENTITY/PROJECT, page by page, the oldest first. Raises what W&B raises, TimeoutError too."""
    importlib.import_module("wandb.apis.public")  # takes seconds, of this machine and not of the server
    started = last = time.monotonic()
    found: list[LoggedRun] = []
    with wandb_settings.silently():
        runs = within(ANSWER_SECONDS, lambda: _api().runs(path, per_page=_PAGE, lazy=False))
        total = within(ANSWER_SECONDS, lambda: len(runs))
        while len(found) < total:
            page = within(ANSWER_SECONDS, partial(_page, runs, len(found)))
            if not page:  # runs were deleted meanwhile
                break
            found += page
            if time.monotonic() - last > _QUIET_SECONDS:
                last = time.monotonic()
                message(f"W&B: {len(found)} of {total} runs of {path} read in {last - started:.0f} s")
    return found


def _page(runs: Any, start: int) -> list[LoggedRun]:
    return [_plain(run) for run in runs[start : start + _PAGE]]


def _api() -> Any:
    import wandb

    return wandb.Api(timeout=int(ANSWER_SECONDS))


def _plain(run: Any) -> LoggedRun:
    return LoggedRun(
        id=run.id,
        name=run.name or run.id,
        state=run.state,
        group=run.group or "",
        job_type=run.job_type or "",
        tags=tuple(run.tags or ()),
        sweep=run.sweep_name or "",
        created=run.created_at,
        config=dict(run.config),
        summary=dict(run.summary_metrics),
    )


def _closest(project: Project) -> str:
    """The closest of the entity's projects, or of the entities of this login, as far as W&B lists them."""
    try:
        names = within(ANSWER_SECONDS, lambda: [each.name for each in _api().projects(project.entity)])
    except Exception:  # the entity is not there, or not to be seen: that is what is being told
        names = []
    if names:
        return did_you_mean(project.name, names)
    try:
        viewer = within(ANSWER_SECONDS, lambda: _api().viewer)
        entities = list(dict.fromkeys([viewer.entity, *viewer.teams]))
    except Exception:
        return ""
    return "" if project.entity in entities else did_you_mean(project.entity, entities)
