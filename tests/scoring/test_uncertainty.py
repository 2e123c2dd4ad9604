import math
import statistics

import pytest
import torch
from torch import Tensor
from torch_fidelity.metric_fid import fid_features_to_statistics

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.rng import stream
from dcgan.scoring.fid_infinity import FidReference, frechet_distance
from dcgan.scoring.uncertainty import noise_floor, sampling_spread


def _normals(*shape: int, seed: str = "x") -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=stream(0, seed))


def _truth(width: int) -> FidReference:
    return FidReference.of({"mu": torch.zeros(width).numpy(), "sigma": torch.eye(width).numpy()})


def test_spread_is_that_of_the_fids():
    reference, draws = _truth(4), [1.2 * _normals(60, 4, seed=name) for name in "abc"]
    found = sampling_spread(draws, reference)
    assert found.fids == tuple(frechet_distance(features, reference) for features in draws)
    assert found.mean == pytest.approx(sum(found.fids) / 3, rel=1e-14)
    assert found.sd == pytest.approx(statistics.stdev(found.fids), rel=1e-12)


def test_spread_falls_with_the_root_of_the_number_of_images():
    """A generator that is off by 1 in its mean: the variance of |mean|^2 is 4 / n to first order."""
    chance = stream(0, "draws")
    for count in (400, 1600):
        draws = [torch.randn(count, 1, dtype=torch.float64, generator=chance) + 1 for _ in range(200)]
        assert sampling_spread(draws, _truth(1)).sd == pytest.approx(2 / math.sqrt(count), rel=0.15)


def test_floor_is_the_bias_that_the_number_of_images_brings():
    """Identity covariance: d / n from the mean and d (d + 1) / 4 n from the covariance, to first order in 1 / n."""
    real, width = _normals(20_000, 6), 6
    for count in (250, 1000):
        found = noise_floor(real, count, _truth(width), stream(0, "floor"), draws=20)
        assert len(found.fids) == 20
        assert found.mean == pytest.approx((width + width * (width + 1) / 4) / count, rel=0.15)


def test_floor_is_what_a_perfect_generator_scores():
    reference = FidReference.of(fid_features_to_statistics(_normals(500, 5, seed="reference")))
    floor = noise_floor(_normals(10_000, 5, seed="real"), 500, reference, stream(0, "floor"), draws=20)
    perfect = sampling_spread([_normals(500, 5, seed=f"draw {number}") for number in range(20)], reference)
    assert floor.mean == pytest.approx(perfect.mean, abs=3 * perfect.sd / math.sqrt(10))


def test_draws_of_the_floor_share_no_image_and_are_as_many_as_there_is_room_for():
    reference, real = _truth(1), torch.arange(10.0)[:, None]
    found = noise_floor(real, 3, reference, stream(0, "floor"))
    order = torch.randperm(10, generator=stream(0, "floor"))
    assert found.fids == tuple(frechet_distance(real[part], reference) for part in order[:9].split(3))
    assert noise_floor(real, 10, reference, stream(0, "floor")).sd is None
    assert len(noise_floor(real, 2, reference, stream(0, "floor"), draws=2).fids) == 2


def test_floor_draws_at_random_by_its_generator_alone():
    ordered = torch.linspace(-3, 3, 400)[:, None]  # a data set in order: its first images are unlike the whole
    before = torch.get_rng_state()
    one, same, other = (noise_floor(ordered, 100, _truth(1), stream(seed, "floor")) for seed in (0, 0, 1))
    assert one == same != other
    assert torch.equal(torch.get_rng_state(), before)
    whole, first = (frechet_distance(part, _truth(1)) for part in (ordered, ordered[:100]))
    assert one.mean == pytest.approx(whole, abs=0.2) != pytest.approx(first, abs=1)


def test_what_cannot_be_scored_is_one_line():
    reference, draws = _truth(2), [_normals(30, 2), _normals(20, 2)]
    with pytest.raises(Misuse, match="^1 draw of noise: the spread of FID needs at least 2$"):
        sampling_spread(draws[:1], reference)
    with pytest.raises(Misuse, match="^draws of 20 to 30 images: FID depends on the number, so it must be the same$"):
        sampling_spread(draws, reference)
    with pytest.raises(Misuse, match="^noise floor of FID at 31 images: 30 images, at least 31 are needed$"):
        noise_floor(draws[0], 31, reference, stream(0, "floor"))
    with pytest.raises(DcganError, match="the features hold NaN or infinity$"):
        noise_floor(draws[0] * math.nan, 10, reference, stream(0, "floor"))
