"""The scores are torch-fidelity's: of the same two folders of PNGs its own command gives the same numbers.

With batches of one size they are the same bits. FID is held against its closed form besides.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.linalg import sqrtm
from torch_fidelity import calculate_metrics
from torch_fidelity.feature_extractor_base import FeatureExtractorBase
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY, register_feature_extractor

from dcgan.cli import main
from dcgan.data import Dataset, load
from dcgan.data.decoding import decoded
from dcgan.experiment.sections import Data
from dcgan.scoring import fidelity
from dcgan.scoring.extractors import Extractor, extractor
from dcgan.scoring.features import extract
from dcgan.scoring.fidelity import settings
from dcgan.scoring.reference import choose

CPU = torch.device("cpu")
_NAMES = {
    "fid": "frechet_inception_distance",
    "isc": "inception_score_mean",
    "kid": "kernel_inception_distance_mean",
    "precision": "precision",
    "recall": "recall",
}


def _written(images: torch.Tensor, folder: Path) -> Path:
    """A folder with the images as PNGs, in their order."""
    folder.mkdir()
    for number, image in enumerate(images):
        pixels = image[0] if len(image) == 1 else image.permute(1, 2, 0)
        Image.fromarray(pixels.numpy()).save(folder / f"{number:05d}.png")
    return folder


def _theirs(generated: Path, real: Path, count: int, **changes: object) -> dict[str, float]:
    """What torch-fidelity's own command gives, under our names."""
    settings = {"isc": True, "fid": True, "kid": True, "prc": True, "cuda": False, "cache": False, "verbose": False}
    found = calculate_metrics(
        input1=str(generated), input2=str(real), save_cpu_ram=True, **settings, **fidelity.settings(count), **changes
    )
    return {name: found[theirs] for name, theirs in _NAMES.items()}


def _ours(generated: Path, real: Path, channels: int, chosen: Extractor) -> dict[str, float]:
    both = []
    for folder in (generated, real):
        paths = sorted(folder.iterdir())
        both.append(extract(decoded(paths, 16, channels), len(paths), chosen, CPU, "features"))
    return fidelity.measure(*both)


@pytest.fixture
def _eigenvalues_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of 2048 x 2048 numbers take ten seconds: of the same bits they are not taken twice."""
    taken: dict[bytes, np.ndarray] = {}
    usual = np.linalg.eigvals

    def once(matrix: np.ndarray) -> np.ndarray:
        key = matrix.tobytes()
        if key not in taken:
            taken[key] = usual(matrix)
        return taken[key]

    monkeypatch.setattr(np.linalg, "eigvals", once)


@pytest.mark.slow
@pytest.mark.usefixtures("_eigenvalues_once")
def test_inception_on_grey_pictures(random_inception: Path, dataset: Dataset, tmp_path: Path):
    """Bit for bit, through the whole network; grey pictures are for both three equal channels."""
    count = 12
    noise = torch.randint(-90, 91, (count, 1, 16, 16), generator=torch.Generator().manual_seed(1))
    noisy = (dataset.images["train"][:count].int() + noise).clamp(0, 255).to(torch.uint8)
    folders = _written(noisy, tmp_path / "noisy"), _written(dataset.images["test"][:count], tmp_path / "real")
    ours = _ours(*folders, channels=1, chosen=extractor("inception", dataset))
    theirs = _theirs(
        *folders, count, feature_extractor="inception-v3-compat", feature_extractor_weights_path=str(random_inception)
    )
    assert ours == theirs
    assert ours["fid"] > 1  # a score of something, not of rounding
    assert ours["kid"] > 1e-4


class _Registered(FeatureExtractorBase):
    """The classifier as torch-fidelity's users would register it: layers by our roles, grey from its colour images."""

    chosen: Extractor

    def __init__(self, name: str, layers: list[str], **_: object) -> None:
        super().__init__(name, layers)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        found = self.chosen(images[:, :1])
        return tuple(found[self.chosen.roles[role]] for role in self.features_list)

    @staticmethod
    def get_provided_features_list() -> tuple[str, ...]:
        return "features", "unit_features", "logits"

    @staticmethod
    def get_default_feature_layer_for_metric(metric: str) -> str:
        return {"isc": "logits", "kid": "unit_features"}.get(metric, "features")

    @staticmethod
    def can_be_compiled() -> bool:
        return False


