"""The SLURM launcher: its batch script by SLURM's own words, and its jobs run for real by submitit's local executor."""

from __future__ import annotations

import json
import os
import pickle
import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import write_json
from dcgan.queue import Queue
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep
from dcgan.workers.launchers import launcher, slurm
from dcgan.workers.launchers.job import Detached, Job
from dcgan.workers.launchers.slurm import Slurm, minutes

pytest.importorskip("submitit", reason="submitit is not installed")

# Every long option of sbatch(1), SLURM 22.05.
SBATCH = """
    account acctg-freq array batch bb bbf begin chdir cluster-constraint clusters comment constraint container contiguous
    core-spec cores-per-socket cpu-freq cpus-per-gpu cpus-per-task deadline delay-boot dependency distribution error
    exclude exclusive export export-file extra-node-info get-user-env gid gpu-bind gpu-freq gpus gpus-per-node
    gpus-per-socket gpus-per-task gres gres-flags help hint hold ignore-pbs input job-name kill-on-invalid-dep licenses
    mail-type mail-user mcs-label mem mem-bind mem-per-cpu mem-per-gpu mincpus network nice no-kill no-requeue nodefile
    nodelist nodes ntasks ntasks-per-core ntasks-per-gpu ntasks-per-node ntasks-per-socket open-mode output overcommit
    oversubscribe parsable partition power prefer priority profile propagate qos quiet reboot requeue reservation signal
    sockets-per-node spread-job switches test-only thread-spec threads-per-core time time-min tmp uid usage
    use-min-nodes verbose version wait wait-all-nodes wckey wrap
""".split()  # noqa: SIM905 - a hundred quotes would hide the words
EVERYTHING = [
    "partition=gpu", "account=me", "qos=low", "constraint=a100", "reservation=mine", "nodelist=n1", "exclude=n2",
    "gres=gpu:1", "mem=8G", "time=1-02:00:00", "cpus_per_task=4", "gpus_per_node=1", "grace=60", "setup=module load cuda",
]  # fmt: skip


@pytest.fixture
def plan(write_sweep: Any) -> Plan:
    plan = planning.make(sweep.load(write_sweep(factors=["batch_norm"], study="small")))
    stored_plans.write(plan)
    return plan


def _script(plan: Plan, workers: int, *options: str) -> str:
    text = launcher("slurm", options).script(plan, workers)
    assert text is not None
    return text


def _options(script: str) -> dict[str, str]:
    lines = re.findall(r"^#SBATCH --([a-z-]+)(?:=(.*))?$", script, re.MULTILINE)
    assert len(lines) == script.count("#SBATCH"), "every option is in the long form"
    return dict(lines)


def test_the_script_says_what_was_asked_for_in_sbatchs_own_words(plan: Plan) -> None:
    script = _script(plan, 3, *EVERYTHING)
    options = _options(script)
    assert set(options) <= set(SBATCH)
    asked = {
        "array": "0-2%3", "partition": "gpu", "account": "me", "qos": "low", "constraint": "a100", "reservation": "mine",
        "nodelist": "n1", "exclude": "n2", "gres": "gpu:1", "mem": "8G", "time": "1560", "cpus-per-task": "4",
        "gpus-per-node": "1", "job-name": "dcgan-small", "requeue": "", "signal": "USR2@60", "open-mode": "append",
    }  # fmt: skip
    assert {name: options[name] for name in asked} == asked
    lines = script.splitlines()
    assert lines[0] == "#!/bin/bash"
    assert lines.index("module load cuda") < next(n for n, line in enumerate(lines) if line.startswith("srun "))
    assert all(line.startswith("#") or not line for line in lines[: lines.index("# setup")]), "sbatch reads no further"


def test_one_worker_is_no_array_and_nothing_is_said_that_was_not_asked_for(plan: Plan) -> None:
    options = _options(_script(plan, 1))
    assert set(options) == {
        "cpus-per-task", "job-name", "nodes", "open-mode", "output", "requeue", "signal", "time", "wckey",
    }  # fmt: skip
    assert options["time"] == "240"


def test_the_dry_run_shows_the_script_and_submits_nothing(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", write_sweep(), "--launcher", "slurm", "--option", "partition=gpu", "--workers", "2", "--dry-run"]
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert "#SBATCH --partition=gpu" in shown
    assert shown.splitlines()[-1].endswith("--workers 2 --launcher slurm --option partition=gpu")
    assert main([*words, "--json"]) == 0
    assert "#SBATCH --array=0-1%2" in json.loads(capsys.readouterr().out)["batch_script"]
    assert not Path(os.environ["DCGAN_HOME"], "studies").exists()


def test_where_there_is_no_slurm_that_is_said(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Misuse, match="^--launcher slurm: no srun here"):
        launcher("slurm").launch(Job(plan, Queue(plan), 1, None, lambda: False))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("90", 90), ("1:30", 2), ("8:00:00", 480), ("0:10:01", 11), ("1-0", 1440), ("1-2:30", 1590), ("2-00:00:30", 2881)],
)
def test_time_limits_are_read_as_slurm_reads_them(text: str, expected: int) -> None:
    assert minutes(text) == expected


