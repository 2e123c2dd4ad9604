"""Peak memory of `dcgan score FOLDER` beyond the features themselves, for 10,000 and for 100,000 images.

    python benchmarks/streaming.py [--many 100000]

Writes a folder of small random pictures in two classes, large enough that its train split has as many, and scores a
folder of others against it with the classifier, in a process of its own for each number. The features are those that
the command has to hold: of either side, for FID and for KID, and the logits. What is left should not grow.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from dcgan.scoring.classifier import FEATURES

_SIDE = 16
_CLASSES = 2
_FEW = 10_000
_PEAK = """
import resource, sys
from dcgan.cli import main
code = main(sys.argv[1:])
print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
sys.exit(code)
"""


def write(folder: Path, count: int, seed: int) -> None:
    """`count` pictures: noise around grey, darker in the first class and brighter in the second."""
    random = np.random.default_rng(seed)
    for label in range(_CLASSES):
        (folder / str(label)).mkdir(parents=True)
    pixels = random.integers(0, 100, (count, _SIDE, _SIDE), dtype=np.uint8)

    def one(number: int) -> None:
        label = number % _CLASSES
        Image.fromarray(pixels[number] + np.uint8(120 * label)).save(folder / str(label) / f"{number:06d}.png")

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, range(count)))


def peak(made: Path, real: Path, count: int) -> float:
    """Bytes at most, of a process that scores `count` images."""
    words = ["score", str(made), "--against", str(real), "--size", str(_SIDE), "--split", "train"]
    command = [sys.executable, "-c", _PEAK, *words, "--samples", str(count)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return float(done.stdout.rpartition("peak ")[2])


def main() -> None:
    """Prints a line per number, and what the memory beyond the features grew by."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--many", type=int, default=100_000)
    args = parser.parse_args()
    left = []
    with tempfile.TemporaryDirectory() as name:
        made, real = Path(name) / "made", Path(name) / "real"
        write(made, args.many, seed=1)
        write(real, 2 * args.many, seed=2)
        peak(made, real, _FEW)  # makes the files of classifier and references, which later processes read
        for count in (_FEW, args.many):
            most, features = peak(made, real, count), 8 * count * (4 * FEATURES + _CLASSES)
            left.append(most - features)
            mib = [value / 2**20 for value in (most, features, left[-1])]
            print("{:>9,} images: {:,.0f} MiB, of which features {:,.0f} MiB, else {:,.0f} MiB".format(count, *mib))
    print(f"growth beyond the features: {(left[1] - left[0]) / 2**20:,.0f} MiB")


if __name__ == "__main__":
    main()
