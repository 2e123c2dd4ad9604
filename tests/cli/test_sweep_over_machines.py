"""Two machines that share a database and nothing else, as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.queue.search_queue import SearchQueue
from dcgan.queue.study_extractor import extractors_of
from dcgan.study import stored_plans
from dcgan.study.stages import search_stages
from dcgan.sweeps import sweep as sweeps
from dcgan.workers.worker import begin, prepare
from tests.postgres import Server
from tests.tiny import TINY

pytestmark = pytest.mark.slow


def _dcgan(home: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DCGAN_HOME": str(home), "DCGAN_STORAGE": url}
    return subprocess.run(
        [sys.executable, "-m", "dcgan", *words], env=environment, capture_output=True, text=True, check=False
    )


def test_what_was_trained_here_is_known_and_reported_there(tmp_path: Path, postgres: Server) -> None:
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    file = tmp_path / "apart.yaml"
    file.write_text(
        yaml.safe_dump(
            {"experiment": str(tmp_path / "tiny.yaml"), "start": "bare", "factors": ["batch_norm"], "seeds": 1}
        )
    )
    url = postgres.new_database(f"machines_{os.getpid()}")
    here, there = tmp_path / "here", tmp_path / "there"
    assert "no study named 'apart'" in _dcgan(there, url, "worker", "apart").stderr
    planned = _dcgan(here, url, "sweep", str(file), "--workers", "1", "--no-report", "--json")
    assert planned.returncode == 0, planned.stderr
    longer = _dcgan(here, url, "sweep", str(file), "seeds=2", "--workers", "1", "--no-report", "--json")
    assert json.loads(longer.stdout)["finished"] == 4

    joined = _dcgan(there, url, "worker", "apart", "--json")
    assert joined.returncode == 0, joined.stderr
    assert json.loads(joined.stdout)["finished"] == 4, "the other machine's results are written down"
    told = _dcgan(there, url, "status", "apart", "--json")
    assert (json.loads(told.stdout)["finished"], json.loads(told.stdout)["stalled"]) == (4, [])
    rows = [(machine / "studies/apart/trials.csv").read_text() for machine in (here, there)]
    assert rows[0] == rows[1]
    assert _dcgan(there, url, "report", "apart").returncode == 0


def test_runs_that_were_there_before_the_database_are_known_elsewhere(tmp_path: Path, postgres: Server) -> None:
    """Trained by a study of this folder's own, and handed to nobody else once the queue is in a database."""
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    file = tmp_path / "before.yaml"
    file.write_text(
        yaml.safe_dump(
            {"experiment": str(tmp_path / "tiny.yaml"), "start": "bare", "factors": ["batch_norm"], "seeds": 1}
        )
    )
    here, there = tmp_path / "here", tmp_path / "there"
    environment = {key: value for key, value in os.environ.items() if key != "DCGAN_STORAGE"}
    alone = [sys.executable, "-m", "dcgan", "sweep", str(file), "--workers", "1", "--no-report"]
    subprocess.run(alone, env={**environment, "DCGAN_HOME": str(here)}, check=True, capture_output=True)
    url = postgres.new_database(f"before_{os.getpid()}")
    assert _dcgan(here, url, "sweep", str(file), "--workers", "1", "--no-report").returncode == 0
    joined = _dcgan(there, url, "worker", "before", "--json")
    assert json.loads(joined.stdout)["finished"] == 2, joined.stderr
    records = [json.loads(path.read_text()) for path in there.glob("runs/*/run.json")]
    assert [record["attempts"] for record in records] == [1, 1]
    assert not list(there.glob("runs/*/checkpoint.pt")), "nothing was trained there"


def test_what_is_trained_there_is_seen_to_run_here(tmp_path: Path, postgres: Server) -> None:
    """With how far it is, as its worker last said."""
    endless = {**TINY, "budget": {"epochs": 100_000, "images_per_epoch": 100}, "tracking": {"tick_images": 100}}
    (tmp_path / "endless.yaml").write_text(yaml.safe_dump({**endless, "score": {"every_epochs": 1}}))
    file = tmp_path / "seen.yaml"
    content = {"experiment": str(tmp_path / "endless.yaml"), "start": "bare", "factors": ["batch_norm"], "seeds": 1}
    file.write_text(yaml.safe_dump(content))
    url = postgres.new_database(f"seen_{os.getpid()}")
    here, there = tmp_path / "here", tmp_path / "there"
    environment = {**os.environ, "DCGAN_HOME": str(there), "DCGAN_STORAGE": url, "DCGAN_LEASE": "2"}
    words = [sys.executable, "-m", "dcgan", "sweep", str(file), "--workers", "1"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as worker:
        try:
            seen = _until(
                here, url, "seen", lambda told: told["trials_running"] and told["trials_running"][0]["images"]
            )
            (running,) = seen["trials_running"]
            assert (seen["running"], seen["waiting"]) == (1, 1)
            assert running["fid"] > 0
        finally:
            worker.kill()


def _until(home: Path, url: str, study: str, wanted: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """What `dcgan status` tells there once that is so."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        done = _dcgan(home, url, "status", study, "--json")
        if done.returncode == 0 and wanted(told := json.loads(done.stdout)):
            return dict(told)
        time.sleep(1)
    raise AssertionError(done.stdout + done.stderr)


def test_a_search_over_two_machines(tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planned here; its combinations, and then the confirmation's plan, come to the other machine by the database."""
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    file = tmp_path / "far.yaml"
    content = {
        "experiment": str(tmp_path / "tiny.yaml"),
        "start": "bare",
        "factors": ["batch_norm", "he_init"],
        "seeds": [5],
    }
    file.write_text(yaml.safe_dump({**content, "design": {"search": {"trials": 4, "confirm": 1, "sampler": "random"}}}))
    url = postgres.new_database(f"far_{os.getpid()}")
    here, there = tmp_path / "here", tmp_path / "there"
    monkeypatch.setenv("DCGAN_HOME", str(here))
    plan = search_stages.search_of(sweeps.load(str(file)))
    fingerprints, extractors = prepare(plan, extractors_of(plan, url))
    stored_plans.write(plan)
    queue = SearchQueue(plan, url)
    begin(queue, fingerprints, extractors)
    queue.fill()
    environment = {**os.environ, "DCGAN_HOME": str(there), "DCGAN_STORAGE": url}
    words = [sys.executable, "-m", "dcgan", "worker", "far", "--json"]
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as joined:
        try:
            _until(here, url, "far-search", lambda told: told["finished"] == 4)
            searched = {path.parent.name for path in there.glob("runs/*/checkpoint.pt")}
            led = _dcgan(here, url, "sweep", str(file), "--workers", "1", "--no-report", "--json")
            told, said = joined.communicate(timeout=120)
        finally:
            joined.kill()
    assert led.returncode == 0, led.stderr
    assert joined.returncode == 0, said
    assert json.loads(led.stdout)["finished"] == json.loads(told)["finished"] == 2
    assert searched, "trained there, and known here"
    assert not searched & {path.parent.name for path in here.glob("runs/*/checkpoint.pt")}, "nothing was trained twice"
    tables = [(machine / "studies/far-search/trials.csv").read_text() for machine in (here, there)]
    assert tables[0] == tables[1]
