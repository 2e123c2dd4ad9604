"""A run's scores at its end: written once however it is killed, and paid from another purse than its training."""

from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from dcgan.common.errors import DcganError
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.evaluation import Evaluation
from dcgan.runs.run import run_trial


@pytest.fixture
def scored(tiny: Experiment) -> Experiment:
    """A run with a look at the validation split before it, in its middle and at its end."""
    return tiny.with_({"score.extractor": "classifier", "score.every_epochs": 2})


@pytest.mark.slow
@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_killed_between_its_end_and_its_scores_is_uninterrupted(
    scored: Experiment, rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The checkpoint is the last one; of the last scores so many rows are written, and a torn one after them."""
    through = run_trial(scored)
    table = (RunDirectory.of(scored).path / "scores.csv").read_bytes()
    pictures = (RunDirectory.of(scored).samples / "final.png").read_bytes()
    weights = RunDirectory.of(scored).weights.read_bytes()
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "elsewhere"))

    def killed(*_: object) -> None:
        raise KeyboardInterrupt  # what ends a process at once: nothing more is written

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Evaluation, "at_the_end", killed)
        run_trial(scored)
    directory = RunDirectory.of(scored)
    lines = table.splitlines(keepends=True)
    assert len(lines) == 6  # the header, three looks, test and train
    (directory.path / "scores.csv").write_bytes(b"".join(lines[: 3 + rows]) + lines[-1][:9])
    record = run_trial(scored)
    assert (record.status, record.attempts) == ("finished", 2)
    assert (directory.path / "scores.csv").read_bytes() == table
    assert (directory.samples / "final.png").read_bytes() == pictures
    assert directory.weights.read_bytes() == weights
    for kept in ("digest", "scores", "protocol", "also", "curve"):
        assert getattr(record, kept) == getattr(through, kept)


def test_scoring_is_not_training_time(scored: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that each look at the validation split moves on by a thousand seconds; the third look fails."""
    usual, looks = Evaluation.along, []
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 1000 * len(looks))

    def slow(self: Evaluation, generator: torch.nn.Module) -> object:
        looks.append(generator)
        if len(looks) == 3:
            raise DcganError("the disk is full")
        return usual(self, generator)

    monkeypatch.setattr("dcgan.runs.run.time", clock)
    monkeypatch.setattr(Evaluation, "along", slow)
    with pytest.raises(DcganError, match="the disk is full"):
        run_trial(scored)
    record = run_trial(scored)
    assert len(looks) == 4
    assert record.seconds < 500
    assert record.scoring_seconds > 3000


def test_started_over_without_a_checkpoint_its_times_begin_again(
    scored: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, looks = Evaluation.along, []
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 1000 * len(looks))

    def slow(self: Evaluation, generator: torch.nn.Module) -> object:
        looks.append(generator)
        if len(looks) == 2:  # in the middle: there is no checkpoint yet
            raise DcganError("the disk is full")
        return usual(self, generator)

    monkeypatch.setattr("dcgan.runs.run.time", clock)
    monkeypatch.setattr(Evaluation, "along", slow)
    with pytest.raises(DcganError, match="the disk is full"):
        run_trial(scored)
    assert run_trial(scored).seconds < 500
    assert len(looks) == 5
    assert 3000 < RunDirectory.of(scored).record().scoring_seconds < 3500


def test_a_run_with_an_average_is_scored_on_it(scored: Experiment) -> None:
    record = run_trial(scored.with_({"average.half_life": 100}))
    assert record.protocol["weights"] == "average"
    assert [other["protocol"]["weights"] for other in record.also] == ["average"]
