"""Where extractors come from: weights found, downloaded, checked and hashed; damage and other networks refused."""

from pathlib import Path

import pytest
import torch

from dcgan.common.errors import DcganError, Misuse
from dcgan.data import Dataset
from dcgan.experiment.sections import Score
from dcgan.scoring import Scorer
from dcgan.scoring.classifier import classifier
from dcgan.scoring.extractors import extractor
from dcgan.scoring.features import extract
from dcgan.scoring.pretrained import weights_file
from tests.scoring.conftest import take_for_published

CPU = torch.device("cpu")


@pytest.mark.slow
def test_one_weight_makes_another_extractor(
    random_weights: Path, checkpoints: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    checkpoints.mkdir(parents=True)
    state = torch.load(random_weights, weights_only=True)
    torch.save(state, weights_file("inception"))
    take_for_published("inception", monkeypatch)
    first = extractor("inception", dataset).name
    torch.save(dict(reversed(state.items())), weights_file("inception"))
    take_for_published("inception", monkeypatch)
    assert extractor("inception", dataset).name == first  # other bytes, the same weights
    state["Mixed_6b.branch1x1.conv.weight"][0, 0, 0, 0] += 1e-6
    torch.save(state, weights_file("inception"))
    take_for_published("inception", monkeypatch)
    assert extractor("inception", dataset).name != first


def test_weights_that_are_not_numbers_cannot_score(
    random_weights: Path, checkpoints: Path, cache: Path, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    state = torch.load(random_weights, weights_only=True)
    state["Conv2d_1a_3x3.bn.bias"][0] = torch.nan
    checkpoints.mkdir(parents=True)
    torch.save(state, weights_file("inception"))
    take_for_published("inception", monkeypatch)
    with pytest.raises(DcganError, match="the inception extractor gave features that are not finite") as caught:
        Scorer.prepare(Score(extractor="inception", samples=2), dataset, CPU)
    assert "\n" not in str(caught.value)
    assert not list(cache.glob("references/*.safetensors"))


def test_the_classifier_works_in_double_precision(cache: Path, dataset: Dataset):
    found, trained = extractor("classifier", dataset), classifier(dataset)
    images = dataset.images["test"]
    held = extract([images], len(images), found, CPU, "features")
    features, logits = trained.network(images)
    assert (found.precision, {values.dtype for values in held.values()}) == ("float64", {torch.float64})
    assert features.dtype == torch.float32  # the trained one is left as it is
    torch.testing.assert_close(held["features"].float(), features, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(held["logits"].float(), logits, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(held["unit_features"].square().mean().sqrt().item(), 1.0, rtol=0.2, atol=0)
    assert found.accuracy == trained.accuracy
    assert found.classes == dataset.classes


def test_the_name_holds_the_hash_of_the_weights(cache: Path, dataset: Dataset):
    found = extractor("classifier", dataset)
    assert found.name == f"classifier-{classifier(dataset).digest}"
    assert extractor("classifier", dataset).name == found.name


def test_an_unknown_kind_is_misuse(dataset: Dataset):
    with pytest.raises(Misuse, match="did you mean 'inception'"):
        extractor("inceptoin", dataset)
