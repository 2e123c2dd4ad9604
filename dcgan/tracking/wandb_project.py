"""The runs of a project in W&B as plain values, from its public API: whoever logged them, and within a bounded time."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from dcgan.common.bounded import within
from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.messages import message
from dcgan.tracking import wandb_settings

PREFIX = "wandb:"
ANSWER_SECONDS = 15.0  # that each answer may take: W&B's own limits add up to minutes
_QUIET_SECONDS = 5.0  # after which a reader is told how far it is
_PAGE = 200  # runs an answer

_NO_ANSWER = ("did not respond in time", "timed out", "deadline exceeded", "connection refused", "no such host",
              "http 5", "error 5", "unreachable", "giving up")  # fmt: skip
_REFUSED_KEY = ("user is not logged in", "401", "relogin")
_NOT_ALLOWED = ("permission denied", "403", "forbidden")
_NOT_THERE = ("could not find project", "404", "not found")


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
    with wandb_settings.silently():
        try:
            runs = _read(project)
        except Exception as error:  # W&B raises what its parts happen to raise
            raise _told(error, project) from error
    if not runs:
        raise DcganError(f"{project} has no runs in W&B: nothing to report on")
    return runs


def _read(project: Project) -> list[LoggedRun]:
    importlib.import_module("wandb.apis.public")  # takes seconds, of this machine and not of the server
    started = told = time.monotonic()
    runs = within(ANSWER_SECONDS, lambda: _api().runs(str(project), per_page=_PAGE, lazy=False))
    total = within(ANSWER_SECONDS, lambda: len(runs))
    found: list[LoggedRun] = []
    while len(found) < total:
        page = within(ANSWER_SECONDS, partial(_page, runs, len(found)))
        if not page:  # runs were deleted meanwhile
            break
        found += page
        if time.monotonic() - told > _QUIET_SECONDS:
            told = time.monotonic()
            message(f"W&B: {len(found)} of {total} runs of {project} read in {told - started:.0f} s")
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


def _told(error: Exception, project: Project) -> DcganError:
    """W&B's error as one line that says what was asked of whom, and what to do."""
    if isinstance(error, DcganError):
        return error
    words = " ".join(str(error).split())
    server = f"W&B's server ({wandb_settings.user_settings().base_url})"
    if isinstance(error, TimeoutError) or _says(words, _NO_ANSWER):
        return DcganError(f"{server} did not answer within {ANSWER_SECONDS:.0f} s: {project} was not read")
    if _says(words, _REFUSED_KEY):
        return DcganError(f"{server} does not take this key: run `wandb login --relogin`")
    if _says(words, _NOT_ALLOWED):
        return DcganError(f"W&B: this login may not read {project}: ask its owner, or log in as somebody who may")
    if _says(words, _NOT_THERE):
        return Misuse(f"W&B has no project {project} that this login may read{_closest(project)}")
    return DcganError(f"W&B: {words or type(error).__name__}: {project} was not read")


def _says(words: str, signs: Iterable[str]) -> bool:
    return any(sign in words.lower() for sign in signs)


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
