"""Who is alive: a lock for those that share a folder, a lease free of clocks for all others.

A worker counts aloud (`beat`) beside the trial that it has. Everybody else notes, by a clock of their own, for
how long a count has not moved; no two clocks are ever compared. Only time spent looking counts, so that
a machine that slept takes nobody for dead.
"""

from __future__ import annotations

import contextlib
import fcntl
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

from dcgan.common.errors import Misuse
from dcgan.common.files import cannot, locked, write_text

VARIABLE = "DCGAN_LEASE"
USUAL = 60.0  # seconds
FOLDER = "workers"  # of a study's folder


def usual_lease() -> float:
    """Seconds of silence after which a worker is taken for dead, for studies made from now on."""
    given = os.environ.get(VARIABLE)
    if not given:
        return USUAL
    with contextlib.suppress(ValueError):
        if (seconds := float(given)) > 0:
            return seconds
    raise Misuse(f"{VARIABLE}={given}: expected a number of seconds above 0")


def place(directory: Path) -> str:
    """What tells a study's folder from its namesakes on machines that do not share it."""
    file = directory / ".place"
    with locked(directory / ".place.lock", wait=True):
        if not file.exists():
            write_text(file, secrets.token_hex(8))
    return file.read_text(encoding="utf-8")


class Owner:
    """A worker as others see it; for as long as its process lives, it holds `studies/NAME/workers/ID.lock`."""

    def __init__(self, directory: Path) -> None:
        host, pid = socket.gethostname(), os.getpid()
        self.id = f"{host}-{pid}-{secrets.token_hex(4)}"
        self.path = _lock_of(directory, self.id)
        self.told = {"id": self.id, "host": host, "pid": pid, "place": place(directory)}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            begun = self.path.with_suffix(".begun")  # under its name it is never seen without its lock
            self._handle = begun.open("w", encoding="utf-8")
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            self._handle.write(json.dumps(self.told))
            self._handle.flush()
            begun.rename(self.path)
        except OSError as error:
            raise cannot("lock", self.path, error) from error

    def report(self) -> None:
        """Says "alive" to those who look at the folder."""
        with contextlib.suppress(OSError):
            os.utime(self.path)

    def close(self) -> None:
        """Leaves; nothing of this worker's may be running any more."""
        self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self._handle.close()


class Watch:
    """For how long each running trial's worker has been silent, as far as this process looked."""

    def __init__(self, directory: Path, lease: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._directory = directory
        self._lease = lease
        self._clock = clock
        self._looked = clock()
        self._seen: dict[int, tuple[Any, float]] = {}  # by trial number: owner and beat, silent seconds
        self._mutex = threading.Lock()

    def look(self, running: Iterable[FrozenTrial]) -> None:
        """Takes note of what the workers of the running trials have said."""
        with self._mutex:
            now = self._clock()
            since = min(now - self._looked, self._lease / 2)  # more is time in which this process slept
            self._looked = now
            before, self._seen = self._seen, {}
            for trial in running:
                said = (owner_of(trial).get("id"), trial.user_attrs.get("beat"))
                known, silent = before.get(trial.number, (None, 0.0))
                self._seen[trial.number] = (said, silent + since if known == said else 0.0)

    def is_abandoned(self, trial: FrozenTrial) -> bool:
        """Whether a running trial's worker is dead, or can do no harm when it wakes up.

        A lock that is held means a live process, however silent: it also holds the run's directory, and nobody could
        take its place. A free one tells at once on the same machine; on others only with silence, since not every
        network file system knows of other machines' locks.
        """
        owner = owner_of(trial)
        held = _is_held(self._directory, owner["id"]) if owner else None
        if held:
            return False
        if held is False and owner["host"] == socket.gethostname():
            return True
        with self._mutex:
            said, silent = self._seen.get(trial.number, (None, 0.0))
        return said == (owner.get("id"), trial.user_attrs.get("beat")) and silent > self._lease


class Heart:
    """Beats for a trial while its block runs; `lost` once the trial turns out to have been ended by others."""

    def __init__(self, beat: Callable[[int], None], seconds: float) -> None:
        self.lost = threading.Event()
        self._beat = beat
        self._seconds = seconds
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Heart:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join(timeout=1.0)  # a storage that does not answer holds nobody up: it is a daemon

    def _run(self) -> None:
        count = 0
        while not self._end.wait(self._seconds):
            count += 1
            try:
                self._beat(count)
            except (UpdateFinishedTrialError, KeyError):
                self.lost.set()
                return
            except Exception:  # noqa: S112 - a storage out of reach ends no training; the next beat tries again
                continue


def owner_of(trial: FrozenTrial) -> Mapping[str, Any]:
    """Who has a running trial: id, host, pid, place; `{}` for one that died before it could say so."""
    owner: Mapping[str, Any] = trial.user_attrs.get("owner") or {}
    return owner


def stalled(directory: Path, lease: float) -> list[dict[str, Any]]:
    """The workers that live but have not reported for more than a lease: host, pid, and for how many seconds.

    By the folder's own clock, for people to read; nothing is decided by it.
    """
    found = []
    for path in sorted((directory / FOLDER).glob("*.lock")):
        with contextlib.suppress(OSError, ValueError, KeyError):
            silent = time.time() - path.stat().st_mtime
            if silent > lease and _is_held(directory, path.stem):
                told = json.loads(path.read_text(encoding="utf-8"))
                found.append({"host": told["host"], "pid": told["pid"], "seconds": round(silent)})
    return found


def sweep_up(directory: Path, owners: Iterable[str]) -> None:
    """Removes the locks of dead workers, but for those of `owners`."""
    kept = set(owners)
    for path in (directory / FOLDER).glob("*.lock"):
        if path.stem not in kept and _is_held(directory, path.stem) is False:
            path.unlink(missing_ok=True)


def _lock_of(directory: Path, owner: str) -> Path:
    return directory / FOLDER / f"{owner}.lock"


def _is_held(directory: Path, owner: str) -> bool | None:
    """Whether a worker's lock is held; None where it cannot be seen: another machine, or swept up."""
    try:
        with _lock_of(directory, owner).open("rb") as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    return False
