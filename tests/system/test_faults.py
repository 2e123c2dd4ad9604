"""Killed, interrupted, out of disk: a run goes on to the same bits, and nothing is left half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

_TRAIN = "import sys; from dcgan.cli import main; sys.exit(main(sys.argv[1:]))"
_WORDS = [
    "train", "digits", "budget.epochs=12", "budget.images_per_epoch=400", "generator.width=16", "discriminator.width=16",
    "score.extractor=none", "tracking.checkpoint_seconds=0.2", "tracking.tick_images=400",
]  # fmt: skip


def _timeless(table: Path) -> list[str]:
    """The rows of metrics.csv without their last column, which is a matter of the clock."""
    return [line.rpartition(",")[0] for line in table.read_text().splitlines()]


def _start(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _TRAIN, *_WORDS, "--json"],
        env={**os.environ, "DCGAN_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _wait_for_images(home: Path, images: int) -> None:
    for _ in range(1200):
        tables = list(home.glob("runs/*/metrics.csv"))
        if tables and len(tables[0].read_text().splitlines()) > images // 400:
            return
        time.sleep(0.05)
    raise AssertionError("the run did not get going")


def test_killed_at_any_moment_it_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    with _start(tmp_path / "through") as through:
        record = json.loads(through.communicate()[0])
    at = {signal.SIGKILL: 400, signal.SIGTERM: 800, signal.SIGINT: 1200, signal.SIGHUP: 1600}
    for number, images in at.items():
        with _start(tmp_path / "killed") as process:
            _wait_for_images(tmp_path / "killed", images)
            process.send_signal(number)
            _, said = process.communicate()
        assert process.returncode == (-signal.SIGKILL if number == signal.SIGKILL else 130)
        assert "Traceback" not in said
    with _start(tmp_path / "killed") as process:
        again = json.loads(process.communicate()[0])
    assert again["attempts"] == 5
    assert again["digest"] == record["digest"]
    (one,) = (tmp_path / "through").glob("runs/*/metrics.csv")
    (other,) = (tmp_path / "killed").glob("runs/*/metrics.csv")
    assert _timeless(one) == _timeless(other)


def test_a_full_disk_fails_with_one_line_and_the_run_can_go_on(tmp_path: Path) -> None:
    full = (
        "import resource, signal, sys; import dcgan.runs.run; from dcgan.cli import main;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (20000, -1));"
        "sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", full, *_WORDS]
    environment = {**os.environ, "DCGAN_HOME": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "error: cannot write" in done.stderr
    assert "File too large" in done.stderr
    assert "Traceback" not in done.stderr
    (directory,) = (tmp_path / "runs").iterdir()
    assert json.loads((directory / "run.json").read_text())["status"] == "failed"
    hidden = [path.name for path in directory.iterdir() if path.name.startswith(".")]
    assert [name for name in hidden if not name.endswith("lock")] == []  # locks stay, half-written files do not
    with _start(tmp_path) as process:
        assert json.loads(process.communicate()[0])["status"] == "finished"
