from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.data import Dataset
from dcgan.data.dataset import build
from dcgan.scoring.classifier import FEATURES, Classifier, classifier


def _file() -> Path:
    (path,) = (paths.cache() / "extractors").glob("*.safetensors")
    return path


def test_it_learns_the_digits_and_says_how_well(cache: Path, dataset: Dataset):
    trained = classifier(dataset)
    _, logits = trained.network(dataset.images["test"])
    right = (logits.argmax(dim=1) == dataset.labels["test"]).float().mean().item()
    assert trained.accuracy == right > 0.93


def test_kid_is_measured_in_the_features_own_unit(cache: Path, dataset: Dataset):
    trained = classifier(dataset)
    features, _ = trained.network(dataset.images["train"])
    assert features.shape == (400, FEATURES)
    assert features.square().mean().sqrt().item() == pytest.approx(trained.network.unit.item(), rel=1e-5)


def test_training_again_gives_the_same_bits_and_leaves_the_random_state(dataset: Dataset, cache: Path):
    kept = classifier(dataset).digest
    _file().unlink()
    torch.manual_seed(123)
    before = torch.get_rng_state()
    trained = classifier(dataset)
    assert trained.digest == kept
    assert torch.equal(torch.get_rng_state(), before)
    assert not trained.network.training


def test_the_number_of_threads_does_not_matter(dataset: Dataset, cache: Path):
    digests = []
    for threads in (1, 2):
        _file().unlink()
        torch.set_num_threads(threads)
        digests.append(classifier(dataset).digest)
        assert torch.get_num_threads() == threads
    assert digests[0] == digests[1]


def test_reading_from_the_cache_leaves_the_random_state(cache: Path, dataset: Dataset):
    before = torch.get_rng_state()
    classifier(dataset)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.slow
@pytest.mark.parametrize(
    "damage",
    [lambda content: content[:500], lambda content: b"", lambda content: content[:-1] + bytes([content[-1] ^ 1])],
    ids=["cut", "empty", "one bit"],
)
def test_a_damaged_file_is_made_again(cache: Path, dataset: Dataset, damage, capsys):
    whole = classifier(dataset)
    _file().write_bytes(damage(_file().read_bytes()))
    assert classifier(dataset).digest == whole.digest
    assert "is damaged: the scoring classifier is trained again" in capsys.readouterr().err
    assert (classifier(dataset).digest, classifier(dataset).accuracy) == (whole.digest, whole.accuracy)
    assert capsys.readouterr().err == ""


def test_other_data_has_another_file(cache: Path, dataset: Dataset):
    images = {split: of.clone() for split, of in dataset.images.items()}
    images["test"][0, 0, 0, 0] ^= 1
    classifier(build("small", images, dataset.labels, dataset.classes))
    assert len(list((paths.cache() / "extractors").glob("*.safetensors"))) == 2


def test_without_labels_it_says_what_to_do(dataset: Dataset):
    with pytest.raises(
        Misuse, match="no labels .*subfolder per class.*score.extractor=inception.*score.extractor=none"
    ):
        classifier(replace(dataset, labels=None))


@pytest.mark.parametrize(("size", "channels"), [(16, 3), (32, 1), (64, 3), (128, 1)])
def test_every_size_of_image_fits(size: int, channels: int):
    network = Classifier(size, channels, 7).eval()
    features, logits = network(torch.zeros(2, channels, size, size, dtype=torch.uint8))
    assert (features.shape, logits.shape) == ((2, FEATURES), (2, 7))
