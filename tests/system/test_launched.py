"""Studies on several processes and on a real Ray cluster: a node dies, people press Ctrl-C, and the runs come out bit
for bit as on one worker here, the arms of one seed paired."""

from __future__ import annotations

import contextlib
import csv
import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.cli import main

pytestmark = pytest.mark.slow

needs_ray = pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="Ray is not installed")
TINY: dict[str, dict[str, Any]] = {
    "data": {"name": "digits", "size": 16},
    "latent": {"dim": 8},
    "generator": {"width": 8},
    "discriminator": {"width": 8},
    "update": {"batch": 10},
    "budget": {"epochs": 40, "images_per_epoch": 200},
    "score": {"every_epochs": 20},
    "tracking": {"wandb": "disabled", "checkpoint_seconds": 0.2, "tick_images": 200},
    "compute": {"device": "cpu", "threads": 1},
}
# The arms differ in nothing but the learning rate after a quarter of the budget.
LATE = TINY["budget"]["images_per_epoch"] * TINY["budget"]["epochs"] // 4
SWEEP = "experiment: tiny.yaml\nstart: bare\nfactors: [lr_decay]\nseeds: 2\n"
WORDS = ["sweep", "launched.yaml", "--no-report"]


@pytest.fixture(scope="module")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


Run = tuple[str, str, object]


def _runs() -> dict[str, Run]:
    """Of each run how it ended, the digest of its last state and its scores."""
    records = {path.parent.name: json.loads(path.read_text()) for path in Path("runs").glob("*/run.json")}
    return {run: (record["status"], record["digest"], record["scores"]) for run, record in records.items()}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, _cache: Path) -> dict[str, Run]:
    """The study on one worker in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("undisturbed"))
        patch.setenv("DCGAN_HOME", ".")
        patch.setenv("XDG_CACHE_HOME", str(_cache))
        _write_study()
        assert main([*WORDS, "--workers", "1"]) == 0
        _check_pairing()
        return _runs()


def _check_pairing() -> None:
    """Until the arms' rates part, those of one seed have the same losses, bit for bit: they began with the same
    weights and saw the same images and the same noise. Other seeds have others."""
    with Path("studies/launched/trials.csv").open(newline="") as file:
        trials = {(row["arm"], row["seed"]): Path("runs", row["run"]) for row in csv.DictReader(file)}
    rows = {trial: _losses(run) for trial, run in trials.items()}
    for seed in ("0", "1"):
        bare, decayed = rows["bare", seed], rows["lr_decay", seed]
        early = [images for images in bare if images <= LATE]
        assert len(early) == 10
        assert all(bare[images] == decayed[images] for images in early)
        assert bare[max(bare)] != decayed[max(decayed)]
    assert rows["bare", "0"][min(early)] != rows["bare", "1"][min(early)]


def _losses(run: Path) -> dict[int, tuple[str, ...]]:
    """The losses and gradient norms that a run recorded, by the images it had seen."""
    with (run / "metrics.csv").open(newline="") as file:
        names = ("loss_d", "loss_g", "d_real", "d_fake", "grad_d", "grad_g")
        return {int(row["images"]): tuple(row[name] for name in names) for row in csv.DictReader(file)}


def _write_study() -> None:
    Path("tiny.yaml").write_text(yaml.safe_dump(TINY))
    Path("launched.yaml").write_text(SWEEP)


@pytest.fixture(autouse=True)
def _study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _cache: Path) -> None:
    """A study of two arms and two seeds in a working directory of its own, and a token of its own for Ray."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCGAN_HOME", ".")
    monkeypatch.setenv("XDG_CACHE_HOME", str(_cache))
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(16))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for name, value in {"period": 500, "timeout": 500, "initial_delay": 500}.items():
        monkeypatch.setenv(f"RAY_health_check_{name}_ms", str(value))  # to notice a death within seconds
    _write_study()


