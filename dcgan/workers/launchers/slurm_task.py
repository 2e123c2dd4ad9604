"""What a SLURM job of the launcher runs: one worker, over preemptions and time limits.

A job's process starts a process of `dcgan worker` and handles SLURM's signals. At the signal before the time limit, or
before a preemption where the cluster sends it (`send_user_signal`), the worker checkpoints and releases its trial, and
the job is requeued. At SIGTERM, which both a preemption and `scancel` begin with, the worker does the same and the job
waits until SLURM kills it: after a preemption SLURM itself requeues the job.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from dcgan.common.errors import DcganError
from dcgan.workers.launchers.process import WorkerCommand, WorkerProcess

if TYPE_CHECKING:
    from submitit.core.utils import DelayedSubmission

_POLL = 0.2  # seconds between looks at the worker


class SlurmTask:
    """Runs one worker to its end. submitit calls `checkpoint` before a requeue, then this again."""

    def __init__(self, command: WorkerCommand) -> None:
        self.command = command
        self._worker: WorkerProcess | None = None

    def __call__(self) -> str | None:
        """Returns when no trial is left; a line if the worker did not end well."""
        # SLURM signals every process of a job. Only this process is to signal the worker, by SIGINT.
        blocked = {signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGCONT}
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        try:
            self._worker = WorkerProcess(self.command)
        except DcganError as error:
            return str(error)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
        ended_by_slurm = False

        def end(_number: int, _frame: object) -> None:
            nonlocal ended_by_slurm
            ended_by_slurm = True

        signal.signal(signal.SIGTERM, end)
        while self._worker.is_running() and not ended_by_slurm:
            time.sleep(_POLL)
        if ended_by_slurm:
            self._release()
            while True:  # SLURM would not requeue a job that ended well after a preemption
                time.sleep(1)
        return self._worker.complaint()

    def checkpoint(self) -> DelayedSubmission:
        """Lets the worker release its trial, and returns what the requeued job runs: the same."""
        from submitit.core.utils import DelayedSubmission

        self._release()
        return DelayedSubmission(SlurmTask(self.command))

    def _release(self) -> None:
        if self._worker is not None and self._worker.is_running():
            self._worker.ask_to_stop(signal.SIGINT)
            self._worker.process.wait()
