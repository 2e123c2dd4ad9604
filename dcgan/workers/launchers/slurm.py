"""Workers as an array of SLURM jobs, submitted through submitit and monitored; slurm_task.py has what each job runs."""

from __future__ import annotations

import io
import pickle
import re
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcgan.common import regular_files
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import make_inner_folder, read_json, write_json
from dcgan.common.messages import note
from dcgan.workers.launchers.job import Detached, Job, Launcher
from dcgan.workers.launchers.process import WorkerCommand, exported
from dcgan.workers.launchers.slurm_task import SlurmTask

if TYPE_CHECKING:
    from dcgan.study.plan import Plan

_JOB = re.compile(r"\d+(_\d+)?")  # a job's id
_POLL = 0.2  # seconds between looks at whether the user wants to stop
_SQUEUE_POLL = 10.0  # seconds between calls of squeue: all users of a cluster share its controller
_DEFAULT_JOBS = 16  # at most, where the user does not say how many
_MOST_BYTES = 2**20  # of what a job left: a word and a line
_REQUEUES = 1000  # by time limits; the queue itself gives up a trial of which too many workers died


@dataclass(frozen=True)
class Slurm(Launcher):
    """Jobs of a SLURM cluster whose nodes share this folder. Options without a comment are those of sbatch."""

    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None
    reservation: str | None = None
    nodelist: str | None = None
    exclude: str | None = None
    gres: str | None = None
    mem: str | None = None  # 8G
    time: str = "4:00:00"  # of one job, after which it is requeued: minutes, H:M:S or D-H:M:S
    cpus_per_task: int | None = None  # None: as many as a trial has threads
    gpus_per_node: int | None = None  # of one job
    grace: int = 120  # seconds before the time limit at which the worker checkpoints
    setup: str | None = None  # a line of shell before the worker: module load cuda
    cluster: str = "slurm"  # or local: the same jobs as processes of this machine, to try it out

    def __post_init__(self) -> None:
        if self.cluster not in ("slurm", "local"):
            raise Misuse(f"--option cluster={self.cluster}: expected slurm or local")
        if minutes(self.time) * 60 <= self.grace:
            raise Misuse(f"--option time={self.time}: expected more than the grace of {self.grace} seconds")

    def usual_workers(self, plan: Plan, waiting: int) -> int:
        """A job a trial, 16 at most."""
        del plan
        return max(1, min(waiting, _DEFAULT_JOBS))

    def launch(self, job: Job) -> list[str]:
        """Submits the jobs that do not exist yet and waits for them. Raises Detached after `job.stop`: they go on."""
        jobs = _Jobs(self, job.plan)
        ids = jobs.existing()
        if len(ids) < job.workers:
            ids += jobs.submit(job, job.workers - len(ids))
        note(f"jobs {', '.join(ids)}; Ctrl-C leaves them to themselves")
        last_poll = 0.0
        while True:
            if job.stop():
                raise Detached(
                    f"study '{job.plan.study}' goes on in jobs {', '.join(ids)}: see `dcgan status "
                    f"{job.plan.study}`, type the same command to come back, scancel them to stop it"
                )
            if time.monotonic() - last_poll > (_SQUEUE_POLL if self.cluster == "slurm" else 0):
                if not jobs.alive(ids):
                    return jobs.complaints(ids)
                last_poll = time.monotonic()
            time.sleep(_POLL)

    def script(self, plan: Plan, workers: int) -> str:
        """The batch script. Needs submitit, but no SLURM."""
        executor = _executor(_folder(plan), "slurm", anywhere=True)
        executor.update_parameters(**self.parameters(plan, self.cpus_per_task or 1))
        executor.parameters["map_count"] = workers if workers > 1 else None
        return str(executor._make_submission_file_text(executor._submitit_command_str, "dcgan"))

    def parameters(self, plan: Plan, cpus: int) -> dict[str, Any]:
        """submitit's parameters; sbatch options that it has no name for are under additional_parameters."""
        names = ("partition", "account", "qos", "constraint", "nodelist", "exclude", "gres", "mem", "gpus_per_node")
        named = {name: value for name in names if (value := getattr(self, name)) is not None}
        return {
            **named,
            "job_name": f"dcgan-{plan.study}",
            "time": minutes(self.time),
            "cpus_per_task": cpus,
            "signal_delay_s": self.grace,
            "stderr_to_stdout": True,
            "setup": [self.setup] if self.setup else None,
            # After a preemption SLURM restarts a job only if the job allows it; clusters differ in the default.
            "additional_parameters": {
                "requeue": True,
                **({"reservation": self.reservation} if self.reservation else {}),
            },
        }