@contextlib.contextmanager
def _node(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A node of one CPU, as a tree of processes; killed afterwards."""
    usual = ["--num-cpus=1", "--object-store-memory=80000000", "--disable-usage-stats", "--block"]
    start = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start", *words, *usual]
    with Path(f"node-{len(words)}-{time.monotonic_ns()}.log").open("wb") as log:
        node = subprocess.Popen(start, stdout=log, stderr=log, start_new_session=True)
    try:
        yield node
    finally:
        _kill(node)


def _kill(node: subprocess.Popen[Any]) -> None:
    """As when a machine loses its power: every process of the node at once, its workers' trials too."""
    for process in [node.pid, *_below(node.pid)]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    node.wait()


def _below(parent: int) -> list[int]:
    """The processes that descend from one."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        found = [int(child) for child in children.read_text().split()]
    except OSError:
        return []
    return [*found, *(each for child in found for each in _below(child))]


def _wait_for(look: Callable[[], object], what: str, seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < deadline, f"{what}: not within {seconds} s"
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _workers_of(process: int) -> list[int]:
    """The processes below one that are in the middle of training a run."""
    training = []
    for each in _below(process):
        with contextlib.suppress(OSError):
            held = [str(path.readlink()) for path in Path(f"/proc/{each}/fd").iterdir()]
            runs = [Path(path).parent for path in held if "/runs/" in path and path.endswith("/.lock")]
            if any((run / "metrics.csv").exists() for run in runs):
                training.append(each)
    return training


def _sweep(launcher: str, workers: int, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dcgan", *WORDS, "--launcher", launcher, "--workers", str(workers), *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)


@needs_ray
def test_a_node_dies_and_every_trial_is_finished(undisturbed: dict[str, Run]) -> None:
    port = _free_port()
    address = f"127.0.0.1:{port}"
    folder = tempfile.mkdtemp(prefix="ray", dir="/tmp")  # short: the names of its sockets are limited
    place = [f"--temp-dir={folder}", "--include-dashboard=false", "--node-ip-address=127.0.0.1"]
    with _node("--head", f"--port={port}", *place) as head:
        _wait_for(lambda: _answers(port), "the head node")
        with _node(f"--address={address}", "--node-ip-address=127.0.0.1") as other:
            sweep = _sweep("ray", 2, "--option", f"address={address}")
            try:
                _wait_for(lambda: _workers_of(other.pid) and _workers_of(head.pid), "a worker on each node")
                _kill(other)
                _, told = sweep.communicate(timeout=300)
            finally:
                _kill(sweep)
    shutil.rmtree(folder)
    assert sweep.returncode == 0, told
    assert _runs() == undisturbed
    _check_pairing()


@pytest.mark.parametrize(("launcher", "count"), [("local", 2), pytest.param("ray", 1, marks=needs_ray)])
def test_ctrl_c_once_puts_trials_back_and_twice_loses_nothing(
    launcher: str, count: int, undisturbed: dict[str, Run]
) -> None:
    for times in (1, 2):
        sweep = _sweep(launcher, count)
        try:
            _wait_for(lambda sweep=sweep: len(_workers_of(sweep.pid)) == count, "workers in training")
            workers = _workers_of(sweep.pid)
            for _ in range(times):
                sweep.send_signal(signal.SIGINT)
                time.sleep(0.3)
            _, told = sweep.communicate(timeout=120)
        finally:
            _kill(sweep)
        assert sweep.returncode == 130, told
        assert "Traceback" not in told
        if times == 1:
            assert "nothing is lost, type the same command again to go on" in told
            assert not any(_is_there(worker) for worker in workers), "the launcher waited for its workers"
            assert len(list(Path("runs").glob("*/checkpoint.pt"))) >= count, "trials were put back with a checkpoint"
        _wait_for(lambda workers=workers: not any(_is_there(each) for each in workers), "the workers' end")
    assert main([*WORDS, "--workers", "1"]) == 0, "another launcher goes on with the study"
    assert _runs() == undisturbed
    _check_pairing()


def _is_there(process: int) -> bool:
    """Whether a process runs; one that ended and was not waited for by its parent does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