@pytest.fixture
def registered(cache: Path, dataset: Dataset) -> Iterator[str]:
    """The name under which torch-fidelity knows the small data set's classifier."""
    name = "the-classifier"
    register_feature_extractor(name, type("_Chosen", (_Registered,), {"chosen": extractor("classifier", dataset)}))
    yield name
    del FEATURE_EXTRACTORS_REGISTRY[name]


def test_the_classifier(registered: str, dataset: Dataset, generated: torch.Tensor, tmp_path: Path):
    """The same bits with our batches, the same numbers with theirs."""
    folders = _written(generated, tmp_path / "noisy"), _written(dataset.images["test"], tmp_path / "real")
    chosen = extractor("classifier", dataset)
    ours = _ours(*folders, channels=1, chosen=chosen)
    assert ours == _theirs(*folders, 120, feature_extractor=registered, batch_size=chosen.batch)
    assert ours == pytest.approx(_theirs(*folders, 120, feature_extractor=registered), rel=1e-9)
    assert ours["fid"] > 1


def test_the_command_on_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """`dcgan score` from the words to the numbers, on more images than one of its batches."""
    digits = load(Data(name="digits", size=16))
    noise = torch.randint(-60, 61, (300, 1, 16, 16), generator=torch.Generator().manual_seed(2))
    noisy = _written((digits.images["train"][:300].int() + noise).clamp(0, 255).to(torch.uint8), tmp_path / "noisy")
    assert main(["score", str(noisy), "--against", "digits", "--samples", "300", "--json"]) == 0
    ours = json.loads(capsys.readouterr().out)["scores"]
    real = _written(choose(digits.images["test"], 300), tmp_path / "real")
    name = "the-digits-classifier"
    register_feature_extractor(name, type("_Chosen", (_Registered,), {"chosen": extractor("classifier", digits)}))
    try:
        theirs = _theirs(noisy, real, 300, feature_extractor=name)
    finally:
        del FEATURE_EXTRACTORS_REGISTRY[name]
    assert {score: ours[score] for score in _NAMES} == pytest.approx(theirs, rel=1e-9)


def _with_moments(mean: np.ndarray, root: np.ndarray, count: int) -> dict[str, torch.Tensor]:
    """Gaussian features (count, d) whose sample mean is `mean` and whose sample covariance is root' root, exactly."""
    drawn = np.random.RandomState(count).standard_normal((count, len(mean)))
    drawn -= drawn.mean(axis=0)
    white = drawn @ np.linalg.inv(np.linalg.cholesky(np.cov(drawn, rowvar=False))).T
    return {"features": torch.from_numpy(white @ root + mean)}


def _fid(one: dict[str, torch.Tensor], two: dict[str, torch.Tensor]) -> float:
    return fidelity.fid(fidelity.statistics(one), fidelity.statistics(two))


def test_fid_of_gaussians_is_the_closed_form():
    """Heusel et al. 2017, equation 6: diagonal covariances by hand, others that do not commute by another root."""
    shift = np.linspace(-1, 2, 8)
    deviations = np.linspace(0.2, 3, 8)
    plain = _with_moments(np.zeros(8), np.eye(8), 500)
    shifted = _with_moments(shift, np.diag(deviations), 700)
    assert _fid(shifted, plain) == pytest.approx(shift @ shift + ((deviations - 1) ** 2).sum(), rel=1e-9)

    roots = np.random.RandomState(0).standard_normal((2, 8, 8))
    one, two = (root.T @ root for root in roots)
    half = sqrtm(one)
    expected = shift @ shift + np.trace(one) + np.trace(two) - 2 * np.trace(sqrtm(half @ two @ half)).real
    found = _fid(_with_moments(shift, roots[0], 500), _with_moments(np.zeros(8), roots[1], 700))
    assert found == pytest.approx(expected, rel=1e-9)


def test_fid_of_drawn_gaussians_comes_to_it():
    """50,000 draws of each: what is left is the bias and the noise of so many."""
    random = np.random.RandomState(1)
    one, two = random.standard_normal((50_000, 4)), 1 + 2 * random.standard_normal((50_000, 4))
    found = _fid({"features": torch.from_numpy(one)}, {"features": torch.from_numpy(two)})
    assert found == pytest.approx(4 * (1 + (2 - 1) ** 2), rel=0.02)


