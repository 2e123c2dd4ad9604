"""Studies on the device: beside trials of a CPU in one report, and several workers a GPU as far as its memory goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import torch
import yaml

from dcgan.cli import main
from dcgan.common import paths
from dcgan.experiment.sections import Compute
from dcgan.runs.directory import RunDirectory
from dcgan.runs.environment import describe
from dcgan.runs.run import run_trial
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep as sweeps
from dcgan.workers.launchers import gpus
from dcgan.workers.launchers.memory import CONTEXT
from tests.gpu.device import here
from tests.tiny import TINY

DEVICE = here()
ROOT = Path(__file__).parents[2]
cuda_only = pytest.mark.skipif(DEVICE.type != "cuda", reason=f"GPU memory: there is none on the device '{DEVICE}'")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A sweep of two arms and four seeds on the device, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    Path("tiny.yaml").write_text(yaml.safe_dump({**TINY, "compute": {"device": DEVICE.type, "threads": 1}}))
    Path("small.yaml").write_text("experiment: tiny.yaml\nstart: bare\nfactors: [batch_norm]\nseeds: 4\n")
    return "small.yaml"


@pytest.fixture
def plan(small: str) -> Plan:
    """The same, written down."""
    made = planning.make(sweeps.load(small))
    stored_plans.write(made)
    return made


def _dcgan(*words: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which sees one GPU."""
    first = gpus.names([0], os.environ.get(gpus.VISIBLE))[0]
    environment = {**os.environ, gpus.VISIBLE: first}
    return subprocess.run(
        [sys.executable, "-m", "dcgan", *words], capture_output=True, text=True, check=False, env=environment
    )


def test_trials_of_a_gpu_and_of_a_cpu_stand_in_one_report(small: str) -> None:
    plan = planning.make(sweeps.load(small))
    for trial in plan.trials:
        if trial.arm == "bare":
            run_trial(trial.experiment.with_({"compute.device": "cpu"}))
    assert main(["sweep", small, "--workers", "1"]) == 0
    names = {
        arm: describe(torch.device(kind), Compute())["device"]
        for arm, kind in (("bare", "cpu"), ("batch_norm", DEVICE))
    }
    records = {(trial.arm, trial.seed): RunDirectory.find(trial.run).record() for trial in plan.trials}
    devices = {cell: record.environment["device"] for cell, record in records.items() if record is not None}
    assert devices == {cell: names[cell[0]] for cell in records}
    folder = paths.reports() / "small"
    report = json.loads((folder / "report.json").read_text())
    assert (report["trials"]["total"], report["trials"]["finished"]) == (8, 8)
    assert report["comparisons"][0]["pairs"] == 4
    for name in names.values():
        assert name in report["environment"]["device"]
        assert name in (folder / "report.md").read_text()


def test_two_workers_share_a_gpu(small: str) -> None:
    words = ["--workers", "2"] if DEVICE.type == "cpu" else ["--option", "workers_per_gpu=2"]
    done = _dcgan("sweep", small, "--launcher", "local", *words, "--no-report")
    assert done.returncode == 0, done.stderr
    logs = sorted((paths.studies() / "small" / "workers").glob("*.log"))
    assert [log.name for log in logs] == ["1.log", "2.log"]
    assert all("joined study small" in log.read_text() for log in logs)
    lines = (paths.studies() / "small" / "trials.csv").read_text().splitlines()
    assert sum(",finished," in line for line in lines) == 8


@cuda_only
def test_what_a_worker_takes_is_measured_and_dealt_out(plan: Plan) -> None:
    free, need = gpus.measure(plan)
    assert set(free) == set(range(torch.cuda.device_count()))
    assert CONTEXT < need < min(free.values())
    chosen = Counter(place[gpus.VISIBLE] for place in gpus.places(plan, len(free) + 1))
    assert sorted(chosen.values()) == [1] * (len(free) - 1) + [2]


@cuda_only
def test_more_workers_than_the_memory_holds_are_refused_in_one_line(small: str) -> None:
    done = _dcgan("sweep", small, "--workers", "10000")
    assert done.returncode == 2
    refusal = done.stderr.splitlines()[-1]
    assert refusal.startswith("error: no GPU memory for the packing asked for: 10000 workers need ")
    assert refusal.endswith(" fit")


def test_the_steps_benchmark_prints_its_table() -> None:
    words = ["--size", "16", "--batch", "8", "--rounds", "1", "--steps", "1", "--device", str(DEVICE)]
    words = [sys.executable, str(ROOT / "benchmarks" / "step.py"), *words]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.endswith(" x")]
    names = ["the article's loop, fp32", "this trainer, fp32", "this trainer, bf16"]
    if DEVICE.type == "cuda":
        names += ["this trainer, fp32, any kernel", "this trainer, bf16, any kernel"]
    assert [row.rpartition(" images/s")[0].rpartition(" ")[0].strip() for row in rows] == names
