"""Workers as tasks of a Ray cluster: a running one (`address`), or one on this machine for the time of the study.

Each task runs a process of `dcgan worker`: Ray reuses its own processes, and a trial must not depend on what ran in
them before. When a node dies, Ray restarts its tasks elsewhere, and the queue gives out their trials again.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dcgan.common import paths, regular_files
from dcgan.common.errors import DcganError, Interrupted, Misuse
from dcgan.common.messages import note
from dcgan.common.url_text import without_password
from dcgan.workers.launchers.job import Job, Launcher
from dcgan.workers.launchers.process import WorkerCommand, WorkerProcess, exported

if TYPE_CHECKING:
    from dcgan.study.plan import Plan

_POLL = 0.2  # seconds between looks at tasks and processes
_OBJECT_STORE = 100 * 2**20  # bytes; workers exchange nothing through it, and Ray would take a third of the memory
_MOST_BYTES = 2**10  # of the file with a cluster's address
_PLACES = ("DCGAN_DATA", "XDG_CACHE_HOME", "TORCH_HOME")  # the same paths on every node


@dataclass(frozen=True)
class Ray(Launcher):
    """The nodes of a Ray cluster, which may come and go. Tasks for which no node has room wait."""

    address: str | None = None  # auto, or HOST:PORT; None: a cluster of this machine alone
    cpus_per_worker: int | None = None  # None: as many as a trial has threads
    gpus_per_worker: float | None = None  # may be a fraction; None: one, where the cluster has GPUs

    def usual_workers(self, plan: Plan, waiting: int) -> int:
        """As many as there is room for now."""
        from dcgan.workers.worker import usual_workers

        if self.address is None:
            return usual_workers(plan, waiting)
        ray = self._connected()
        needed = {"CPU": self.cpus_per_worker or 1, "GPU": self._gpus(plan, ray.cluster_resources())}
        room = [ray.cluster_resources().get(name, 0) / count for name, count in needed.items() if count]
        return max(1, min(waiting, int(min(room))))

    def launch(self, job: Job) -> list[str]:
        """See Launcher."""
        from dcgan.runs.environment import cores
        from dcgan.workers.threads import threads_of

        if self.address:
            _check_storage(job.storage)
        usual = 1 if self.address else max(1, cores() // job.workers)
        threads = threads_of(job.plan, self.cpus_per_worker or usual)
        with exported({} if self.address else job.environment):  # a cluster of this machine inherits it
            ray = self._connected(cpus=job.workers * (self.cpus_per_worker or threads))
        try:
            resources = {
                "num_cpus": self.cpus_per_worker or threads,
                "num_gpus": self._gpus(job.plan, ray.cluster_resources()),
            }
            _note_if_none_fits(ray.nodes(), resources)
            task = ray.remote(max_retries=-1, **resources)(_run)
            complaints = _follow(ray, [task.remote(command) for command in _commands(job, threads, self.address)], job)
        finally:  # also after a second Ctrl-C: Ray ends the tasks, and their workers see that the parent is gone
            with _own_handlers():
                ray.shutdown()
        if job.stop():
            raise Interrupted(f"study '{job.plan.study}' stopped")
        return complaints

    def _gpus(self, plan: Plan, resources: dict[str, float]) -> float:
        if self.gpus_per_worker is not None:
            return self.gpus_per_worker
        return 1.0 if resources.get("GPU") and plan.base.compute.device != "cpu" else 0.0

    def _connected(self, cpus: int | None = None) -> Any:
        """The `ray` module, connected. Raises Misuse where it is not installed, DcganError where nobody answers."""
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        try:
            import ray
        except ImportError:
            raise Misuse("--launcher ray: Ray is not installed; pip install -e '.[ray]' in the clone") from None
        if ray.is_initialized():
            return ray
        if self.address:
            _check_answers(self.address)
        usual: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
        own = {"num_cpus": cpus, "include_dashboard": False, "object_store_memory": _OBJECT_STORE}
        with _own_handlers():
            try:
                ray.init(**usual, **({"address": self.address} if self.address else {"address": "local", **own}))
            except (ConnectionError, RuntimeError, ValueError) as error:
                why = " ".join(str(error).split())[:200]
                raise DcganError(f"Ray at {self.address or 'this machine'} cannot be used: {why}") from None
        return ray


def _check_answers(address: str) -> None:
    """Raises DcganError where nothing listens: Ray itself would try for two minutes, with pages of output."""
    if address == "auto":
        written = Path("/tmp/ray/ray_current_cluster")  # noqa: S108 - where `ray start` leaves it
        found = ""
        with contextlib.suppress(OSError, UnicodeDecodeError):  # anybody may have written there
            found = regular_files.read_text(written, _MOST_BYTES).strip()
        address = os.environ.get("RAY_ADDRESS") or found
        if not address:
            raise DcganError("--option address=auto: no Ray cluster was started here; name one as HOST:PORT")
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, ValueError) as error:
        why = error.strerror or error if isinstance(error, OSError) else "expected HOST:PORT"
        raise DcganError(f"--option address: no Ray cluster answers at {address} ({why})") from None


@contextlib.contextmanager
def _own_handlers() -> Iterator[None]:
    """Keeps Ray from replacing the handlers of SIGTERM and SIGINT."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _check_storage(url: str | None) -> None:
    """Raises Misuse for a URL with a password: Ray sends what a task is given to other machines as it is."""
    from dcgan.queue.storage import has_password

    if url is not None and has_password(url):
        raise Misuse(
            f"--storage {without_password(url)}: its password would be sent to the nodes of the Ray cluster in the "
            "clear: leave it out of the URL, and put it into ~/.pgpass on each node"
        )


