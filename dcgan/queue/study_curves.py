"""The curves of a study's runs for machines that do not share a folder: sent when a run is over, fetched when asked.

They are trials of an Optuna study of their own, `NAME:curves`, so that nobody who claims trials has to read them. Only
the tables and the last sample grid travel: checkpoint, weights and earlier grids stay where the run was made.
"""

from __future__ import annotations

import base64
import contextlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.common.files import locked, write_atomically
from dcgan.common.messages import say_once
from dcgan.queue.retry import RetryingStorage
from dcgan.queue.storage import find_or_create, open_storage
from dcgan.runs.directory import LOCK
from dcgan.study.plan import Plan, Trial

_SUFFIX = ":curves"  # a name that no study can have
_FILES = ("metrics.csv", "scores.csv", "samples/final.png")
_LARGEST = 1_000_000  # bytes of a file, packed: gRPC takes messages of four megabytes
_LARGEST_UNPACKED = 50_000_000  # bytes


class Curves:
    """The curves of a plan's study in a storage; None where all workers share the study's folder."""

    def __init__(self, plan: Plan, storage: RetryingStorage | None) -> None:
        self._plan = plan
        self._storage = storage

    def send(self, trial: Trial) -> None:
        """Puts what the trial's run directory has into the storage; a file that is too large stays here."""
        if self._storage is None:
            return
        files = {name: packed for name in _FILES if (packed := _packed(trial.directory.path / name))}
        entry = create_trial(state=TrialState.FAIL, user_attrs={"run": trial.run, "files": files})  # no result
        key = find_or_create(self._storage, self._plan.study + _SUFFIX, [StudyDirection.MINIMIZE])
        self._storage.call(lambda storage: storage.create_new_trial(key, entry))

    def fetch(self, trials: Iterable[Trial]) -> list[Trial]:
        """Writes the curves of those trials whose runs are over and have none here; returns those it found some for.

        A file that is damaged in the storage is told and left out: nobody has it but the machine that made it.
        """
        if self._storage is None:
            return []
        lacking = [trial for trial in trials if _lacks(trial)]
        stored = self._stored() if lacking else {}
        found = [trial for trial in lacking if trial.run in stored]
        for trial in found:
            directory = trial.directory
            with locked(directory.path / LOCK, wait=False) as free:
                for name in _FILES if free else ():
                    if name in stored[trial.run]:
                        self._write(stored[trial.run][name], directory.place(name))
        return found

    def _write(self, packed: str, file: Path) -> None:
        try:
            content = _unpacked(packed)
        except (ValueError, zlib.error):
            where = f"the storage's study '{self._plan.study}{_SUFFIX}'"
            say_once(f"note: {where} is damaged: {file.name} of run {file.parent.name} is left out")
            return
        write_atomically(file, lambda handle: handle.write(content))

    def _stored(self) -> Mapping[str, Mapping[str, str]]:
        """The files of each run, as they were sent last."""
        assert self._storage is not None  # noqa: S101 - for the type checker
        entries = self._storage.call(self._entries)
        return {entry["run"]: entry["files"] for entry in entries if {"run", "files"} <= entry.keys()}

    def _entries(self, storage: Any) -> list[dict[str, Any]]:
        try:
            key = storage.get_study_id_from_name(self._plan.study + _SUFFIX)
        except KeyError:
            return []
        trials = sorted(storage.get_all_trials(key, deepcopy=False), key=lambda trial: trial.number)
        return [trial.user_attrs for trial in trials]


def curves_of(plan: Plan, url: str | None, stop: Callable[[], bool] = lambda: False) -> Curves:
    """The curves of a plan whose queue is at that URL, or in its folder. Raises as `open_storage`."""
    return Curves(plan, None if url is None else RetryingStorage(open_storage(plan.directory, url, stop), stop))


def _lacks(trial: Trial) -> bool:
    """Whether a run is over, and was trained elsewhere: its record came, its curves did not."""
    directory = trial.directory
    if (directory.path / "metrics.csv").exists() or directory.checkpoint.exists():
        return False
    with contextlib.suppress(DcganError):  # a damaged record is told where it is used
        record = directory.record()
        return record is not None and record.is_over
    return False


def _packed(file: Path) -> str | None:
    try:
        content = regular_files.read(file, _LARGEST_UNPACKED)
    except OSError:  # not there, or too large: nothing that a trial's outcome should wait for
        return None
    packed = base64.b64encode(zlib.compress(content, 9)).decode("ascii")
    return packed if len(packed) <= _LARGEST else None


def _unpacked(packed: str) -> bytes:
    """Raises ValueError or zlib.error for what `_packed` cannot have made, and for what would fill the memory."""
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(base64.b64decode(packed, validate=True), _LARGEST_UNPACKED)
    if not unpacking.eof:
        raise ValueError("it is cut off, or too large")
    return content
