"""What a run is scored on, along the way and at its end, and the curve that is kept of it."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.common.hashing import digest
from dcgan.data import Dataset
from dcgan.experiment import Experiment
from dcgan.runs.evaluation import Evaluation, curve
from dcgan.scoring import Scorer
from dcgan.training.trainer import Trainer
from tests.scoring.conftest import cache, dataset, filled_cache, scorer

__all__ = ["cache", "dataset", "filled_cache", "scorer"]

CORE_METRICS = {"fid", "isc", "kid", "precision", "recall"}


def _evaluated(experiment: Experiment, scorer: Scorer, dataset: Dataset) -> tuple[Evaluation, Trainer]:
    trainer = Trainer(experiment, dataset.images["train"])
    trainer.prepare(lambda: False)
    for _ in range(3):  # an average of one is what it averages
        trainer.step()
    return Evaluation(experiment, scorer), trainer


def test_the_average_is_what_is_scored(tiny: Experiment, scorer: Scorer, dataset: Dataset) -> None:
    evaluation, trainer = _evaluated(tiny.with_({"average.half_life": 100}), scorer, dataset)
    of_average, of_raw = (
        evaluation.along(net) for net in (trainer.players.evaluation_generator, trainer.players.generator)
    )
    assert of_average.protocol.weights == "average"
    assert of_average.scores["fid"] != of_raw.scores["fid"]


def test_the_validation_split_along_the_way(tiny: Experiment, scorer: Scorer, dataset: Dataset) -> None:
    evaluation, trainer = _evaluated(tiny, scorer, dataset)
    along = evaluation.along(trainer.players.evaluation_generator)
    assert (along.split, along.protocol.split, along.protocol.generated) == ("validation", "validation", 60)
    assert set(along.scores) == CORE_METRICS | {"fid_floor"}


def test_test_and_train_at_the_end(tiny: Experiment, scorer: Scorer, dataset: Dataset) -> None:
    """The same images against both, at the number that the reported split has."""
    evaluation, trainer = _evaluated(tiny, scorer, dataset)
    reported, other = evaluation.at_the_end(trainer.players.evaluation_generator)
    assert (reported.split, other.split) == ("test", "train")
    for judged in (reported, other):
        assert judged.protocol.split == judged.split
        assert (judged.protocol.generated, judged.protocol.real) == (120, 120)
        assert set(judged.scores) >= CORE_METRICS
    assert reported.scores["isc"] == other.scores["isc"]  # which takes no reference
    assert reported.scores["fid"] != other.scores["fid"]
    assert evaluation.at_the_end(trainer.players.evaluation_generator) == [reported, other]


def test_the_number_that_was_asked_for_is_the_one_reported(tiny: Experiment, scorer: Scorer, dataset: Dataset) -> None:
    """Also against a train split that has more images than the test split."""
    evaluation, trainer = _evaluated(tiny.with_({"score.split": "train"}), scorer, dataset)
    reported, *_ = evaluation.at_the_end(trainer.players.evaluation_generator)
    assert (reported.split, reported.protocol.generated) == ("train", 400)


def _rows(*points: tuple[int, float, str]) -> list[dict[str, str]]:
    return [{"images": str(images), "split": split, "fid": str(fid)} for images, fid, split in points]


def test_the_curve_keeps_its_best_its_last_and_its_mean() -> None:
    found = curve(
        _rows((0, 100, "validation"), (10, 20, "validation"), (40, 60, "validation"), (40, 1, "test"), (40, 2, "train"))
    )
    assert found == {
        "split": "validation",
        "metric": "fid",
        "best": {"images": 10, "fid": 20.0},
        "last": {"images": 40, "fid": 60.0},
        "mean": (10 * 60 + 30 * 40) / 40,  # trapezia: not the points' plain mean, since they may lie unevenly
    }


def test_the_untrained_generator_is_no_best_one_of_the_run() -> None:
    found = curve(_rows((0, 10, "validation"), (10, 60, "validation"), (20, 70, "validation")))
    assert found is not None
    assert found["best"] == {"images": 10, "fid": 60.0}
    assert found["mean"] == (10 * 35 + 10 * 65) / 20


@pytest.mark.parametrize(
    "rows",
    [(), ((10, 5, "test"), (20, 6, "test")), ((10, 5, "validation"),), ((10, 5, "validation"), (10, 5, "validation"))],
)
def test_no_curve_from_less_than_two_points(rows: tuple[tuple[int, float, str], ...]) -> None:
    assert curve(_rows(*rows)) is None


def _images(count: int) -> Tensor:
    return torch.randint(0, 256, (count, 1, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(count))


@pytest.mark.parametrize(
    "changes",
    [
        {"average.half_life": 50, "replay.share": 0.5, "discriminator.dropout": 0.2},
        {"generator.normalisation": "spectral", "discriminator.normalisation": "spectral", "latent.dim": 7},
    ],
)
def test_scoring_between_any_two_steps_leaves_training_as_it_is(
    tiny: Experiment, scorer: Scorer, changes: dict[str, object]
) -> None:
    """With a running average, a history of images, chance within the networks, and buffers that a look would move."""
    experiment = tiny.with_(changes)
    real = _images(60)

    def digests(look: bool) -> list[str]:
        trainer, found = Trainer(experiment, real), []
        trainer.prepare(lambda: False)
        evaluation = Evaluation(experiment, scorer)
        for _ in range(5):
            trainer.step()
            if look:
                first, second = (evaluation.along(trainer.players.evaluation_generator) for _ in range(2))
                assert first == second
            found.append(digest(trainer.state_dict()))
        return found

    assert digests(look=True) == digests(look=False)
