"""The curves of runs on their way from one machine to the others, through a database."""

from __future__ import annotations

import base64
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

from dcgan.common import messages
from dcgan.queue import study_curves
from dcgan.tracking.rows import rows
from tests.tiny import record

METRICS = "images,loss_d\n100,0.5\n200,0.25\n"
PNG = b"\x89PNG\r\n\x1a\n and so on"
SCORES = "images,split,extractor,fid\n200,validation,classifier,7.5\n"


def _trained(there: Any) -> Any:
    """A trial that the machine `there` finished, with its curves."""
    with there.claim() as claim:
        directory = claim.trial.directory
        directory.samples.mkdir(parents=True)
        (directory.path / "metrics.csv").write_text(METRICS)
        (directory.path / "scores.csv").write_text(SCORES)
        (directory.samples / "final.png").write_bytes(PNG)
        directory.checkpoint.write_bytes(b"large")
        there.settle(claim, record(claim.trial, scores={"fid": 1.5}))
    return claim.trial


def test_the_curves_of_a_run_reach_a_machine_that_asks_for_them(apart: Any) -> None:
    here, there = apart("here"), apart("there")
    trial = _trained(there)
    apart("here")
    here.collect()
    assert rows(trial.directory) == []
    assert here.curves.fetch([trial]) == [trial]
    found = rows(trial.directory, last=200)
    assert [(row.images, dict(row.values)) for row in found] == [
        (100, {"loss_d": 0.5}),
        (200, {"loss_d": 0.25, "validation/fid": 7.5}),
    ]
    assert found[1].grid is not None and found[1].grid.read_bytes() == PNG
    assert not trial.directory.checkpoint.exists()
    assert here.curves.fetch([trial]) == [], "they are there now"


def test_a_machine_fetches_nothing_of_its_own_and_nothing_that_is_not_over(apart: Any) -> None:
    here, there = apart("here"), apart("there")
    trial = _trained(there)
    assert there.curves.fetch([trial]) == []
    apart("here")
    assert here.curves.fetch([trial]) == [], "its record has not come yet"


def test_a_file_that_is_too_large_stays_where_it_is(apart: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study_curves, "_LARGEST", 60)
    here, there = apart("here"), apart("there")
    trial = _trained(there)
    apart("here")
    here.collect()
    here.curves.fetch([trial])
    assert (trial.directory.path / "metrics.csv").exists()
    assert not (trial.directory.path / "scores.csv").exists()


@pytest.mark.parametrize(
    "packed", ["not zipped!", base64.b64encode(zlib.compress(bytes(60_000_000))).decode()], ids=["damaged", "a bomb"]
)
def test_a_damaged_entry_is_told_and_left_out(
    apart: Any, packed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    messages.say_once.cache_clear()
    monkeypatch.setattr(study_curves, "_packed", lambda _file: packed)
    here, there = apart("here"), apart("there")
    trial = _trained(there)
    apart("here")
    here.collect()
    assert here.curves.fetch([trial]) == [trial]
    assert f"the storage's study 'small:curves' is damaged: metrics.csv of run {trial.run}" in capsys.readouterr().err
    assert not (trial.directory.path / "metrics.csv").exists()


@pytest.mark.usefixtures("at_once")
def test_what_is_no_file_or_a_huge_one_is_not_sent(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "metrics.csv")
    assert study_curves._packed(tmp_path / "metrics.csv") is None
    with (tmp_path / "scores.csv").open("wb") as sparse:
        sparse.truncate(2**42)
    assert study_curves._packed(tmp_path / "scores.csv") is None