@pytest.mark.parametrize("count", [2, 5, 40])
def test_fid_of_fewer_images_than_features_is_defined(count: int):
    """The covariances are singular: nothing is inverted, so FID is what its formula says, if far too large."""
    random = np.random.RandomState(count)
    one, two = random.standard_normal((count, 64)), random.standard_normal((count, 64))
    first, second = (np.cov(features, rowvar=False) for features in (one, two))
    # tr((S S')^(1/2)) is the sum of the singular values of the product of the centred features
    product = (one - one.mean(axis=0)) @ (two - two.mean(axis=0)).T / (count - 1)
    shift = one.mean(axis=0) - two.mean(axis=0)
    expected = shift @ shift + np.trace(first + second) - 2 * np.linalg.svd(product, compute_uv=False).sum()
    found = _fid({"features": torch.from_numpy(one)}, {"features": torch.from_numpy(two)})
    assert found == pytest.approx(expected, rel=1e-5)
    assert abs(_fid({"features": torch.from_numpy(one)}, {"features": torch.from_numpy(one)})) < 1e-4


def _brute_force(one: torch.Tensor, others: torch.Tensor, neighbour: int) -> float:
    """The share of `one` that lies in a ball of `others`, image by image (Kynkaanniemi et al. 2019, equation 1)."""
    inside = 0
    for image in one:
        for other in others:
            radius = (others - other).square().sum(dim=1).sqrt().sort().values[neighbour]
            if (image - other).square().sum().sqrt() <= radius:
                inside += 1
                break
    return inside / len(one)


@pytest.mark.parametrize("block", [2**24, 500])
def test_precision_and_recall_are_those_of_a_brute_force_in_double_precision(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is held at once."""
    monkeypatch.setattr(fidelity, "_BLOCK", block)
    drawn = torch.Generator().manual_seed(5)
    real = torch.randn(90, 6, generator=drawn, dtype=torch.float64)
    generated = 0.7 * torch.randn(90, 6, generator=drawn, dtype=torch.float64) + 0.4
    found = fidelity.measure(*({"features": side, "unit_features": side} for side in (generated, real)))
    expected = {"precision": _brute_force(generated, real, 3), "recall": _brute_force(real, generated, 3)}
    assert {name: found[name] for name in expected} == pytest.approx(expected, rel=1e-6)
    assert 0.2 < expected["recall"] < expected["precision"] < 0.98


@pytest.mark.slow
def test_many_images_take_torch_fidelitys_usual_subsets_and_splits() -> None:
    """From 5,000 on ten splits for the Inception Score, above 1,000 KID's hundred subsets: as its own functions do."""
    drawn = torch.Generator().manual_seed(6)
    generated, real = (torch.randn(5000, 8, generator=drawn, dtype=torch.float64) + shift for shift in (0.1, 0.0))
    roles = [{"features": side, "unit_features": side, "logits": 3 * side} for side in (generated, real)]
    found = fidelity.measure(*roles)
    isc = isc_features_to_metric(3 * generated, 10)["inception_score_mean"]
    kid = kid_features_to_metric(generated, real, kid_subsets=100, kid_subset_size=1000, verbose=False)
    assert found["isc"] == isc
    assert found["kid"] == kid["kernel_inception_distance_mean"]


@pytest.mark.slow
@pytest.mark.usefixtures("random_inception", "cache")
def test_inception_by_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    """With a weights file of random values that is taken for the published one."""
    monkeypatch.setattr("dcgan.scoring.scorer._TRAINING", 20)  # of 1,078: Inception sees eight a second here
    monkeypatch.setattr("dcgan.scoring.final_scores.COPIES", 20)
    images = load(Data(name="digits", size=16)).images["train"][:20]
    noise = torch.randint(-90, 91, images.shape, generator=torch.Generator().manual_seed(1))
    folder = _written((images.int() + noise).clamp(0, 255).to(torch.uint8), tmp_path / "noisy")
    words = ["score", str(folder), "--against", "digits", "--extractor", "inception", "--json"]
    assert main([*words, "--samples", "20"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["protocol"]["extractor"], found["protocol"]["generated"]) == ("inception", 20)
    assert found["scores"]["fid"] > found["scores"]["fid_floor"] > 0
    assert "made for colour photographs" in err
    assert "20 images are too few for the 2048 features" in err


def test_settings_fit_small_and_usual_counts():
    assert settings(2) == {"isc_splits": 1, "kid_subsets": 1, "kid_subset_size": 2, "prc_neighborhood": 1}
    usual = {"isc_splits": 10, "kid_subsets": 100, "kid_subset_size": 1000, "prc_neighborhood": 3}
    assert settings(10_000) == usual
