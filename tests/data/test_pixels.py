import pytest
import torch
from PIL import Image

from dcgan.data.pixels import normalise, resize, to_uint8, with_channels


def test_every_pixel_value_survives_the_round_trip():
    pixels = torch.arange(256, dtype=torch.uint8)
    assert torch.equal(to_uint8(normalise(pixels)), pixels)


def test_normalised_pixels_span_minus_one_to_one():
    assert normalise(torch.tensor([0, 255], dtype=torch.uint8)).tolist() == [-1.0, 1.0]


def test_values_outside_are_clipped():
    assert to_uint8(torch.tensor([-7.0, 7.0])).tolist() == [0, 255]


def test_normalise_leaves_its_input_alone():
    pixels = torch.tensor([3, 200], dtype=torch.uint8)
    normalise(pixels)
    assert pixels.tolist() == [3, 200]


@pytest.mark.parametrize(("before", "after"), [(28, 64), (28, 32), (32, 16), (8, 16)])
def test_resize_is_pillows_antialiased_bilinear_filter(before: int, after: int):
    images = torch.randint(0, 256, (5, 1, before, before), dtype=torch.uint8, generator=torch.manual_seed(0))
    resized = resize(images, after)
    for image, found in zip(images, resized, strict=True):
        expected = Image.fromarray(image[0].numpy()).resize((after, after), Image.Resampling.BILINEAR)
        assert found[0].flatten().tolist() == list(expected.tobytes())


def test_luminance_is_pillows():
    colour = torch.randint(0, 256, (2, 3, 9, 9), dtype=torch.uint8, generator=torch.manual_seed(0))
    for image, found in zip(colour, with_channels(colour, 1), strict=True):
        expected = Image.fromarray(image.permute(1, 2, 0).numpy()).convert("L")
        assert found[0].flatten().tolist() == list(expected.tobytes())


def test_grey_becomes_three_equal_channels():
    grey = torch.arange(16, dtype=torch.uint8).view(1, 1, 4, 4)
    assert torch.equal(with_channels(grey, 3), grey.expand(1, 3, 4, 4))


def test_pixels_survive_the_round_trip() -> None:
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(to_uint8(normalise(every)), every)
    assert normalise(every).min() == -1
    assert normalise(every).max() == 1
