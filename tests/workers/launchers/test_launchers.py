"""Launchers: which there are, what they may be told, and what their workers are given."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.queue import Queue
from dcgan.queue.storage import JOURNAL
from dcgan.queue.study_extractor import extractors_of
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep
from dcgan.workers.launchers import LAUNCHERS, Job, Launcher, launcher
from dcgan.workers.launchers.gpus import assign, names
from dcgan.workers.launchers.local import Local, commands
from dcgan.workers.launchers.memory import rehearse
from dcgan.workers.launchers.process import WorkerProcess
from dcgan.workers.launchers.ray import Ray
from dcgan.workers.launchers.slurm import Slurm
from dcgan.workers.threads import threads_of
from tests.postgres import Server

GIB = 2**30


def _plan(write_sweep: Any, **keys: Any) -> Plan:
    plan = planning.make(sweep.load(write_sweep(**keys)))
    stored_plans.write(plan)
    return plan


@pytest.mark.parametrize(("name", "kind"), [("local", Local), ("ray", Ray), ("slurm", Slurm)])
def test_each_launcher_is_found_by_its_name(name: str, kind: type[Launcher]) -> None:
    assert launcher(name) == kind()
    assert set(LAUNCHERS) == {"local", "ray", "slurm"}


def test_options_are_read_as_the_types_of_the_launchers_fields() -> None:
    assert launcher("ray", ["address=10.0.0.1:6379", "gpus_per_worker=0.25"]) == Ray("10.0.0.1:6379", None, 0.25)
    assert launcher("slurm", ["time=8:00:00", "partition=gpu"]) == Slurm(time="8:00:00", partition="gpu")
    assert launcher("local", ["workers_per_gpu=3"]) == Local(3)


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("locl", [], "--launcher locl is not offered; did you mean 'local'?"),
        ("kubernetes", [], "--launcher kubernetes is not offered; valid: local, ray, slurm"),
        ("ray", ["adress=auto"], "--option adress: launcher ray has no such option; did you mean 'address'?"),
        ("local", ["address=auto"], "--option address: launcher local has no such option; valid: workers_per_gpu"),
        ("ray", ["address"], "--option address: expected KEY=VALUE"),
        ("ray", ["address=a:1", "address=b:1"], "--option address is given twice"),
        ("ray", ["gpus_per_worker=half"], "--option gpus_per_worker=half: expected a number"),
        ("ray", ["gpus_per_worker=-1"], "--option gpus_per_worker=-1: expected a number, 0 or more"),
        ("ray", ["gpus_per_worker=nan"], "--option gpus_per_worker=nan: expected a number, 0 or more"),
        ("local", ["workers_per_gpu=1.5"], "--option workers_per_gpu=1.5: expected a whole number"),
        ("local", ["workers_per_gpu=0"], "--option workers_per_gpu=0: expected 1 or more"),
        ("slurm", ["cluster=pbs"], "--option cluster=pbs: expected slurm or local"),
        ("slurm", ["time=long"], "--option time=long: expected minutes, H:M:S or D-H:M:S"),
        ("slurm", ["time=1"], "--option time=1: expected more than the grace of 120 seconds"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(name: str, options: list[str], message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        launcher(name, options)
    assert str(refusal.value) == message


@pytest.mark.parametrize(("module", "name", "extra"), [("ray", "ray", "ray"), ("submitit", "slurm", "slurm")])
def test_a_library_that_is_not_installed_is_named_with_the_fix(
    module: str, name: str, extra: str, write_sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    plan = _plan(write_sweep)
    queue = Queue(plan)
    with pytest.raises(Misuse, match=rf"not installed; pip install -e '.\[{extra}\]' in the clone"):
        launcher(name).launch(Job(plan, queue, 1, None, lambda: False))


@pytest.mark.parametrize(
    ("address", "why"), [("127.0.0.1:1", "Connection refused"), ("somewhere", "expected HOST:PORT")]
)
def test_a_ray_cluster_that_does_not_answer_is_said_at_once(address: str, why: str, write_sweep: Any) -> None:
    pytest.importorskip("ray", reason="Ray is not installed")
    with pytest.raises(DcganError) as failure:
        launcher("ray", [f"address={address}"]).usual_workers(_plan(write_sweep), 4)
    assert str(failure.value) == f"--option address: no Ray cluster answers at {address} ({why})"


def test_importing_launchers_imports_no_library_of_theirs() -> None:
    look = (
        "import sys, dcgan.workers.launchers.ray, dcgan.workers.launchers.slurm\n"
        "print(sorted({'ray', 'submitit', 'torch', 'optuna', 'pydantic'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]", "a task on another machine begins within a second"


def test_workers_find_the_storage_and_nobody_sees_its_password(write_sweep: Any, postgres: Server) -> None:
    plan = _plan(write_sweep)
    url = postgres.new_database("launchers")
    queue = Queue(plan, url)
    queue.record_data({})
    assert queue.fill(lambda _trial: {"status": "finished", "scores": {"fid": 1.0}}) == 0
    first, _ = commands(Job(plan, queue, 2, url, lambda: False), 1)
    worker = WorkerProcess(first)
    assert worker.process.wait() == 0, worker.complaint()
    assert url not in " ".join(map(str, worker.process.args))
    assert not (plan.directory / JOURNAL).exists(), "it looked into the database"


def test_a_worker_that_ends_badly_is_quoted(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    (command, _) = commands(Job(plan, Queue(plan), 2, None, lambda: False), 0)
    worker = WorkerProcess(command)
    worker.process.wait()
    assert worker.complaint() == (
        f"worker 1 ended with exit code 2: error: --threads 0: expected 1 or more ({command.log})"
    )


def test_a_study_keeps_the_threads_that_it_began_with(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    pinned = _plan(write_sweep)
    assert threads_of(pinned, 4) == 1, "the experiment's own compute.threads"
    free = _plan(write_sweep, study="free", set={"compute.threads": None})
    assert threads_of(free, 4) == 4
    assert threads_of(free, 4) == 4
    assert capsys.readouterr().err == ""
    assert threads_of(free, 2) == 4
    assert capsys.readouterr().err == (
        "note: study free began with 4 threads a trial and keeps them (here: 2), so that one kind of processor gives "
        "the same bits wherever it is trained\n"
    )


def test_workers_are_spread_evenly_over_the_gpus_that_have_room() -> None:
    assert assign({0: 8 * GIB, 1: 8 * GIB}, 2 * GIB, 4) == [0, 1, 0, 1]
    assert assign({0: 8 * GIB, 1: 3 * GIB}, 2 * GIB, 4) == [0, 1, 0, 0], "somebody else is on GPU 1"
    assert assign({1: GIB, 3: 9 * GIB}, 2 * GIB, 2) == [3, 3]
    assert assign({0: 4 * GIB}, 2 * GIB, 2) == [0, 0], "exactly full is not too full"


def test_too_many_workers_for_the_memory_are_refused_in_one_line() -> None:
    with pytest.raises(Misuse) as refusal:
        assign({0: 5 * GIB, 1: 3 * GIB}, 2 * GIB, 4)
    assert str(refusal.value) == (
        "no GPU memory for the packing asked for: 4 workers need 2.0 GiB each, and GPU 0 has 5.0 GiB free, "
        "GPU 1 has 3.0 GiB free: --workers 3 fit"
    )
    with pytest.raises(Misuse, match="GPU 0 has 1.0 GiB free: not one fits"):
        assign({0: GIB}, 2 * GIB, 2)


@pytest.mark.parametrize(
    ("visible", "expected"),
    [(None, ["0", "2"]), ("", ["0", "2"]), ("4,5,7", ["4", "7"]), ("GPU-a,GPU-b,MIG-c", ["GPU-a", "MIG-c"])],
)
def test_gpus_keep_the_names_that_this_process_knows_them_by(visible: str | None, expected: list[str]) -> None:
    assert names([0, 2], visible) == expected


def test_a_trial_is_rehearsed_for_its_memory_and_leaves_nothing(write_sweep: Any) -> None:
    import torch

    plan = _plan(write_sweep)
    rehearse(plan.trials[0].experiment, torch.device("cpu"), extractors_of(plan, None))
    assert not list(Path(plan.directory.parent.parent).glob("runs/*"))
