"""The protocol travels with its score and refuses what does not compare; what a run is scored on, and what is kept."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.metadata import version

import pytest
import torch

from dcgan.common.errors import DcganError
from dcgan.data import Dataset
from dcgan.data.pixels import RESIZE_RULE
from dcgan.experiment import Experiment
from dcgan.records.protocol import OWN, RECIPE, Protocol
from dcgan.runs.evaluation import Evaluation, curve
from dcgan.scoring import Scorer
from dcgan.scoring.classifier import classifier
from dcgan.scoring.reference import SELECTION_SEED
from dcgan.scoring.scorer import FILES, ImageSource
from dcgan.training.trainer import Trainer

CORE_METRICS = {"fid", "isc", "kid", "precision", "recall"}


@pytest.fixture
def protocol(scorer: Scorer, generated: torch.Tensor) -> Protocol:
    return scorer.score(scorer.features([generated[:100]], 100), "test", FILES)[1]


def test_the_protocol_says_what_was_done(protocol: Protocol, dataset: Dataset) -> None:
    trained = classifier(dataset)
    assert protocol.to_dict() == {
        "recipe": RECIPE,
        "extractor": "classifier",
        "extractor_hash": trained.digest,
        "extractor_training": "seed 0, 75 epochs",
        "precision": "float64",
        "extractor_accuracy": round(trained.accuracy, 6),
        "data": "small",
        "data_fingerprint": dataset.fingerprint,
        "size": 16,
        "channels": 1,
        "resize": RESIZE_RULE,
        "split": "test",
        "real": 100,
        "generated": 100,
        "training": 400,
        "selection_seed": SELECTION_SEED,
        "noise": "files",
        "noise_seed": None,
        "weights": "files",
        "isc_splits": 1,
        "kid_subsets": 1,
        "kid_subset_size": 100,
        "prc_neighborhood": 3,
        "torch_fidelity": version("torch-fidelity"),
    }


def test_any_difference_but_a_runs_own_is_named(protocol: Protocol) -> None:
    """Whatever field differs, the scores do not compare, and the key shows it."""
    for name, value in protocol.to_dict().items():
        other = replace(protocol, **{name: "another" if isinstance(value, str) else 7})
        difference = protocol.difference(other)
        assert (difference is None) == (name in OWN) == (other.key == protocol.key)
        assert difference is None or difference.startswith(f"{name.replace('_', ' ')} is {value!r} and ")
    assert protocol.key.startswith("test_100_classifier_")


def test_it_survives_json(protocol: Protocol) -> None:
    assert Protocol.from_dict(json.loads(json.dumps(protocol.to_dict()))) == protocol
    without = replace(protocol, extractor_accuracy=None)
    assert Protocol.from_dict(json.loads(json.dumps(without.to_dict()))) == without


@pytest.mark.parametrize("change", [{"seed": 3}, {"split": None}])
def test_another_versions_protocol_is_named(protocol: Protocol, change: dict[str, int | None]) -> None:
    ((name, value),) = change.items()
    content = protocol.to_dict()
    if value is None:
        del content[name]
    else:
        content[name] = value
    with pytest.raises(DcganError, match=f"another version's: {name} is missing or unknown"):
        Protocol.from_dict(content)


@pytest.mark.parametrize(
    ("count", "name"),
    [(100, "test_100_classifier"), (10_000, "test_10k_classifier"), (2500, "test_2500_classifier")],
)
def test_its_short_name(protocol: Protocol, count: int, name: str) -> None:
    assert replace(protocol, generated=count).name == name


def test_a_run_says_which_weights_it_keeps(tiny: Experiment) -> None:
    assert ImageSource.of(tiny).weights == "raw"
    assert ImageSource.of(tiny.with_({"average.half_life": 100})).weights == "average"


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


@pytest.mark.parametrize(
    "rows",
    [(), ((10, 5, "test"), (20, 6, "test")), ((10, 5, "validation"),), ((10, 5, "validation"), (10, 5, "validation"))],
)
def test_no_curve_from_less_than_two_points(rows: tuple[tuple[int, float, str], ...]) -> None:
    assert curve(_rows(*rows)) is None
