"""Which workers are alive: a file lock for those that share a folder, heartbeats for all others.

A worker counts up a number, its heartbeat (`beat`), in the storage beside the trial that it has. Every other worker
measures by its own clock for how long that number has not changed; no two clocks are ever compared. After a lease
without a new heartbeat the trial is stale. Only time in which the observer was awake counts, so that a machine that
slept declares no trial stale when it wakes up.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial

from dcgan.common import regular_files
from dcgan.common.errors import Misuse
from dcgan.common.files import cannot, check_no_link, flock, is_held, locked, make_inner_folder, write_text
from dcgan.common.json_text import parse_json
from dcgan.queue.stored_values import LONGEST_LEASE, SHORTEST_LEASE, is_lease, is_name

VARIABLE = "DCGAN_LEASE"
DEFAULT_LEASE = 60.0  # seconds
FOLDER = "workers"  # of a study's folder
_SOONER = 4  # so many times, after a heartbeat that did not arrive
_MOST_BYTES = 2**16  # of the file of a worker, or of a folder's id


def default_lease() -> float:
    """Seconds without a heartbeat after which a trial is stale, for studies made from now on."""
    text = os.environ.get(VARIABLE)
    if not text:
        return DEFAULT_LEASE
    with contextlib.suppress(ValueError):
        if is_lease(seconds := float(text)):
            return seconds
    raise Misuse(f"{VARIABLE}={text}: expected a number of seconds, {SHORTEST_LEASE} to {LONGEST_LEASE:,.0f}")


def folder_id(directory: Path) -> str:
    """Identifies a study's folder among folders of the same name on machines that do not share it."""
    file = directory / ".place"
    with locked(directory / ".place.lock", wait=True):
        if not file.exists():
            write_text(file, secrets.token_hex(8))
    try:
        return regular_files.read_text(file, _MOST_BYTES)
    except OSError as error:
        raise cannot("read", file, error) from error


class WorkerLock:
    """The file `studies/NAME/workers/ID.lock`, which a worker keeps locked for as long as its process lives.

    `identity` is what the file contains, and what a trial of this worker says of its owner.
    """

    def __init__(self, directory: Path) -> None:
        host, pid = socket.gethostname(), os.getpid()
        self.id = f"{host}-{pid}-{secrets.token_hex(4)}"
        self.path = _lock_path(directory, self.id)
        self.identity = {"id": self.id, "host": host, "pid": pid, "place": folder_id(directory)}
        make_inner_folder(self.path.parent)
        try:
            unlocked = self.path.with_suffix(".begun")  # renamed once it is locked, so never unlocked as ID.lock
            self._file = regular_files.emptied(unlocked)
            flock(self._file, wait=True)
            self._file.write(json.dumps(self.identity).encode())
            self._file.flush()
            unlocked.rename(self.path)
        except OSError as error:
            raise cannot("lock", self.path, error) from error

    def touch(self) -> None:
        """Sets the file's time to now: the heartbeat for those that see the folder."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def close(self) -> None:
        """Removes the file and releases the lock; the worker must not have a trial any more."""
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._file.close()


class HeartbeatMonitor:
    """Measures for how long each running trial has had no heartbeat, as far as this process has observed it."""

    def __init__(self, directory: Path, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._lease = lease
        self._clock = clock
        self._observed_at = clock()
        self._silence: dict[int, tuple[Any, float]] = {}  # by trial number: last heartbeat, seconds without a new one
        self._mutex = threading.Lock()

    def observe(self, running: Iterable[FrozenTrial]) -> None:
        """Records the heartbeats of the running trials."""
        with self._mutex:
            now = self._clock()
            elapsed = min(now - self._observed_at, self._lease / 2)  # more is time in which this process slept
            self._observed_at = now
            previous, self._silence = self._silence, {}
            for trial in running:
                heartbeat = _heartbeat_of(trial)
                last, seconds = previous.get(trial.number, (None, 0.0))
                self._silence[trial.number] = (heartbeat, seconds + elapsed if last == heartbeat else 0.0)

    def is_stale(self, trial: FrozenTrial) -> bool:
        """Whether a running trial's worker is dead, or can do no harm if it is not.

        A lock that is held means that the process lives, however long it has been silent: it also holds the lock of the
        run's directory, and nobody could take its place. A free lock means at once that the process is dead if it ran
        on this machine. If it ran on another one the heartbeat decides, since not every network file system shows the
        locks of other machines.
        """
        owner = owner_of(trial)
        held = is_held(_lock_path(self._directory, owner["id"])) if owner else None
        if held:
            return False
        if held is False and owner["host"] == socket.gethostname():
            return True
        with self._mutex:
            last, seconds = self._silence.get(trial.number, (None, 0.0))
        return last == _heartbeat_of(trial) and seconds > self._lease


class Heartbeat:
    """A thread that sends heartbeats for a trial while its block runs.

    `lost` is set once the trial turns out to have been ended by others.
    """

    def __init__(self, send: Callable[[int], None], seconds: float) -> None:
        self.lost = threading.Event()
        self._send = send
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=1.0)  # a daemon: the worker does not wait for a storage that does not answer

    def _run(self) -> None:
        count, pause = 0, self._seconds
        while not self._end.wait(pause):
            count += 1
            pause = self._seconds
            try:
                self._send(count)
            except (UpdateFinishedTrialError, KeyError):
                self.lost.set()
                return
            except Exception:  # an unreachable storage ends no training; the next heartbeat tries again
                pause = self._seconds / _SOONER


def owner_of(trial: FrozenTrial) -> Mapping[str, Any]:
    """The worker that has a running trial: id, host, pid, place; `{}` if it died before it could say so, or if what the
    storage has is none: its id is the name of a file."""
    owner: Mapping[str, Any] = trial.user_attrs.get("owner") or {}
    return owner if is_name(owner.get("id")) else {}


def stalled(directory: Path, lease: float) -> list[dict[str, Any]]:
    """The workers that live but have sent no heartbeat for more than a lease: host, pid, and for how many seconds.

    Measured by the folder's own clock, for people to read; nothing is decided by it.
    """
    workers = []
    for path in sorted((directory / FOLDER).glob("*.lock")):
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # what it holds may be anybody's
            seconds = time.time() - path.stat().st_mtime
            if seconds > lease and is_held(path):
                identity = parse_json(regular_files.read_text(path, _MOST_BYTES))
                workers.append({"host": identity["host"], "pid": identity["pid"], "seconds": round(seconds)})
    return workers


def living(directory: Path) -> list[str]:
    """The workers of a study's folder whose locks are held: `pid 123 on host`."""
    workers = []
    for path in sorted((directory / FOLDER).glob("*.lock")):
        if is_held(path):
            host, *pid = path.stem.rsplit("-", 2)
            workers.append(f"pid {pid[0]} on {host}" if len(pid) == 2 else path.name)
    return workers


def remove_stale_locks(directory: Path, owners: Iterable[str]) -> None:
    """Removes the locks of dead workers, except those of `owners`. Raises DcganError where their folder is a link."""
    check_no_link(directory / FOLDER)
    needed = set(owners)
    for path in (directory / FOLDER).glob("*.lock"):
        if path.stem not in needed and is_held(path) is False:
            path.unlink(missing_ok=True)


def _heartbeat_of(trial: FrozenTrial) -> tuple[Any, Any]:
    """What changes with every heartbeat: the owner's id and its count."""
    return owner_of(trial).get("id"), trial.user_attrs.get("beat")


def _lock_path(directory: Path, owner: str) -> Path:
    return directory / FOLDER / f"{owner}.lock"
