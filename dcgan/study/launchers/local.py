"""Workers on this machine: one in this process, several as processes of `dcgan worker`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from dcgan.errors import Interrupted
from dcgan.study.launchers.job import Job
from dcgan.study.storage import VARIABLE
from dcgan.study.worker import cores, mirrors, work

_LOOK_AGAIN = 0.2  # seconds between looks at the processes


def launch(job: Job) -> list[str]:
    """Runs the workers to their end. Returns a line for each that ended badly; raises Interrupted after a stop."""
    threads = max(1, cores() // job.workers)
    if job.workers == 1:
        work(
            job.plan,
            job.queue,
            threads=threads,
            stop=job.stop,
            watch=mirrors(job.plan),
            tell=lambda _trial, _outcome: None,
        )
        return []
    workers = [_Worker(job, number, threads) for number in range(1, job.workers + 1)]
    try:
        asked = False
        while any(worker.process.poll() is None for worker in workers):
            if job.stop() and not asked:
                asked = True
                for worker in workers:
                    worker.process.send_signal(signal.SIGTERM)
            time.sleep(_LOOK_AGAIN)
    finally:  # a second Ctrl-C comes through here: nothing is left behind
        for worker in workers:
            worker.process.kill()
            worker.process.wait()
    if job.stop():
        raise Interrupted(f"study '{job.plan.study}' stopped")
    return [line for worker in workers if (line := worker.complaint())]


class _Worker:
    """A process of `dcgan worker` whose words go to a file of the study."""

    def __init__(self, job: Job, number: int, threads: int) -> None:
        self.number = number
        self.log = job.plan.directory / "workers" / f"{number}.log"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        words = [sys.executable, "-m", "dcgan", "worker", job.plan.study, "--threads", str(threads)]
        words += ["--launched-by", str(os.getpid())]
        storage = {VARIABLE: job.storage} if job.storage else {}  # not an argument: it may hold a password
        with self.log.open("wb") as log:
            # A session of its own: Ctrl-C reaches the launcher alone, which passes it on once.
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **storage},
                start_new_session=True,
            )

    def complaint(self) -> str | None:
        """A line about a worker that did not end well."""
        code = self.process.returncode
        if code == 0:
            return None
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"worker {self.number} {how}: {_last_line(self.log) or 'without a word'} ({self.log})"


def _last_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
