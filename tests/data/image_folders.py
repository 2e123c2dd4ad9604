"""Folders of images for tests, and their descriptions."""

from pathlib import Path

import numpy as np
from PIL import Image

from dcgan.experiment.sections import Data


def fill(folder: Path, count: int, prefix: str = "image", first: int = 0) -> Path:
    """That many distinct grey PNGs of different sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        pixels = np.full((20 + number, 30, 3), number, np.uint8)
        Image.fromarray(pixels).save(folder / f"{prefix}{number:03d}.png")
    return folder


def described(folder: Path, **changes) -> Data:
    return Data(**{"name": "folder", "folder": str(folder), "size": 16, **changes})