class _Code:
    """What makes a folder when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("ran",)


def test_what_jobs_left_is_read_and_never_run(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = plan.directory / "slurm"
    folder.mkdir()
    ended = {"1": ("success", None), "2": ("success", "worker 2 was killed"), "3": ("error", "Traceback"),
             "4": ("success", _Code()), "5": _Code(), "6": None}  # fmt: skip
    for name, result in ended.items():
        (folder / f"{name}_0_result.pkl").write_bytes(pickle.dumps(result))
    jobs = slurm._Jobs(Slurm(cluster="local"), plan)
    told = [line.partition(" (")[0] for line in jobs.complaints([*ended, "7"])]
    assert told == ["worker 2 was killed", *(f"job {name} failed" for name in "3456"), "job 7 ended without a result"]
    assert not Path("ran").exists()


@pytest.mark.usefixtures("at_once")
def test_what_jobs_left_is_a_small_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "sparse").open("wb") as sparse:
        sparse.write(pickle.dumps(("success", None)))
        sparse.truncate(2**40)
    assert [slurm._result(tmp_path / name) for name in ("pipe", "sparse")] == [("error", None)] * 2


def test_jobs_write_nothing_out_of_the_folder(plan: Plan, tmp_path: Path) -> None:
    job = Job(plan, Queue(plan), 1, None, lambda: False)
    folder = plan.directory / "slurm"
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DcganError, match=r"cannot write into .*/slurm: it is a link"):
        slurm._Jobs(Slurm(cluster="local"), plan).submit(job, 1)
    folder.unlink()
    folder.mkdir()
    (folder / "1_submission.sh").touch()
    (folder / "submission_file_a.sh").symlink_to(folder / "1_submission.sh")  # as submitit makes them
    (folder / "1_0_log.out").symlink_to(tmp_path / "elsewhere" / "new")
    with pytest.raises(DcganError, match=r"cannot write into .*/slurm: 1_0_log.out in it is a link out of it: delete"):
        slurm._Jobs(Slurm(cluster="local"), plan).submit(job, 1)
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("ids", [["../../1"], ["--user=me"], [1], "1", None])
def test_ids_of_jobs_that_nobody_submitted_are_refused(plan: Plan, ids: object) -> None:
    write_json(plan.directory / "slurm" / "local-jobs.json", {"jobs": ids})
    with pytest.raises(DcganError, match=r"local-jobs\.json is damaged"):
        slurm._Jobs(Slurm(cluster="local"), plan).existing()


@pytest.mark.slow
def test_a_job_is_requeued_and_goes_on_after_its_launcher_detached(write_sweep: Any) -> None:
    """One job: its launcher detaches, it is preempted by the signal that SLURM sends, and goes on to the end of the study."""
    plan = planning.make(
        sweep.load(
            write_sweep(factors=["batch_norm"], seeds=1, set={"budget.epochs": 150, "tracking.tick_images": 200})
        )
    )
    stored_plans.write(plan)
    queue = Queue(plan)
    queue.fill(outcome_of)
    local = launcher("slurm", ["cluster=local", "time=10"])
    with pytest.raises(Detached, match=r"^study 'small' goes on in jobs \d+: see `dcgan status small`"):
        local.launch(Job(plan, queue, 1, None, _in_training))
    folder = plan.directory / "slurm"
    (controller,) = json.loads((folder / "local-jobs.json").read_text())["jobs"]
    (task,) = Path(f"/proc/{controller}/task/{controller}/children").read_text().split()
    os.kill(int(task), signal.SIGUSR2)
    _wait_for((folder / f"{controller}_0_result.pkl").exists, "the requeued job's end")
    log = (folder / f"{controller}_0_log.out").read_text()
    assert log.count("Starting with JobEnvironment") == 2
    records = [outcome_of(trial) for trial in plan.trials]
    assert [record.status for record in records] == ["finished"] * 2
    assert sum(record.attempts for record in records) == 3, "the preempted trial went on from its checkpoint"


@pytest.mark.slow
def test_a_job_is_given_the_storage_and_no_file_its_password(plan: Plan) -> None:
    queue = Queue(plan)
    queue.fill(outcome_of)
    url = "nonsense://me:hunter2@nowhere/none"
    job = Job(plan, queue, 1, url, lambda: False)
    (complaint,) = launcher("slurm", ["cluster=local", "time=10"]).launch(job)
    assert "worker 1 ended with exit code 2: error: --storage nonsense://me:***@nowhere/none" in complaint
    written = [file for file in plan.directory.rglob("*") if file.is_file()]
    assert len(written) > 5
    assert not any(b"hunter2" in file.read_bytes() for file in written)
    assert "hunter2" not in os.environ.get("DCGAN_STORAGE", "")


def _in_training() -> bool:
    return any(True for _ in Path(os.environ["DCGAN_HOME"]).glob("runs/*/metrics.csv"))


def _wait_for(look: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 240
    while not look():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)
