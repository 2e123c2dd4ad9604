"""What of the runs there are is needed no more, and freeing the disk of it.

A run that is trained is never touched: what is removed is removed under the run's lock, after a second look.
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dcgan.common.errors import DcganError
from dcgan.common.files import cannot, locked
from dcgan.records import run_record
from dcgan.runs.directory import LOCK
from dcgan.runs.inventory import KeptRun, planned_runs, size_of

RULE = (
    "checkpoints of finished runs, whose generators are kept beside them; what killed processes left half-written; and "
    "whole runs that failed and belong to no study. Scores, samples, generators and reports stay"
)


@dataclass(frozen=True)
class Removal:
    """A file of a run, or its whole folder, that is needed no more, and why; `size` in bytes."""

    run: KeptRun
    path: Path
    why: str
    size: int


def removable(runs: Iterable[KeptRun]) -> list[Removal]:
    """What `RULE` lets go of those runs."""
    return [removal for run in runs for removal in _of(run)]


def free(removals: Sequence[Removal], studies: Path) -> list[Removal]:
    """Removes them and returns those that are gone. A run that is trained meanwhile, or that has another record now,
    keeps everything, and so does one that a plan in `studies` has now. Raises DcganError for what cannot be removed,
    and for a plan that cannot be read."""
    planned = planned_runs(studies)
    if planned.unread:
        raise unknown_owners(planned.unread)
    gone = []
    for removal in removals:
        run = removal.run
        if not removal.path.exists() or (removal.path == run.folder and run.id in planned.belongs):
            continue
        with locked(run.folder / LOCK, wait=False) as mine:
            if mine and removal.path.exists() and run_record.read(run.folder) == run.record:
                _remove(removal.path)
                gone.append(removal)
    return gone


def unknown_owners(unread: Sequence[str]) -> DcganError:
    """The refusal to remove anything while there are plans that cannot be read."""
    return DcganError(f"{unread[0]}; until then it is not known which runs are needed")


def _of(run: KeptRun) -> Iterator[Removal]:
    if run.state == "failed" and not run.belongs:
        yield Removal(run, run.folder, "failed, of no study", run.size)
        return
    if run.state in {"running", "damaged"}:
        return
    checkpoint = run.directory.checkpoint
    if run.state == "finished" and run.directory.weights.exists() and checkpoint.exists():
        yield Removal(run, checkpoint, "checkpoint of a finished run", size_of(checkpoint))
    for whole in (checkpoint, run.directory.weights):
        for left in sorted(run.folder.glob(f".{whole.name}.*")):
            yield Removal(run, left, "half-written", size_of(left))


def _remove(path: Path) -> None:
    try:
        if path.is_dir() and not path.is_symlink():
            _remove_folder(path)
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise cannot("remove", path, error) from error


def _remove_folder(folder: Path) -> None:
    """Removes it, the lock that is held last: who takes one from then on has the folder for a new run."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != LOCK:
            path.unlink()
    (folder / LOCK).unlink()
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno != errno.ENOTEMPTY:
            raise
