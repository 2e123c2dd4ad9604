"""The protocol travels with its score and refuses what does not compare; what a run is scored on, and what is kept."""

from __future__ import annotations

from importlib.metadata import version

import pytest
import torch

from dcgan.data import Dataset
from dcgan.data.pixels import RESIZE_RULE
from dcgan.experiment import Experiment
from dcgan.records.protocol import RECIPE, Protocol
from dcgan.scoring import Scorer
from dcgan.scoring.classifier import classifier
from dcgan.scoring.reference import SELECTION_SEED
from dcgan.scoring.scorer import FILES, ImageSource


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


def test_a_run_says_which_weights_it_keeps(tiny: Experiment) -> None:
    assert ImageSource.of(tiny).weights == "raw"
    assert ImageSource.of(tiny.with_({"average.half_life": 100})).weights == "average"
