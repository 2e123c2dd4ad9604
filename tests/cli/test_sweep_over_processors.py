"""A study over two kinds of processors that share a database and nothing else: one extractor, and one report."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.queue import Queue
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep as sweeps
from dcgan.workers.worker import begin, prepare
from tests.postgres import Server
from tests.tiny import TINY

pytestmark = pytest.mark.slow

# What a processor without AVX-512 would compute with. Where this one has none, both are of one kind, and the study is
# still over two machines, each with a cache of its own.
OLDER = {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2"}


@dataclass(frozen=True)
class Machine:
    """A home and a cache of its own, and what its processor is to pass for."""

    root: Path
    url: str
    processor: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        own = {"DCGAN_HOME": str(self.root), "XDG_CACHE_HOME": str(self.root / "cache"), "DCGAN_STORAGE": self.url}
        return {**os.environ, **own, **self.processor}

    def start(self, *words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "dcgan", *words]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def dcgan(self, *words: str) -> subprocess.CompletedProcess[str]:
        with self.start(*words) as process:
            out, err = process.communicate()
        return subprocess.CompletedProcess(words, process.returncode, out, err)

    def trained(self) -> set[str]:
        """The runs that were trained here."""
        return {path.parent.name for path in self.root.glob("runs/*/checkpoint.pt")}

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(path.read_text()) for path in self.root.glob("runs/*/run.json")]


@pytest.fixture
def machines(tmp_path: Path, postgres: Server) -> tuple[Machine, Machine]:
    url = postgres.new_database(f"mixed_{os.getpid()}_{time.monotonic_ns()}")
    return Machine(tmp_path / "here", url), Machine(tmp_path / "there", url, OLDER)


def _planned(here: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Plan, Path]:
    """A study that was begun here, of which nothing was trained."""
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    file = tmp_path / "mixed.yaml"
    file.write_text(
        yaml.safe_dump(
            {"experiment": str(tmp_path / "tiny.yaml"), "start": "bare", "factors": ["batch_norm"], "seeds": 6}
        )
    )
    for name in ("DCGAN_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, here.environment[name])
    plan = planning.make(sweeps.load(str(file)))
    stored_plans.write(plan)
    queue = Queue(plan, here.url)
    begin(queue, *prepare(plan, queue.extractors))
    queue.fill()
    return plan, file


def _train_some(machine: Machine, count: int) -> None:
    """A worker that is stopped once it has trained so many."""
    with machine.start("worker", "mixed") as worker:
        deadline = time.monotonic() + 120
        while len(machine.trained()) < count and worker.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        _, said = worker.communicate(timeout=60)
    assert len(machine.trained()) >= count, said


def test_one_extractor_and_one_report(
    machines: tuple[Machine, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = machines
    _, file = _planned(here, tmp_path, monkeypatch)
    _train_some(there, 2)
    assert not list(there.root.glob("cache/dcgan/extractors/*")), "it made no extractor of its own"
    led = here.dcgan("sweep", str(file), "--workers", "1", "--json")
    assert led.returncode == 0, led.stderr
    assert json.loads(led.stdout)["finished"] == 12
    assert here.trained()
    assert there.trained()
    assert not here.trained() & there.trained()
    assert {record["protocol"]["extractor_hash"] for record in here.records()} == {
        _only(path)["digest"] for path in here.root.glob("studies/mixed/extractors/*.json")
    }
    joined = there.dcgan("worker", "mixed", "--json")
    assert joined.returncode == 0, joined.stderr
    for machine in machines:
        reported = machine.dcgan("report", "mixed", "--json")
        assert reported.returncode == 0, reported.stderr
        assert json.loads(reported.stdout)["comparisons"][0]["pairs"] == 6


def _only(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


def test_an_extractor_of_another_hash_is_refused_before_anything_is_trained(
    machines: tuple[Machine, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the study in the storage, whose copy in this machine's folder was changed."""
    here, there = machines
    plan, _ = _planned(here, tmp_path, monkeypatch)
    (stored,) = Queue(plan, here.url).extractors._storage.call(  # type: ignore[union-attr]
        lambda storage: storage.get_all_trials(storage.get_study_id_from_name("mixed:extractors"))
    )
    assert stored.user_attrs["extractor"]["weights"], "it travels whole"
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    alone = Machine(there.root, "")
    shutil.copytree(here.root / "studies", alone.root / "studies")
    (path,) = alone.root.glob("studies/mixed/extractors/*.json")
    path.write_text(json.dumps({**_only(path), "digest": "0123456789abcdef"}))
    refused = alone.dcgan("worker", "mixed")
    assert refused.returncode == 1
    assert "is damaged: it has not the hash 0123456789abcdef" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not alone.trained()


def test_what_was_scored_differently_is_repaired_by_each_machine(
    machines: tuple[Machine, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a study of an earlier version ended: the runs of one machine under another classifier, in its own folder only.

    Another digest stands for another classifier; the runs are scored again by the machine that has their generators,
    and the other one hears of it through the database.
    """
    here, there = machines
    _, file = _planned(here, tmp_path, monkeypatch)
    _train_some(there, 2)
    assert here.dcgan("sweep", str(file), "--workers", "1", "--no-report").returncode == 0
    assert there.dcgan("worker", "mixed").returncode == 0
    theirs = there.trained()
    for machine in machines:
        for run in theirs:
            path = machine.root / "runs" / run / "run.json"
            record = _only(path)
            protocol = {**record["protocol"], "extractor_hash": "0123456789abcdef"}
            path.write_text(json.dumps({**record, "protocol": protocol}))
    refused = here.dcgan("report", "mixed")
    assert refused.returncode == 1
    assert "dcgan score STUDY scores all kept generators again" in refused.stderr
    elsewhere = here.dcgan("score", "mixed")
    assert elsewhere.returncode == 1
    assert f"{len(theirs)} finished runs have no generator here" in elsewhere.stderr
    rescored = there.dcgan("score", "mixed", "--json")
    assert rescored.returncode == 0, rescored.stderr
    assert json.loads(rescored.stdout)["scored"] == len(theirs)
    heard = here.dcgan("score", "mixed", "--json")
    assert heard.returncode == 0, heard.stderr
    assert json.loads(heard.stdout)["already"] == 12
    for machine in machines:
        assert len({record["protocol"]["extractor_hash"] for record in machine.records()}) == 1
        assert machine.dcgan("report", "mixed").returncode == 0
