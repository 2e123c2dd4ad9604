"""DiffAugment: each change against what it must do to every pixel, whatever the draws were."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode

from dcgan.data.diffaugment import color, cutout, translation

CHANGES = [color, translation, cutout]
Change = Callable[[Tensor, torch.Generator], Tensor]


def stream(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(*shape: int) -> Tensor:
    return torch.rand(shape, generator=stream(9), dtype=torch.float64) * 2 - 1


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("shape", [(5, 1, 16, 16), (5, 3, 8, 16), (1, 3, 7, 9), (2, 1, 2, 2)])
def test_shape_and_type_stay(change: Change, shape: tuple[int, ...]) -> None:
    images = pictures(*shape).float()
    given = images.clone()
    found = change(images, stream())
    assert found.shape == shape
    assert found.dtype == torch.float32
    assert torch.equal(images, given)


@pytest.mark.parametrize("change", CHANGES)
def test_chance_comes_from_the_stream_alone(change: Change) -> None:
    images = pictures(8, 3, 16, 16)
    before = torch.random.get_rng_state()
    first = change(images, stream(1))
    assert torch.equal(torch.random.get_rng_state(), before)
    torch.rand(1)
    assert torch.equal(change(images, stream(1)), first)
    assert not torch.equal(change(images, stream(2)), first)


@pytest.mark.parametrize("change", CHANGES)
def test_gradients_pass(change: Change) -> None:
    images = pictures(3, 2, 8, 8).requires_grad_()
    assert torch.autograd.gradcheck(lambda x: change(x, stream(4)), images)


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_waits_for_the_device(change: Change) -> None:
    """Tensors without numbers: what reads one, or takes its shape from one, raises."""
    with FakeTensorMode():
        images = torch.empty(4, 1, 16, 16, requires_grad=True)
        change(images, stream()).sum().backward()
        assert images.grad is not None
        assert images.grad.shape == (4, 1, 16, 16)


def test_color_is_brightness_saturation_and_contrast() -> None:
    """x = m + (g - m) + (x - g), with g the pixel's grey and m the image's mean: each part changes by a number."""
    images = pictures(4000, 3, 4, 4)
    grey = images.mean(dim=1, keepdim=True)
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    found = color(images, stream())
    found_grey = found.mean(dim=1, keepdim=True)
    found_mean = found.mean(dim=(1, 2, 3), keepdim=True)
    brightness = found_mean - mean
    contrast = (found_grey - found_mean)[:, :, :1, :1] / (grey - mean)[:, :, :1, :1]
    both = (found - found_grey)[:, :1, :1, :1] / (images - grey)[:, :1, :1, :1]
    by_hand = mean + brightness + contrast * (grey - mean) + both * (images - grey)
    torch.testing.assert_close(found, by_hand)
    for factor, low, high in ((brightness, -0.5, 0.5), (both / contrast, 0, 2), (contrast, 0.5, 1.5)):
        width = high - low
        assert low <= factor.min() < low + width / 100
        assert high - width / 100 < factor.max() < high
        assert factor.mean().item() == pytest.approx((low + high) / 2, abs=width / 50)
        assert factor.std().item() == pytest.approx(width / 12**0.5, rel=0.03)
    numbers = torch.stack([brightness, both / contrast, contrast]).flatten(1)
    assert (torch.corrcoef(numbers) - torch.eye(3)).abs().max() < 0.05


def test_one_channel_has_no_saturation() -> None:
    images = pictures(50, 1, 4, 4)
    found = color(images, stream())
    numbers = stream()
    brightness, _, contrast = (torch.rand(50, 1, 1, 1, generator=numbers, dtype=torch.float64) for _ in range(3))
    mean = images.mean(dim=(1, 2, 3), keepdim=True)
    torch.testing.assert_close(found, mean + brightness - 0.5 + (contrast + 0.5) * (images - mean))


def moved(image: Tensor, down: int, right: int) -> Tensor:
    """The image (C, H, W) whose pixel (y, x) is the given one's at (y - down, x - right), 0 where there is none."""
    _, height, width = image.shape
    found = torch.zeros_like(image)
    for y in range(height):
        for x in range(width):
            if 0 <= y - down < height and 0 <= x - right < width:
                found[:, y, x] = image[:, y - down, x - right]
    return found


def test_translation_moves_by_whole_pixels_up_to_an_eighth() -> None:
    images = pictures(1, 2, 16, 8).expand(300, -1, -1, -1)  # by up to 2 down and 1 right, either way
    shifts = {(down, right): moved(images[0], down, right) for down in range(-2, 3) for right in range(-1, 2)}
    counts = dict.fromkeys(shifts, 0)
    for image in translation(images, stream()):
        (shift,) = [shift for shift, expected in shifts.items() if torch.equal(image, expected)]
        counts[shift] += 1
    assert min(counts.values()) >= 8  # 20 expected of each


@pytest.mark.parametrize("size", [3, 16, 28, 32, 64, 128])
def test_an_eighth_is_rounded_as_the_authors_round_it(size: int) -> None:
    """int(size * 0.125 + 0.5): 4 pixels at 28. A single bright pixel in the middle shows where it went."""
    images = torch.zeros(600, 1, size, size)
    images[:, :, size // 2, size // 2] = 1
    where = translation(images, stream()).flatten(1).argmax(dim=1)
    most = int(size * 0.125 + 0.5)
    for places in (where // size, where % size):
        assert places.sub(size // 2).unique().tolist() == list(range(-most, most + 1))


def covered(size: int, offset: int) -> list[int]:
    """The pixels of one side that the authors' code cuts: half the size around the offset, clamped to the image."""
    length = size // 2
    return sorted({min(max(place + offset - length // 2, 0), size - 1) for place in range(length)})


@pytest.mark.parametrize(("height", "width"), [(8, 8), (4, 8), (6, 6), (7, 4)])
def test_cutout_is_the_authors_square(height: int, width: int) -> None:
    """A stretch of even length has one more place than there are pixels, one of odd length as many."""
    places = [[covered(size, offset) for offset in range(size + 1 - size // 2 % 2)] for size in (height, width)]
    counts = {}
    for rows in places[0]:
        for columns in places[1]:
            mask = torch.ones(height, width)
            for y in rows:
                for x in columns:
                    mask[y, x] = 0
            counts[tuple(mask.flatten().tolist())] = 0
    for image in cutout(torch.ones(4000, 1, height, width), stream()):
        counts[tuple(image.flatten().tolist())] += 1
    assert min(counts.values()) > 4000 / len(counts) / 3
    assert min(sum(mask) for mask in counts) == height * width - (height // 2) * (width // 2)


def test_cutout_spares_the_rest_and_cuts_all_channels() -> None:
    images = pictures(20, 3, 8, 8)
    found = cutout(images, stream())
    cut = found == 0
    assert torch.equal(found[~cut], images[~cut])
    assert torch.equal(cut, cut[:, :1].expand(-1, 3, -1, -1))
