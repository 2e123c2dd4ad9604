"""What a SLURM job of the launcher does: one worker, over preemptions and time limits.

A job's process starts one of `dcgan worker` and listens to SLURM. At the signal before the time limit, or before a
preemption where the cluster sends it (`send_user_signal`), the worker checkpoints, puts its trial back, and the job is
requeued. At SIGTERM, which both a preemption and `scancel` begin with, the worker does the same and the job waits for
what SLURM has in mind: it is killed either way, and requeued by SLURM itself after a preemption.
"""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

from dcgan.workers.launchers.process import Command, WorkerProcess

if TYPE_CHECKING:
    from submitit.core.utils import DelayedSubmission

_LOOK_AGAIN = 0.2  # seconds between looks at the worker


class Member:
    """What a job does: one worker, to its end. submitit calls `checkpoint` before a requeue, then this again."""

    def __init__(self, command: Command) -> None:
        self.command = command
        self._worker: WorkerProcess | None = None

    def __call__(self) -> str | None:
        """Returns when no trial is left, or else what was wrong with the worker."""
        # SLURM signals every process of a job. The worker is to hear from this one alone, and by SIGINT.
        blocked = {signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGCONT}
        signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        try:
            self._worker = WorkerProcess(self.command)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, blocked)
        ended_by_slurm = False

        def end(_number: int, _frame: object) -> None:
            nonlocal ended_by_slurm
            ended_by_slurm = True

        signal.signal(signal.SIGTERM, end)
        while self._worker.is_running() and not ended_by_slurm:
            time.sleep(_LOOK_AGAIN)
        if ended_by_slurm:
            self._put_back()
            while True:  # a job that ended well now would not be begun again after a preemption
                time.sleep(1)
        return self._worker.complaint()

    def checkpoint(self) -> DelayedSubmission:
        """Lets the worker put its trial back, and says what the requeued job is to do: the same."""
        from submitit.core.utils import DelayedSubmission

        self._put_back()
        return DelayedSubmission(Member(self.command))

    def _put_back(self) -> None:
        if self._worker is not None and self._worker.is_running():
            self._worker.ask_to_stop(signal.SIGINT)
            self._worker.process.wait()
