import math
import time

import numpy as np
import pytest
import torch
from torch import Tensor
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.rng import stream
from dcgan.experiment.sections import Latent
from dcgan.scoring.fid_infinity import FidReference, frechet_distance, infinite_fid, sobol_noise


def _reference(mean: Tensor, covariance: Tensor) -> FidReference:
    return FidReference.of({"mu": mean.numpy(), "sigma": covariance.numpy()})


def _normals(*shape: int, seed: str = "x") -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=stream(0, seed))


def _even(count: int, dim: int, seed: int) -> Tensor:
    return sobol_noise(Latent(dim=dim), count, seed)


def _exactly(features: Tensor, mean: Tensor, covariance: Tensor) -> Tensor:
    """The features moved linearly to that sample mean and covariance, to rounding."""
    centred = features - features.mean(dim=0)
    root = torch.linalg.cholesky(centred.T @ centred / (len(features) - 1))
    white = torch.linalg.solve_triangular(root, centred.T, upper=False).T
    return white @ torch.linalg.cholesky(covariance).T + mean


def _rotation(width: int) -> Tensor:
    return torch.linalg.qr(_normals(width, width, seed="rotation")).Q


def _gaussians(width: int, far: float) -> tuple[Tensor, Tensor, FidReference, float]:
    """Mean and root of a generator's covariance, a reference that shares its axes, and the FID of the two."""
    axes = _rotation(width)
    real = 1 / torch.arange(1, width + 1, dtype=torch.float64)
    generated = real * torch.exp(far * _normals(width, seed="scale"))
    mean = far * _normals(width, seed="mean") * real.sqrt()
    fid = mean.square().sum() + (generated.sqrt() - real.sqrt()).square().sum()
    root = axes * generated.sqrt() @ axes.T
    return mean, root, _reference(torch.zeros(width, dtype=torch.float64), axes * real @ axes.T), fid.item()


def test_fid_is_the_closed_form_where_the_covariances_share_their_axes():
    axes, (one, two) = _rotation(6), torch.rand(2, 6, dtype=torch.float64, generator=stream(0, "s")) + 0.1
    mean, other = _normals(6, seed="m"), _normals(6, seed="o")
    features = _exactly(_normals(50, 6), mean, axes * one @ axes.T)
    expected = (mean - other).square().sum() + (one.sqrt() - two.sqrt()).square().sum()
    assert frechet_distance(features, _reference(other, axes * two @ axes.T)) == pytest.approx(
        expected.item(), rel=1e-10
    )


@pytest.mark.parametrize("count", [400, 20])  # 20: fewer images than features, a covariance without inverse
def test_fid_is_torch_fidelitys(count: int):
    mix = _normals(48, 48, seed="mix")
    generated, real = _normals(count, 48, seed="g") @ mix + 0.3, _normals(500, 48, seed="r")
    statistics = fid_features_to_statistics(real)
    expected = fid_statistics_to_metric(fid_features_to_statistics(generated), statistics, verbose=False)
    found = frechet_distance(generated, FidReference.of(statistics))
    assert found == pytest.approx(expected["frechet_inception_distance"], rel=1e-7)


def test_fid_takes_no_notice_of_the_order_of_images_or_of_a_common_rotation():
    real, generated, axes = _normals(200, 8, seed="r"), 1.5 * _normals(100, 8, seed="g"), _rotation(8)
    fid = frechet_distance(generated, FidReference.of(fid_features_to_statistics(real)))
    turned = FidReference.of(fid_features_to_statistics(real @ axes))
    assert frechet_distance(generated.flip(0) @ axes, turned) == pytest.approx(fid, rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("width", "count", "far"),
    [
        (32, 1000, 0.5),
        (32, 1000, 0.1),
        (32, 1000, 0.0),  # FID 0, where its derivative vanishes
        (32, 150, 0.1),  # so few that FID bends
    ],
)
def test_fid_infinity_is_within_two_standard_errors_of_the_truth(width: int, count: int, far: float):
    mean, root, reference, truth = _gaussians(width, far)
    chance = stream(0, "repetitions")
    within, finite, found = 0, [], []
    for _ in range(100):
        features = torch.randn(count, width, dtype=torch.float64, generator=chance) @ root.T + mean
        infinite = infinite_fid(features, reference)
        within += abs(infinite.value - truth) <= 2 * infinite.error
        found.append(infinite)
        finite.append(infinite.curve[count])
    assert within >= 90
    assert abs(np.mean(finite) - truth) > 2 * abs(np.mean([each.value for each in found]) - truth)


@pytest.mark.slow
def test_its_standard_error_is_the_spread_of_fid_infinity_not_more():
    mean, root, reference, _ = _gaussians(16, 0.5)
    chance = stream(0, "repetitions")
    found = [
        infinite_fid(torch.randn(2000, 16, dtype=torch.float64, generator=chance) @ root.T + mean, reference)
        for _ in range(200)
    ]
    spread = np.std([each.value for each in found])
    assert np.mean([each.error for each in found]) == pytest.approx(spread, rel=0.15)


