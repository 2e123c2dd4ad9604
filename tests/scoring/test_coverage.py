import math

import pytest
import torch
from torch import Tensor

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.rng import stream
from dcgan.scoring import coverage
from dcgan.scoring.coverage import DensityCoverage, density_coverage, nearest


def _normals(*shape: int, seed: str) -> Tensor:
    return torch.randn(*shape, dtype=torch.float64, generator=stream(0, seed))


def _brute(generated: Tensor, real: Tensor, neighbour: int) -> DensityCoverage:
    """The equations of Naeem et al., word for word."""
    among = (real[:, None] - real[None]).square().sum(dim=2).sqrt()
    radii = among.sort(dim=1).values[:, neighbour]  # the first is the image itself
    inside = (generated[:, None] - real[None]).square().sum(dim=2).sqrt() < radii
    density = inside.sum().item() / (neighbour * len(generated))
    return DensityCoverage(density, inside.any(dim=0).double().mean().item())


@pytest.fixture(params=[2**22, 100])
def _blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """All in one block, and in blocks of one or two rows."""
    monkeypatch.setattr(coverage, "_BLOCK", request.param)


@pytest.mark.usefixtures("_blocks")
@pytest.mark.parametrize("neighbour", [1, 3, 5])
def test_it_is_the_brute_force_reference(neighbour: int):
    generated, real = 0.8 * _normals(70, 6, seed="g") + 0.4, _normals(90, 6, seed="r")
    found, expected = density_coverage(generated, real, neighbour), _brute(generated, real, neighbour)
    assert found.density == expected.density
    assert found.coverage == pytest.approx(expected.coverage, rel=1e-12)
    assert 0 < found.coverage < 1


@pytest.mark.usefixtures("_blocks")
def test_ties_are_settled_by_the_distance_itself():
    """Whole numbers far from 0: on a grid many distances are equal, and a matrix product rounds them apart."""
    chance = stream(0, "grid")
    real, generated = (torch.randint(0, 4, (count, 3), generator=chance) / 3 + 1000.0 for count in (60, 40))
    expected = _brute(generated.double(), real.double(), 5)
    found = density_coverage(generated, real, 5)
    assert (found.density, found.coverage) == pytest.approx((expected.density, expected.coverage), rel=1e-12)


def test_replayed_images_lie_on_the_edges_of_balls_and_not_in_them():
    real = _normals(50, 8, seed="r")
    found = density_coverage(real, real)
    # Each ball holds its own image and k - 1 neighbours; the k-th is its edge.
    assert found == DensityCoverage(density=1.0, coverage=1.0)


def test_same_distribution_has_density_1_and_the_coverage_of_lemma_2():
    found = density_coverage(_normals(2000, 4, seed="g"), _normals(2000, 4, seed="r"))
    assert found.density == pytest.approx(1, abs=0.06)
    assert found.coverage == pytest.approx(1 - 0.5**5, abs=0.015)  # 1 - 2^-k for as many generated as real images


def test_a_lost_mode_costs_coverage_and_not_density():
    real = torch.cat([_normals(200, 4, seed="one"), _normals(200, 4, seed="two") + 20])
    found = density_coverage(_normals(400, 4, seed="g"), real)
    assert found.coverage == pytest.approx(0.5, abs=0.03)
    assert found.density > 0.8
    assert density_coverage(_normals(400, 4, seed="g") - 50, real) == DensityCoverage(0.0, 0.0)


@pytest.mark.usefixtures("_blocks")
def test_nearest_is_the_sorted_distances():
    images, others = _normals(30, 5, seed="i"), _normals(40, 5, seed="o")
    expected = torch.cdist(images, others).sort(dim=1).values[:, :4]
    assert torch.allclose(nearest(images, others, 4), expected, rtol=1e-10)
    among = torch.cdist(images, images).sort(dim=1).values[:, 1:4]
    assert torch.allclose(nearest(images, None, 3), among, rtol=1e-10)


def test_a_copy_is_at_distance_zero_wherever_the_features_lie():
    images = _normals(30, 200, seed="i") + 1e4
    assert nearest(images[:5], images, 1).tolist() == [[0.0]] * 5
    twice = torch.cat([images, images[:1]])
    assert nearest(twice, None, 1)[[0, -1]].tolist() == [[0.0]] * 2  # itself is left out, its double is not


def test_the_order_of_images_and_the_block_do_not_matter(monkeypatch: pytest.MonkeyPatch):
    generated, real = _normals(60, 6, seed="g"), _normals(60, 6, seed="r")
    found = density_coverage(generated, real)
    monkeypatch.setattr(coverage, "_BLOCK", 137)
    assert density_coverage(generated.flip(0), real.flip(0)) == found


def test_what_cannot_be_scored_is_one_line():
    images = _normals(20, 3, seed="i")
    broken = images.clone()
    broken[0, 0] = math.inf
    with pytest.raises(Misuse, match="^density and coverage by neighbour 5 of the real images: 5 images, at least 6"):
        density_coverage(images, images[:5])
    with pytest.raises(Misuse, match="of the generated images: 0 images, at least 1 are needed$"):
        density_coverage(images[:0], images)
    with pytest.raises(DcganError, match="of the generated images: the features hold NaN or infinity$"):
        density_coverage(broken, images)
    with pytest.raises(DcganError, match="^3 features against 2: they are of different extractors$"):
        density_coverage(images[:, :2], images)
