"""What is opened as a picture, how large it may be, and how many pixels are decoded at a time.

All of a picture's pixels are decoded: JPEG's draft mode would be cheaper, and gives other pixels, which a data set's
fingerprint and all scores against it would change with.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from functools import lru_cache

from PIL import Image

# Of pixels alone, decoded within Pillow: EPS would start Ghostscript, WMF and others need programs or packages, and
# icons and films hold files within files. What JPEG opens may be MPO, too.
_RASTER = (
    *("AVIF", "BMP", "DIB", "GIF", "JPEG", "JPEG2000", "PCX", "PNG", "PPM"),
    *("PSD", "QOI", "SGI", "SUN", "TGA", "TIFF", "WEBP", "XBM"),
)
MOST_BYTES = 2**30  # of a file
MOST_PIXELS = 178_956_970  # of a picture: Pillow's own limit
_AT_A_TIME = 2**27  # pixels, of several pictures: half a gigabyte of colours


@lru_cache(maxsize=1)
def formats() -> tuple[str, ...]:
    """Pillow's names of the formats that are opened, those that it was built with."""
    Image.init()
    return tuple(name for name in _RASTER if name in Image.OPEN)


class PixelBudget:
    """Pixels that may be decoded at a time, by all threads together. A picture of more is decoded alone."""

    def __init__(self, pixels: int = _AT_A_TIME) -> None:
        self._most = pixels
        self._taken = 0
        self._changed = threading.Condition()

    @contextlib.contextmanager
    def taking(self, pixels: int) -> Iterator[None]:
        """Waits until there is room for so many, and takes them for the block."""
        pixels = min(pixels, self._most)
        with self._changed:
            self._changed.wait_for(lambda: self._taken + pixels <= self._most)
            self._taken += pixels
        try:
            yield
        finally:
            with self._changed:
                self._taken -= pixels
                self._changed.notify_all()
