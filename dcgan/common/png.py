"""PNG files as light as they can be without losing a pixel."""

from __future__ import annotations

import io
import math
import stat
from pathlib import Path

from PIL import Image, ImageChops

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.common.files import cannot

_MOST_PIXELS = 2**26  # which take 256 MiB
_PNG = b"\x89PNG\r\n\x1a\n"


def is_png(path: Path) -> bool:
    """Whether that is a file of its own, no link to another one, and begins as a PNG does.

    A library that is given the path opens whatever the content is: EPS, say, by starting an interpreter of it.
    """
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        with regular_files.opened(path) as file:
            return file.read(len(_PNG)) == _PNG
    except OSError:
        return False


def light_png(path: Path) -> bytes:
    """The picture in that file with the same pixels, grey ones with one channel, or the file where that is lighter.

    Raises DcganError where it cannot be read or is no PNG.
    """
    try:
        png = regular_files.read(path, regular_files.MOST_OF_A_PICTURE)
    except OSError as error:
        raise cannot("read", path, error) from error
    damaged = f"{path} is damaged (not a PNG): delete it, or draw it anew with dcgan sample"
    if not png.startswith(_PNG):
        raise DcganError(damaged)
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            if math.prod(picture.size) > _MOST_PIXELS:
                raise DcganError(
                    f"{path}: {picture.width} x {picture.height} pixels are too many for a grid of samples"
                )
            picture.load()
            lighter = _grey(picture) if picture.mode == "RGB" else picture
            buffer = io.BytesIO()
            lighter.save(buffer, "PNG", optimize=True)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise DcganError(damaged) from None
    return min(buffer.getvalue(), png, key=len)


def _grey(picture: Image.Image) -> Image.Image:
    """One channel where all three are the same."""
    red, green, blue = picture.split()
    same = all(ImageChops.difference(red, other).getbbox() is None for other in (green, blue))
    return red if same else picture
