"""WandbRun: a run in W&B, live or from its directory, with nothing in it that names a machine, a person or a folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from dcgan.common import paths
from dcgan.common.agent_words import under_agent
from dcgan.common.messages import message
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import RunDirectory
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import RunHeader
from dcgan.tracking.private_places import without_places
from dcgan.tracking.rows import GRID, IMAGES, Row
from dcgan.tracking.wandb_artifacts import log_run

INIT_SECONDS = 15.0  # that W&B may take to begin a run, in the background
_FINISH_SECONDS = 60.0  # that it may take to send the rest of one, in the background
_DELETED = "previously created and deleted"  # W&B's words for an id that it does not take a second time
_TRIES = 9  # ids that are tried for a run that was deleted there again and again

_told: set[str] = set()  # addresses of projects that this process named


class WandbOpening:
    """A run of that header, in the mode that the user set; see `dcgan.tracking.mirror.Opening`."""

    name = "W&B"

    def __init__(self, header: RunHeader, later: str) -> None:
        self._header = header
        self._stopped = False
        self.later = later

    def open(self) -> WandbRun | None:
        """The run, as it was set up by the user; None if W&B is not used."""
        mode = wandb_settings.check()
        return None if mode == "disabled" else open_run(self._header, mode, self._stop)

    def _stop(self) -> None:
        self._stopped = True

    def stopped(self) -> str | None:
        """By the button in W&B, or by the early termination of a sweep."""
        return "stopped in W&B" if self._stopped else None

    def abandon(self) -> None:
        """Ends W&B's own process, which would go on trying for a while. What it wrote below wandb/ is kept."""
        import wandb

        with contextlib.suppress(AttributeError):  # private: there is no other way to it
            connection: Any = wandb.setup()._connection
            connection._finalizer._queue.put(None)  # its thread would complain
            connection._finalizer._thread.join(1.0)
            connection._proc._process.kill()
            connection._proc = None  # or the end of this process would wait for its answer


class WandbRun:
    """A run in W&B; see `dcgan.tracking.tracker.Tracker`. Its step is the images seen."""

    def __init__(self, run: Any, directory: RunDirectory) -> None:
        self.run = run  # W&B's own; it has no types
        self._directory = directory

    @property
    def next_images(self) -> int:
        """What a run that is resumed has not got yet."""
        return int(self.run.starting_step)

    def log(self, row: Row) -> None:
        """One line of W&B's history.

        W&B shows the last line as the run's own: of the untrained generator's scores it does not.
        """
        import wandb

        grid = {} if row.grid is None else {GRID: wandb.Image(str(row.grid))}
        untrained = row.images == 0
        self.run.log({IMAGES: row.images, **row.values, **grid}, step=row.images, commit=untrained or None)
        if untrained and (scored := [name for name in row.values if "/" in name]):
            self.run.summary.update(dict.fromkeys(scored))

    def end(self, record: RunRecord) -> None:
        """The summary, the artifacts, and the run's state there: failed where it came to no scores here."""
        self.run.summary.update(summary(record, self._directory.experiment().data.folder))
        with tempfile.TemporaryDirectory() as copies:
            if not self.run.offline and record.status != "running":
                log_run(self.run, self._directory, Path(copies))
                self.run.summary["artifacts"] = True
            self.run.finish(exit_code=1 if record.status in {"failed", "diverged", "running"} else 0)


def open_run(
    header: RunHeader, mode: wandb_settings.Mode, stop: Callable[[], None] | None = None, run_id: str | None = None
) -> WandbRun:
    """Begins or resumes that run, under its own id or `run_id`. Raises W&B's errors.

    Under an agent it is the run that the agent handed out. A run that was deleted there gets another id.
    """
    return WandbRun(_begun(header, mode, stop, run_id), RunDirectory(paths.runs() / header.id))


def _begun(header: RunHeader, mode: wandb_settings.Mode, stop: Callable[[], None] | None, run_id: str | None) -> Any:
    import wandb

    wandb.setup(wandb.Settings(silent=True))
    user = wandb_settings.user_settings()
    settings = _settings(wandb, header, user.model_fields_set, stop)
    Path(settings.root_dir).mkdir(parents=True, exist_ok=True)
    tries = 1 if run_id or under_agent() else _TRIES
    for number in range(1, tries + 1):
        try:
            run = wandb.init(
                mode=mode,
                id=run_id or _id(header, number),
                resume=user.resume or ("allow" if mode == "online" and not under_agent() else None),
                tags=[*(user.run_tags or ()), *header.tags],
                config=dict(header.config),
                reinit="create_new",
                settings=settings,
            )
            break
        except wandb.Error as error:
            if _DELETED not in str(error) or number == tries:
                raise
    if run.offline:
        _supersede(Path(run.dir).parent, run.id)
    run.define_metric(IMAGES)
    run.define_metric("*", step_metric=IMAGES)
    _tell(run)
    return run


def _id(header: RunHeader, number: int) -> str | None:
    if under_agent():
        return None  # W&B reads the agent's from the environment
    return header.id if number == 1 else f"{header.id}-{number}"


def _settings(wandb: Any, header: RunHeader, given: Collection[str], stop: Callable[[], None] | None) -> Any:
    """The run's names and place, and nothing of what W&B would record of the machine: command line, host, user,
    folders, the repository's address; all as far as the user did not set it otherwise."""
    ours = {
        "project": header.project,
        "run_group": header.group,
        "run_job_type": header.job_type,
        "run_name": header.name,
        "root_dir": str(paths.home()),
        "init_timeout": INIT_SECONDS,
        "finish_timeout": _FINISH_SECONDS,
        "silent": True,
        "console": "off",
        "disable_git": True,
        "save_code": False,
        "x_disable_meta": True,
        "host": "-",
        "program": "dcgan",
    }
    usual = {name: value for name, value in ours.items() if name not in given}
    return wandb.Settings(**usual, allow_val_change=True, stop_fn=stop or (lambda: None))


def _supersede(folder: Path, run_id: str) -> None:
    """Marks what an interrupted run left before as synced: the new folder holds the whole history, and `wandb sync` of
    both would send its first part twice."""
    for earlier in folder.parent.glob(f"offline-run-*-{run_id}"):
        if earlier != folder:
            (earlier / f"run-{run_id}.wandb.synced").touch()


def _tell(run: Any) -> None:
    """Where the runs are to be seen, once a project."""
    folder = Path(run.dir).parent.parent
    where = f"W&B, offline: {folder} (later: wandb sync {folder})" if run.offline else f"W&B: {run.project_url}"
    if where not in _told:
        _told.add(where)
        message(where)


def summary(record: RunRecord, folder: str | None = None) -> dict[str, Any]:
    """The final scores under their own names, the best of the curve as `best/NAME`, and how the run came out.

    `folder`: where its images lie, which nobody needs to know.
    """
    names = ("status", "seconds", "scoring_seconds", "images", "images_per_second", "attempts", "digest")
    best = {} if record.curve is None else record.curve.get("best", {})
    return {
        **{name: getattr(record, name) for name in names},
        "failure": None if record.failure is None else without_places(record.failure, folder),
        **record.scores,
        **{f"best/{name}": value for name, value in best.items()},
        **{f"protocol/{name}": value for name, value in record.protocol.items()},
        "record": fingerprint(record),
    }


def fingerprint(record: RunRecord) -> str:
    """By which it is known later whether W&B has a run as it stands."""
    return hashlib.sha256(json.dumps(record.to_json(), sort_keys=True).encode()).hexdigest()[:16]