class _Jobs:
    """The jobs of a study: submitted, found again by a later launch, and checked for how they ended."""

    def __init__(self, slurm: Slurm, plan: Plan) -> None:
        self._slurm = slurm
        self._plan = plan
        self._executor = _executor(_folder(plan), slurm.cluster)
        self._file = _folder(plan) / f"{slurm.cluster}-jobs.json"
        self._submitted: dict[str, Any] = {}

    def existing(self) -> list[str]:
        """The ids of the jobs of earlier launches that wait or run."""
        ids = read_json(self._file).get("jobs") if self._file.exists() else []
        if not isinstance(ids, list) or not all(isinstance(name, str) and _JOB.fullmatch(name) for name in ids):
            raise DcganError(f"{self._file} is damaged: delete it; jobs that still run go on (squeue shows them)")
        return self.alive(ids)

    def submit(self, job: Job, count: int) -> list[str]:
        """Submits that many jobs more, and writes down their ids. Raises DcganError if SLURM refuses."""
        from dcgan.workers.threads import threads_of

        _check_links(_folder(self._plan))
        threads = threads_of(self._plan, self._slurm.cpus_per_task or 1)
        if self._slurm.cluster == "slurm":
            self._executor.update_parameters(**self._slurm.parameters(self._plan, self._slurm.cpus_per_task or threads))
        else:
            self._executor.update_parameters(timeout_min=minutes(self._slurm.time), stderr_to_stdout=True)
        before = self.existing()
        log = self._plan.directory.absolute() / "workers"
        first = max([0, *(int(path.stem) for path in log.glob("[0-9]*.log"))]) + 1 if before else 1
        tasks = [
            SlurmTask(WorkerCommand(self._plan.study, number, threads, log / f"{number}.log", {}, Path.cwd()))
            for number in range(first, first + count)
        ]
        with exported(job.environment):  # sbatch passes this environment on; no file holds it
            try:
                with self._executor.batch():
                    submitted = [self._executor.submit(task) for task in tasks]
            except Exception as error:  # submitit's own kinds, and those of sbatch
                raise DcganError(f"the jobs could not be submitted: {_last_line(str(error))}") from None
        ids = [str(submitted_job.job_id) for submitted_job in submitted]
        self._submitted |= dict(zip(ids, submitted, strict=True))
        write_json(self._file, {"jobs": [*before, *ids]})
        return ids

    def alive(self, ids: Sequence[str]) -> list[str]:
        """Those of the jobs that SLURM still has, waiting or running; all of them while it does not answer."""
        unfinished = [name for name in ids if not self._job(name).paths.result_pickle.exists()]
        if self._slurm.cluster == "local":
            return [name for name in unfinished if not self._job(name).done()]
        if not unfinished:
            return []
        words = ["squeue", "--noheader", "--array", "--format=%i", f"--jobs={','.join(unfinished)}"]
        answer = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)  # noqa: S603 - our own command
        if answer.returncode and "Invalid job id" not in answer.stderr:
            return unfinished
        queued = set(answer.stdout.split())
        return [name for name in unfinished if name in queued]

    def complaints(self, ids: Sequence[str]) -> list[str]:
        """A line for each job that did not end well."""
        lines = []
        for name in ids:
            job_paths = self._job(name).paths
            if not job_paths.result_pickle.exists():
                lines.append(f"job {name} ended without a result ({job_paths.stdout})")
                continue
            how, complaint = _result(job_paths.result_pickle)
            if how != "success":
                lines.append(f"job {name} failed ({job_paths.stdout})")
            elif complaint:
                lines.append(complaint)
        return lines

    def _job(self, name: str) -> Any:
        return self._submitted.get(name) or self._executor.job_class(self._executor.folder, name)


class _PlainValues(pickle.Unpickler):  # noqa: S301 - it is what makes it safe
    """Reads texts, numbers and tuples of them, and refuses whatever would run code."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is no plain value")


def _result(file: Path) -> tuple[str, str | None]:
    """How a job of a `SlurmTask` ended, `success` or `error`, and its line. A study's folder may be anybody's."""
    try:
        how, line = _PlainValues(io.BytesIO(regular_files.read(file, _MOST_BYTES))).load()
    except Exception:  # a damaged pickle may raise anything
        return "error", None
    return str(how), None if line is None else str(line)


def minutes(text: str) -> int:
    """A time limit as SLURM reads it (minutes, M:S, H:M:S, D-H, D-H:M, D-H:M:S) in minutes, rounded up.

    Raises Misuse for anything else.
    """
    days, dash, rest = text.rpartition("-")
    parts = rest.split(":")
    if not all(part.isdecimal() for part in ([days] if dash else []) + parts) or len(parts) > 3:
        raise Misuse(f"--option time={text}: expected minutes, H:M:S or D-H:M:S")
    numbers = [int(part) for part in parts]
    if dash:
        hours, mins, seconds = (*numbers, 0, 0)[:3]
    else:
        hours, mins, seconds = {1: (0, *numbers, 0), 2: (0, *numbers), 3: tuple(numbers)}[len(numbers)]
    return int(days or 0) * 1440 + hours * 60 + mins + (seconds > 0) * -(-seconds // 60)


def _folder(plan: Plan) -> Path:
    """Where submitit keeps scripts, pickles and logs; jobs read it."""
    return plan.directory.absolute() / "slurm"


def _check_links(folder: Path) -> None:
    """Raises DcganError where submitit or a job would write out of a study's folder through a link; submitit itself
    makes some that stay in it."""
    make_inner_folder(folder)
    for path in folder.iterdir():
        if path.is_symlink() and path.resolve().parent != folder.resolve():
            raise DcganError(f"cannot write into {folder}: {path.name} in it is a link out of it: delete that")


def _executor(folder: Path, cluster: str, *, anywhere: bool = False) -> Any:
    """submitit's executor. Raises Misuse where submitit or, unless `anywhere`, SLURM is not installed."""
    try:
        from submitit import LocalExecutor, SlurmExecutor
    except ImportError:
        raise Misuse("--launcher slurm: submitit is not installed; pip install -e '.[slurm]' in the clone") from None

    class Anywhere(SlurmExecutor):
        """Makes batch scripts where SLURM is not installed."""

        @classmethod
        def affinity(cls) -> int:
            return 1

    if cluster == "local":
        return LocalExecutor(folder, max_num_timeout=_REQUEUES)
    try:
        return (Anywhere if anywhere else SlurmExecutor)(folder, max_num_timeout=_REQUEUES)
    except RuntimeError:
        raise Misuse(
            "--launcher slurm: no srun here, so this is no machine of a SLURM cluster; --dry-run shows the script, "
            "--option cluster=local runs the jobs as processes here"
        ) from None


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["without a word"])[-1].strip()
