"""Images as PNG files."""

from __future__ import annotations

from pathlib import Path

from PIL import Image
from torch import Tensor
from torchvision.utils import make_grid

from dcgan.files import write_atomically


def write_grid(images: Tensor, path: Path) -> None:
    """Writes images uint8 (N, C, H, W) as one picture, as square as can be."""
    columns = max(1, round(len(images) ** 0.5))
    _write(make_grid(images, nrow=columns, padding=2, pad_value=255), path)


def write_folder(images: Tensor, folder: Path) -> None:
    """Writes images uint8 (N, C, H, W) as `000000.png`, `000001.png`, ... into a folder."""
    for number, image in enumerate(images):
        _write(image, folder / f"{number:06d}.png")


def _write(image: Tensor, path: Path) -> None:
    pixels = image.permute(1, 2, 0).squeeze(-1).numpy()  # (H, W) for grey, (H, W, 3) for colour
    picture = Image.fromarray(pixels)
    write_atomically(path, lambda file: picture.save(file, "PNG"))
