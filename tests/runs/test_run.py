"""One trial, whole: trained, scored, recorded, resumed, and honest about what went wrong."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import torch

from dcgan.common.errors import DcganError, Interrupted, Misuse
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from dcgan.runs.samples import drawing
from dcgan.training.events import Ended, Event, Sampled, Scored, Started, Ticked


def _stop_after(steps: int):  # type: ignore[no-untyped-def]
    calls = iter(range(10**6))
    return lambda: next(calls) >= steps


def _files(experiment: Experiment) -> dict[str, object]:
    path = RunDirectory.of(experiment).path
    files: dict[str, object] = {
        name: (path / name).read_bytes() for name in ("generator.safetensors", "samples/final.png")
    }
    return {**files, "metrics": _timeless(path / "metrics.csv")}


def _timeless(table: Path) -> list[str]:
    """The rows of metrics.csv without their last column, which is a matter of the clock."""
    return [line.rpartition(",")[0] for line in table.read_text().splitlines()]


def test_a_run_leaves_everything_the_contract_names(tiny: Experiment) -> None:
    events: list[Event] = []
    experiment = tiny.with_({"score.extractor": "classifier", "score.every_epochs": 2})
    record = run_trial(experiment, observers=[events.append])
    directory = RunDirectory.of(experiment)
    assert record == directory.record()
    assert record.status == "finished"
    assert record.images == 200
    assert record.attempts == 1
    assert directory.experiment() == experiment
    rows = directory.rows("scores")
    assert [row["split"] for row in rows] == ["validation", "validation", "validation", "test", "train"]
    assert [row["images"] for row in rows] == ["0", "100", "200", "200", "200"]
    (other,) = record.also
    for row, split, kept in ((rows[3], "test", record.to_json()), (rows[4], "train", other)):
        assert set(kept["scores"]) >= {"fid", "isc", "kid", "precision", "recall"}
        assert float(row["fid"]) == kept["scores"]["fid"]
        assert (kept["protocol"]["split"], kept["protocol"]["weights"]) == (split, "raw")
    along = [(int(row["images"]), float(row["fid"])) for row in rows[:3]]
    assert record.curve["last"] == {"images": 200, "fid": along[2][1]}
    assert record.curve["best"]["fid"] == min(fid for _, fid in along)
    assert record.curve["mean"] == pytest.approx((along[0][1] + 2 * along[1][1] + along[2][1]) / 4)
    assert record.scoring_seconds > 0
    assert [row["images"] for row in directory.rows("metrics")] == ["60", "120", "180", "200"]
    assert directory.rows("metrics")[0].keys() == {
        "step", "images", "epoch", "loss_d", "loss_g", "penalty", "smoothness", "d_real", "d_fake", "grad_d", "grad_g", "lr_d", "lr_g",
        "images_per_second",
    }  # fmt: skip
    kinds = [type(event) for event in events]
    assert kinds[0] is Started
    assert kinds[-1] is Ended
    assert kinds.count(Ticked) == 4
    assert (kinds.count(Scored), kinds.count(Sampled)) == (5, 3)
    assert drawing(record.id).images(5).shape == drawing(record.id).walk(5).shape == (5, 1, 16, 16)


def test_a_finished_run_is_not_trained_again(tiny: Experiment) -> None:
    first = run_trial(tiny)
    events: list[Event] = []
    assert run_trial(tiny.with_({"name": "another-name"}), observers=[events.append]) == first
    assert events == []


def test_the_same_seed_gives_the_same_bits(tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, files = run_trial(tiny), _files(tiny)
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "elsewhere"))
    second = run_trial(tiny)
    assert first.digest == second.digest
    assert files == _files(tiny)


def test_scoring_on_the_way_changes_nothing(tiny: Experiment) -> None:
    alone = run_trial(tiny)
    torch.manual_seed(7)
    watched = run_trial(tiny.with_({"score.extractor": "classifier", "score.every_epochs": 1}))
    assert watched.id != alone.id
    assert watched.digest == alone.digest


@pytest.mark.slow
@pytest.mark.parametrize("steps", [0, 1, 4, 9])
def test_interrupted_and_resumed_is_uninterrupted(
    tiny: Experiment, steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = tiny.with_({"replay.share": 0.5, "score.extractor": "classifier", "score.every_epochs": 1})
    through, files = run_trial(experiment), _files(experiment)
    scores = RunDirectory.of(experiment).rows("scores")
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(Interrupted):
        run_trial(experiment, stop=_stop_after(steps))
    assert RunDirectory.of(experiment).record().status == "running"
    record = run_trial(experiment)
    assert record.attempts == 2
    assert record.digest == through.digest
    assert _files(experiment) == files
    assert RunDirectory.of(experiment).rows("scores") == scores


def test_divergence_is_an_outcome(tiny: Experiment) -> None:
    wild = {f"optimizer.{player}": {"kind": "sgd", "lr": 1e30} for player in ("generator", "discriminator")}
    record = run_trial(tiny.with_(wild))
    assert record.status == "diverged"
    assert "after" in record.failure
    assert record.scores == {}
    assert run_trial(tiny.with_(wild)) == record


def test_an_observer_that_fails_changes_nothing(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(event: Event) -> None:
        raise OSError("no network")

    seen: list[Event] = []
    assert run_trial(tiny, observers=[broken, seen.append]).status == "finished"
    assert capsys.readouterr().err.count("stopped watching: no network") == 1
    assert len(seen) > 3


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_log_on_a_full_disk_does_not_stop_a_run(tiny: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(event: Event) -> None:
        raise OSError("no network")

    with io.TextIOWrapper(Path("/dev/full").open("wb", buffering=0), write_through=True) as full:
        monkeypatch.setattr(sys, "stderr", full)
        with pytest.raises(OSError, match="No space left"):
            full.write("a line\n")
        assert run_trial(tiny, observers=[broken]).status == "finished"


def test_a_failure_is_recorded_and_tried_again(tiny: Experiment) -> None:
    directory = RunDirectory.of(tiny)
    directory.path.mkdir(parents=True)
    directory.samples.write_text("a file where a folder should be")
    with pytest.raises(DcganError, match="cannot write"):
        run_trial(tiny)
    record = directory.record()
    assert record
    assert record.status == "failed"
    assert "cannot write" in record.failure
    directory.samples.unlink()
    assert run_trial(tiny).status == "finished"


def test_what_does_not_fit_its_data_writes_nothing(tiny: Experiment) -> None:
    large = tiny.with_({"update.batch": 1500, "budget.images_per_epoch": 1500})
    with pytest.raises(Misuse, match="update.batch=1500 is larger than the training split"):
        run_trial(large)
    assert not RunDirectory.of(large).path.exists()


def test_a_generator_that_is_no_longer_numbers_is_not_scored(tiny: Experiment) -> None:
    """With no tick between the trouble and the score that would have hidden it."""
    wild = {"optimizer.generator": {"kind": "sgd", "lr": 1e30}, "tracking.tick_images": 10**6}
    experiment = tiny.with_({**wild, "score.extractor": "classifier", "score.every_epochs": 1})
    record = run_trial(experiment)
    assert record.status == "diverged"
    assert [row["images"] for row in RunDirectory.of(experiment).rows("scores")] == ["0"]


@pytest.mark.slow
def test_a_run_goes_on_with_the_threads_it_began_with(tiny: Experiment) -> None:
    with pytest.raises(Interrupted):
        run_trial(tiny.with_({"compute.threads": 2}), stop=_stop_after(3))
    record = run_trial(tiny.with_({"compute.threads": 1}))
    assert record.environment["threads"] == 2


def test_a_run_does_not_go_on_on_another_kind_of_device(tiny: Experiment) -> None:
    from dcgan.training import checkpoint

    with pytest.raises(Interrupted):
        run_trial(tiny, stop=_stop_after(3))
    file = RunDirectory.of(tiny).checkpoint
    checkpoint.save(file, {**checkpoint.load(file), "device": "cuda"})
    with pytest.raises(DcganError, match="begun on cuda and cannot go on bit for bit on cpu: use compute.device=cuda"):
        run_trial(tiny)
