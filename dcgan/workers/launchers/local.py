"""Workers on this machine: one in this process, several as processes of `dcgan worker`."""

from __future__ import annotations

import time
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from dcgan.common.errors import Interrupted, Misuse
from dcgan.common.messages import message
from dcgan.study.plan import Plan
from dcgan.workers.launchers.job import Job, Launcher
from dcgan.workers.launchers.process import WorkerCommand, WorkerProcess
from dcgan.workers.threads import threads_of

_POLL = 0.2  # seconds between looks at the processes


@dataclass(frozen=True)
class Local(Launcher):
    """Processes of this machine, with its cores and its GPUs shared out evenly."""

    workers_per_gpu: int = 1  # where --workers does not say how many there are in all

    def __post_init__(self) -> None:
        if self.workers_per_gpu < 1:
            raise Misuse(f"--option workers_per_gpu={self.workers_per_gpu}: expected 1 or more")

    def usual_workers(self, plan: Plan, waiting: int) -> int:
        """One a core; on GPUs, `workers_per_gpu` on each."""
        from dcgan.workers.launchers import gpus  # late, as all below that needs PyTorch: here something is trained
        from dcgan.workers.worker import usual_workers

        devices = gpus.usable(plan)
        if devices:
            return max(1, min(waiting, len(devices) * self.workers_per_gpu))
        return usual_workers(plan, waiting)

    def launch(self, job: Job) -> list[str]:
        """See Launcher. Raises Misuse if the GPUs have no memory for so many workers."""
        from dcgan.runs.environment import cores
        from dcgan.workers.worker import mirrors, work

        threads = threads_of(job.plan, max(1, cores() // job.workers))
        if job.workers == 1:
            work(
                job.plan,
                job.queue,
                threads=threads,
                stop=job.stop,
                observers_of=mirrors(job.plan),
                on_end=lambda _trial, _outcome: None,
            )
            return []
        workers: list[WorkerProcess] = []
        said: set[str] = set()
        try:
            workers.extend(WorkerProcess(command) for command in commands(job, threads))
            asked_to_stop = False
            while any(worker.is_running() for worker in workers):
                said |= _pass_on(workers, said)
                if job.stop() and not asked_to_stop:
                    asked_to_stop = True
                    for worker in workers:
                        worker.ask_to_stop()
                time.sleep(_POLL)
        finally:  # also after a second Ctrl-C, and where one cannot be started: no process is left behind
            for worker in workers:
                worker.end()
            _pass_on(workers, said)
        if job.stop():
            raise Interrupted(f"study '{job.plan.study}' stopped")
        return [line for worker in workers if (line := worker.complaint())]


def _pass_on(workers: Sequence[WorkerProcess], said: Set[str]) -> set[str]:
    """Says what the workers' logs say of W&B, each line once: where the runs are seen, and why they are not."""
    new = {line for worker in workers for about in ("W&B", "note: W&B") for line in worker.told(about)} - said
    for line in sorted(new):
        message(line)
    return new


def commands(job: Job, threads: int) -> list[WorkerCommand]:
    """The workers of a job on this machine, each with its GPU if there are any."""
    from dcgan.workers.launchers import gpus

    places = gpus.places(job.plan, job.workers)
    folder = job.plan.directory / "workers"
    return [
        WorkerCommand(
            job.plan.study, number, threads, folder / f"{number}.log", {**job.environment, **place}, Path.cwd()
        )
        for number, place in enumerate(places, 1)
    ]
