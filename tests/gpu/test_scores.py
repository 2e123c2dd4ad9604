"""Scores on the device: the CPU's for the same images, the same again for the same run, and there for every level."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dcgan.cli import main
from dcgan.common.errors import Interrupted
from dcgan.data import Dataset
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Score
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from dcgan.scoring import Scorer
from dcgan.scoring.scorer import FILES
from dcgan.training.sampling import sample
from tests.gpu.device import NAME, here
from tests.training.levels import LEVELS, Level

DEVICE = here()
_DISTANCES = {"fid", "fid_floor", "fid_infinity", "fid_infinity_error", "isc", "kid"}  # the others are shares
SCORED = {"compute.device": NAME, "score.extractor": "classifier", "score.samples": 60, "score.repeats": 1}


@pytest.fixture
def scored(tiny: Experiment) -> Experiment:
    """A run on the device with scores at its end."""
    return tiny.with_(SCORED)


def _drawn(dataset: Dataset, count: int) -> Tensor:
    """Real images under noise: neither all of one class nor far from all."""
    images = dataset.images["train"][:count].float()
    noise = torch.randn(images.shape, generator=torch.Generator().manual_seed(0))
    return (images + 40 * noise).round().clamp(0, 255).to(torch.uint8)


def test_the_same_images_score_as_on_a_cpu(dataset: Dataset) -> None:
    """Pixels become numbers in single precision, on CUDA by a product with 1 / 127.5: their seventh digit may differ.

    The rest is in double precision. A share may differ by the image whose nearest neighbour such a digit decides.
    """
    count = 200
    found = []
    for device in (torch.device("cpu"), DEVICE):
        scorer = Scorer.prepare(Score(samples=count), dataset.to(device), device)
        features = scorer.features(torch.split(_drawn(dataset, count), 64), count)
        scores, protocol = scorer.score(features, "test", FILES)
        examined = scorer.examine([features], features["features"], "test")
        found.append((features, scores | examined.scores, protocol))
    (features, scores, protocol), (there, scores_there, protocol_there) = found
    assert protocol == protocol_there
    for role, values in features.items():
        torch.testing.assert_close(there[role], values, rtol=1e-4, atol=1e-5)
    assert scores_there.keys() == scores.keys()
    for name, value in scores.items():
        tolerance = {"rel": 1e-3, "abs": 0} if name in _DISTANCES else {"rel": 0, "abs": 1.1 / count}
        assert scores_there[name] == pytest.approx(value, **tolerance), name
    assert scores["fid"] > 2 * scores["fid_floor"], "the images are not so good that anything would do"


def test_the_same_noise_makes_the_same_images_as_on_a_cpu(scored: Experiment) -> None:
    """The same weights from the same numbers: pixels differ by rounding alone."""
    from dcgan.runs.samples import load_generator

    _, generator = load_generator(run_trial(scored).id)
    made = [
        sample(generator.to(device), scored.latent, 300, torch.Generator().manual_seed(0)).int()
        for device in (torch.device("cpu"), DEVICE)
    ]
    assert made[0].float().std() > 1
    assert (made[0] - made[1]).abs().max() <= 1


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_every_level_ends_in_scores(tiny: Experiment, level: Level) -> None:
    record = run_trial(level.of(level.base(tiny)).with_(SCORED))
    assert record.status == "finished", record.failure
    assert set(record.scores) >= {"fid", "isc", "kid", "precision", "recall", "density", "coverage"}
    assert all(math.isfinite(value) for value in record.scores.values())


def test_the_same_run_interrupted_or_not_is_the_same(
    scored: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = scored.with_({"replay.share": 0.5, "augment.translation": True, "score.every_epochs": 2})
    through = run_trial(experiment)
    weights = RunDirectory.of(experiment).weights.read_bytes()
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "elsewhere"))
    looks = iter(range(1000))
    with pytest.raises(Interrupted):
        run_trial(experiment, stop=lambda: next(looks) >= 5)
    record = run_trial(experiment)
    assert record.attempts == 2
    for kept in ("digest", "scores", "protocol", "also", "curve"):
        assert getattr(record, kept) == getattr(through, kept)
    assert RunDirectory.of(experiment).weights.read_bytes() == weights


@pytest.mark.skipif(
    DEVICE.type == "cpu" and torch.cuda.is_available(), reason="dcgan score takes the GPU that is here, not the CPU"
)
def test_a_run_scored_again_has_the_same_scores(scored: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    record = run_trial(scored)
    capsys.readouterr()
    assert main(["score", record.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["scores"] == pytest.approx(record.scores)