def _commands(job: Job, threads: int, address: str | None) -> list[WorkerCommand]:
    """The commands of the workers, with this machine's paths: the same paths must be there on every node. The storage
    is told to another machine's cluster; that of this machine has it in its environment."""
    named = {name: os.environ[name] for name in _PLACES if os.environ.get(name)}
    environment = {name: str(paths.expanded(path, name).absolute()) for name, path in named.items()}
    environment |= {"DCGAN_HOME": str(paths.home().absolute()), **(job.environment if address else {})}
    folder = job.plan.directory.absolute() / "workers"
    return [
        WorkerCommand(job.plan.study, number, threads, folder / f"{number}.log", environment, Path.cwd())
        for number in range(1, job.workers + 1)
    ]


def _note_if_none_fits(nodes: list[dict[str, Any]], resources: dict[str, float]) -> None:
    """Prints a note if no node has room for a task: Ray waits silently, since further nodes may come."""
    for name, key in (("CPU", "num_cpus"), ("GPU", "num_gpus")):
        most = max((node["Resources"].get(name, 0) for node in nodes if node["Alive"]), default=0)
        if most < resources[key]:
            note(
                f"no node of the Ray cluster has {resources[key]:g} {name}s yet (at most {most:g}); waiting for "
                f"one. --option {name.lower()}s_per_worker={most:g} would do with what there is"
            )


def _follow(ray: Any, tasks: list[Any], job: Job) -> list[str]:
    """Waits for the tasks, after a stop until each has released its trial. Returns a line for each that failed."""
    complaints: list[str] = []
    cancelled = False
    while tasks:
        if job.stop() and not cancelled:
            cancelled = True
            for task in tasks:
                ray.cancel(task)
        ended, tasks = ray.wait(tasks, timeout=_POLL)
        for task in ended:
            try:
                line = ray.get(task)
            except ray.exceptions.RayError as error:
                line = None if cancelled else f"a worker was lost: {' '.join(str(error).split())[:200]}"
            if line:
                complaints.append(line)
    return complaints


def _run(command: WorkerCommand) -> str | None:
    """Runs one worker in a Ray task. When the task is cancelled Ray raises KeyboardInterrupt here."""
    try:
        worker = WorkerProcess(command)
    except DcganError as error:
        return str(error)
    try:
        while worker.is_running():
            time.sleep(_POLL)
    except KeyboardInterrupt:
        worker.ask_to_stop()
        worker.process.wait()
        raise
    return worker.complaint()