def test_curve_holds_the_fid_of_all_images_and_the_mean_of_blocks():
    mean, root, reference, _ = _gaussians(8, 0.5)
    features = _normals(1000, 8) @ root.T + mean
    infinite = infinite_fid(features, reference)
    assert list(infinite.curve) == [1000 // blocks for blocks in range(1, 11)]
    assert infinite.curve[1000] == frechet_distance(features, reference)
    halves = [frechet_distance(half, reference) for half in features.split(500)]
    assert infinite.curve[500] == pytest.approx(sum(halves) / 2, rel=1e-12)


@pytest.mark.slow
def test_fid_infinity_of_sobol_noise_is_not_pulled_below_the_truth():
    """Random subsets of the sequence would be: they are more biased than sequences of as many points."""
    first, second = _normals(100, 128, seed="first") / 10, _normals(128, 32, seed="second") / 11
    images = torch.randn(200_000, 100, dtype=torch.float64, generator=stream(0, "images"))
    made = (images @ first).relu() @ second
    reference = FidReference.of(fid_features_to_statistics(1.1 * made[:100_000]))
    truth = infinite_fid(made[100_000:], reference).value
    found = [infinite_fid((_even(2048, 100, seed).double() @ first).relu() @ second, reference) for seed in range(20)]
    assert sum(abs(each.value - truth) <= 2 * each.error for each in found) >= 18


def test_same_features_same_bits_and_the_global_state_is_left_alone():
    mean, root, reference, _ = _gaussians(8, 0.5)
    features = _normals(100, 8) @ root.T + mean
    before, numpy_before = torch.get_rng_state(), np.random.get_state()[1].copy()
    assert infinite_fid(features, reference) == infinite_fid(features, reference)
    _even(10, 3, 0)
    assert torch.equal(torch.get_rng_state(), before)
    assert (np.random.get_state()[1] == numpy_before).all()


def test_ten_thousand_images_take_less_than_two_seconds():
    """On one thread, since one that waits for another spends time as well: a quarter of a second with slow kernels."""
    torch.set_num_threads(1)
    mean, root, reference, _ = _gaussians(64, 0.5)
    features = (_normals(10_000, 64) @ root.T + mean).float()
    start = time.process_time()
    infinite_fid(features, reference)
    assert time.process_time() - start < 2


def test_what_cannot_be_scored_is_one_line():
    _, _, reference, _ = _gaussians(8, 0.5)
    features = _normals(100, 8)
    broken = features.clone()
    broken[3, 2] = math.nan
    with pytest.raises(Misuse, match=r"^FID-infinity from 8 features: 17 images, at least 18 are needed$"):
        infinite_fid(features[:17], reference)
    assert math.isfinite(infinite_fid(features[:18], reference).value)
    with pytest.raises(Misuse, match="^FID: 1 images, at least 2 are needed$"):
        frechet_distance(features[:1], reference)
    with pytest.raises(DcganError, match="^FID-infinity from 8 features: the features hold NaN or infinity$"):
        infinite_fid(broken, reference)
    with pytest.raises(DcganError, match="^FID: 7 features against a reference of 8$"):
        frechet_distance(features[:, :7], reference)
    with pytest.raises(DcganError, match="^the reference statistics hold NaN"):
        _reference(torch.full((8,), math.nan), torch.eye(8))


def test_sobol_normals_are_normal_and_far_more_even_than_chance():
    noise = _even(1024, 100, 0).double()
    assert noise.shape == (1024, 100)
    assert _even(1024, 100, 0).dtype == torch.float32
    assert noise.mean(dim=0).abs().max() < 0.004  # by chance 0.1
    assert (noise.var(dim=0) - 1).abs().max() < 0.02  # by chance 0.15
    cells = (torch.special.ndtr(noise) * 1024).floor()
    assert all(len(column.unique()) == 1024 for column in cells.T)  # one point in each 1024th, in every dimension
    together = torch.corrcoef(noise.T).fill_diagonal_(0)
    assert together.square().mean() < 0.25 / 1024  # by chance 1 / 1024


def test_sobol_noise_goes_by_its_seed_and_a_larger_count_goes_on_with_it():
    assert torch.equal(_even(64, 5, 1), _even(200, 5, 1)[:64])
    assert not torch.equal(_even(64, 5, 1), _even(64, 5, 2))
    assert _even(0, 5, 1).shape == (0, 5) and _even(1, 5, 1).isfinite().all()


def test_sobol_noise_of_the_other_distributions():
    uniform = sobol_noise(Latent(dim=3, distribution="uniform"), 1024, 0)
    assert -1 < uniform.min() < -0.99 and 0.99 < uniform.max() < 1
    assert uniform.var(dim=0).tolist() == pytest.approx([1 / 3] * 3, abs=0.001)
    cut = sobol_noise(Latent(dim=3, distribution="truncated", truncation=1.5), 1024, 0)
    density = math.exp(-(1.5**2) / 2) / math.sqrt(2 * math.pi)
    assert 1.4 < cut.max() <= 1.5 and -1.5 <= cut.min() < -1.4
    variance = 1 - 2 * 1.5 * density / math.erf(1.5 / math.sqrt(2))
    assert cut.var(dim=0).tolist() == pytest.approx([variance] * 3, abs=0.003)


def test_more_dimensions_than_sobol_has_are_refused():
    with pytest.raises(Misuse, match="^Sobol noise of 21202 dimensions: at most 21201"):
        _even(2, 21202, 0)
