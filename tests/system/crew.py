"""Worker processes of a study that is disturbed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

from dcgan.study.plan import Plan


class Crew:
    """Worker processes that are replaced when they die, until they end well."""

    def __init__(self, plan: Plan, count: int, url: str | None, log: Path) -> None:
        self._words = [sys.executable, "-m", "dcgan", "worker", plan.study, "--threads", "1"]
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1", **({"DCGAN_STORAGE": url} if url else {})}
        self._log = log.open("ab")
        self._joined = plan.directory / "workers"
        self._count = count
        self._processes = [self._hire() for _ in range(count)]
        self.losses: list[int] = []

    def _hire(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._words, env=self.environment, stdout=self._log, stderr=self._log)

    def busy(self) -> bool:
        """Replaces those that died; whether any is at work."""
        for number, process in enumerate(self._processes):
            if process.poll() not in (None, 0):
                self.losses.append(process.returncode)
                self._processes[number] = self._hire()
        return any(process.poll() is None for process in self._processes)

    def pick(self, chance: random.Random) -> subprocess.Popen[bytes] | None:
        """A worker that lives: mostly one that has joined the queue, else also one that is still starting."""
        living = [process for process in self._processes if process.poll() is None]
        joined = [process for process in living if list(self._joined.glob(f"*-{process.pid}-*.lock"))]
        if joined and chance.random() < 0.8:
            return chance.choice(joined)
        return chance.choice(living) if living else None

    def begin_again(self) -> None:
        """New workers, once those before are gone."""
        self.dismiss()
        self._processes = [self._hire() for _ in range(self._count)]

    def refused(self) -> int:
        """The exit code of a worker that joins now, which is to end soon."""
        return self._hire().wait(timeout=300)

    def dismiss(self) -> None:
        """Leaves no process behind."""
        for process in self._processes:
            process.kill()
            process.wait()
