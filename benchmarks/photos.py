"""A folder of photographs to try the suite on, for those who have none at hand.

`python benchmarks/photos.py photos` writes 2,000 JPEGs into class folders, `photos/china` and `photos/flower`: crops,
of sizes from 64 to 256 pixels, of the two photographs that scikit-learn ships.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_sample_images

SMALLEST, LARGEST = 64, 256  # pixels


def crops(sides: range, seed: int = 0) -> Iterator[tuple[str, Image.Image]]:
    """Without end: the name of a photograph, in turn, and a square of it whose side is one of `sides` pixels."""
    bunch = load_sample_images()
    photographs = [(Path(name).stem, image) for name, image in zip(bunch.filenames, bunch.images, strict=True)]
    random = np.random.RandomState(seed)
    while True:
        for name, photograph in photographs:
            side = random.randint(sides.start, sides.stop)
            top, left = (random.randint(0, length - side) for length in photograph.shape[:2])
            yield name, Image.fromarray(photograph[top : top + side, left : left + side])


def main() -> None:
    parser = argparse.ArgumentParser(description="a folder of photographs in two classes")
    parser.add_argument("folder", type=Path, help="a new folder")
    parser.add_argument("--images", type=int, default=2000, help="how many in all (default 2000)")
    options = parser.parse_args()
    if options.folder.exists():
        parser.error(f"{options.folder} is there already")
    for number, (name, crop) in zip(range(options.images), crops(range(SMALLEST, LARGEST + 1)), strict=False):
        path = options.folder / name / f"{number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        crop.save(path, quality=90)
    print(f"{options.images} JPEGs in {options.folder}")
    given = f"data.folder={options.folder} data.size=32"
    print(f"next: dcgan train folder {given}, or")
    print(f"      dcgan sweep --new mine.yaml experiment=folder {given} tips=ema,diffaugment")


if __name__ == "__main__":
    main()
