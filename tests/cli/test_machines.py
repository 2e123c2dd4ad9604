"""Two machines that share a database and nothing else, as it is typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import yaml

from tests.postgres import Server, postgres

__all__ = ["postgres"]

TINY = {
    "data": {"name": "digits", "size": 16},
    "latent": {"dim": 8},
    "generator": {"width": 8},
    "discriminator": {"width": 8},
    "update": {"batch": 10},  # bare multiplies it by ten
    "budget": {"epochs": 2, "images_per_epoch": 100},
    "tracking": {"wandb": "disabled"},
    "compute": {"device": "cpu", "threads": 1},
}


def _dcgan(home: Path, url: str, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DCGAN_HOME": str(home), "DCGAN_STORAGE": url}
    return subprocess.run(
        [sys.executable, "-m", "dcgan", *words], env=environment, capture_output=True, text=True, check=False
    )


def test_what_was_trained_here_is_known_and_reported_there(tmp_path: Path, postgres: Server) -> None:
    (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(TINY))
    file = tmp_path / "apart.yaml"
    file.write_text(yaml.safe_dump({"experiment": str(tmp_path / "tiny.yaml"), "factors": ["batch_norm"], "seeds": 1}))
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
