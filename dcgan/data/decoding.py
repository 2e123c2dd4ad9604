"""Image files to pixels: upright, 8 bits a channel, cropped to squares, resized; and which of them cannot be read."""

from __future__ import annotations

import hashlib
import math
import os
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from dcgan.common import regular_files
from dcgan.common.errors import Misuse
from dcgan.common.messages import say_once
from dcgan.common.path_text import as_text
from dcgan.data.picture_limits import MOST_BYTES, MOST_PIXELS, PixelBudget, formats

BATCH = 256  # files decoded at a time
_MODES = {1: "L", 3: "RGB"}
_BILINEAR = Image.Resampling.BILINEAR
_BAND = 2**22  # pixels that are changed at a time
_BUDGET = PixelBudget()
_TOO_MANY = f"more than {MOST_PIXELS / 1e6:.0f} million pixels: scale it down"
_MOST_NAMED = 10  # broken files
_UPRIGHT = {  # by EXIF's orientation; 1 is upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Picture:
    """A decoded file: uint8 `pixels` (channels, size, size), and what it came as.

    `came`: width and height, upright; `mode`: Pillow's name of its colours; `digest`: over its own pixels before they
    were cropped and resized, the same for the same picture in another file format.
    """

    pixels: Tensor
    came: tuple[int, int]
    mode: str
    digest: bytes


def pictures(paths: Sequence[Path], size: int, channels: int) -> Iterator[list[Picture]]:
    """The files in order, decoded; no more than one batch of them is held.

    Says at the end, in a line each, what sizes and colours they came in if those were not the ones asked for. Raises
    Misuse if some are broken, when all have been looked at: it counts them and names ten.
    """
    sizes: set[tuple[int, int]] = set()
    colours: set[str] = set()
    broken: dict[Path, str] = {}
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for start in range(0, len(paths), BATCH):
            part = paths[start : start + BATCH]
            with warnings.catch_warnings():  # Pillow's, about metadata and sizes that do no harm here
                warnings.simplefilter("ignore")
                decoded_part = list(pool.map(lambda path: _picture_or_reason(path, size, channels), part))
            broken |= {path: got for path, got in zip(part, decoded_part, strict=True) if isinstance(got, str)}
            if broken:
                continue
            batch = [got for got in decoded_part if isinstance(got, Picture)]
            sizes.update(picture.came for picture in batch)
            colours.update(picture.mode for picture in batch)
            yield batch
    if broken:
        raise unreadable(broken, len(paths))
    if sizes - {(size, size)}:
        few, many = (f"{width} x {height}" for width, height in (min(sizes), max(sizes)))
        came = few if len(sizes) == 1 else f"of {len(sizes)} sizes ({few} to {many})"
        cropped = "cropped to a square and " if any(width != height for width, height in sizes) else ""
        say_once(f"note: images {came}, each {cropped}brought to {size} x {size}")
    if channels == 1 and "RGB" in colours:
        say_once("note: colour images, each brought to grey by its luminance")


def decoded(paths: Sequence[Path], size: int, channels: int) -> Iterator[Tensor]:
    """As `pictures`: the pixels alone, as uint8 batches (n, channels, size, size)."""
    for batch in pictures(paths, size, channels):
        yield torch.stack([picture.pixels for picture in batch])


def unreadable(broken: Mapping[Path, str], of: int) -> Misuse:
    """The one-line error for files that cannot be read, with the reason of each."""
    first, *others = broken
    if not others:
        return Misuse(f"{as_text(first)} is not a readable image ({broken[first]}): repair or remove it")
    root = Path(os.path.commonpath(path.parent for path in broken))
    named = [f"{as_text(path.relative_to(root))} ({broken[path]})" for path in list(broken)[:_MOST_NAMED]]
    more = [f"and {len(broken) - _MOST_NAMED:,} more"] if len(broken) > _MOST_NAMED else []
    return Misuse(
        f"{len(broken):,} of {of:,} files in {as_text(root)} are not readable images: "
        f"{', '.join([*named, *more])}: repair or remove them"
    )


def _picture_or_reason(path: Path, size: int, channels: int) -> Picture | str:
    """The decoded file, or in a few words why it cannot be."""
    try:
        length = regular_files.state(path).st_size
        regular_files.check_size(length, MOST_BYTES)
        with regular_files.opened(path) as content, Image.open(content, formats=formats()) as file:
            pixels = math.prod(file.size)
            if pixels > MOST_PIXELS:
                raise Image.DecompressionBombError
            with _BUDGET.taking(pixels):
                return _picture(file, size, channels)
    except UnidentifiedImageError:
        return "the file is empty" if not length else "the content is of no image format that is known"
    except OSError as error:
        return _words(error.strerror or error)
    except Image.DecompressionBombError:
        return _TOO_MANY
    except (SyntaxError, ValueError) as error:  # Pillow's own words
        return _words(error)
    except Exception as error:  # what Pillow lets through from the depths of a format says little by itself
        return _words(f"{type(error).__name__}: {error}")


def _picture(file: Image.Image, size: int, channels: int) -> Picture:
    """The picture of an open file. No more than two copies of all of its pixels are held."""
    image = _plain(_upright(file))
    mode = _MODES[channels]
    own = hashlib.blake2b(f"{image.size}".encode(), digest_size=16)
    for band in _bands(image):
        own.update(_as(band, "RGB").tobytes())
    square = ImageOps.fit(image if image.mode == "L" else _as(image, mode), (size, size), method=_BILINEAR)
    pixels = torch.from_numpy(np.array(_as(square, mode)))
    pixels = pixels.unsqueeze(0) if channels == 1 else pixels.permute(2, 0, 1)
    return Picture(pixels, image.size, image.mode, own.digest())


def _bands(image: Image.Image) -> Iterator[Image.Image]:
    """The image in parts of whole rows, from the top: a few million pixels each."""
    rows = max(1, _BAND // max(1, image.width))
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _as(image: Image.Image, mode: str) -> Image.Image:
    """In those colours, and no copy where it has them."""
    return image if image.mode == mode else image.convert(mode)


def _by_band(image: Image.Image, mode: str, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """What `change`, which looks at each pixel for itself, makes of an image: a few million pixels at a time."""
    if image.width * image.height <= _BAND:
        return change(image)
    changed, top = Image.new(mode, image.size), 0
    for band in _bands(image):
        changed.paste(change(band), (0, top))
        top += band.height
    return changed


def _words(complaint: object) -> str:
    return as_text(" ".join(str(complaint).split())) or type(complaint).__name__


def _upright(file: Image.Image) -> Image.Image:
    """The picture as EXIF's orientation says, or as it lies where that cannot be read.

    Pillow's own `exif_transpose` writes all other entries anew, and fails where one of them holds nonsense.
    """
    file.load()
    try:
        turned = _UPRIGHT.get(file.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # whatever EXIF holds, the picture is there
        turned = None
    return file if turned is None else file.transpose(turned)


def _plain(image: Image.Image) -> Image.Image:
    """The image with 8 bits a channel and without transparency: 16 bits scaled down, a white background."""
    if image.mode.startswith("I") or image.mode == "F":
        return _scaled(image)
    if image.has_transparency_data:
        return _by_band(image, "RGB", _on_white)
    return image if image.mode in {"1", "L", "RGB"} else _by_band(image, "RGB", lambda band: band.convert("RGB"))


def _on_white(image: Image.Image) -> Image.Image:
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _scaled(image: Image.Image) -> Image.Image:
    """Integer pixels beyond 255 as 16-bit ones, floats in [0, 1] as shares of white."""
    brightest = max(_brightest(band) for band in _bands(image))
    if image.mode == "F":
        scale = 255.0 if brightest <= 1 else 1.0
    else:
        scale = 255 / 65535 if image.mode != "I" or brightest > 255 else 1.0

    def in_8_bits(band: Image.Image) -> Image.Image:
        pixels = np.asarray(band, dtype=np.float64)
        return Image.fromarray(np.clip(np.rint(pixels * scale), 0, 255).astype(np.uint8))

    return _by_band(image, "L", in_8_bits)


def _brightest(band: Image.Image) -> float:
    pixels = np.asarray(band)
    if not np.isfinite(pixels).all():
        raise ValueError("it holds NaN or infinity")
    return float(pixels.max())
