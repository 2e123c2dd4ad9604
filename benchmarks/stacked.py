"""Real triples of digits through `dcgan score`, as any generator's images of Stacked MNIST would go.

    DCGAN_DATA=... python benchmarks/stacked.py

Writes 26,000 of the training triples as PNG files into a temporary folder and scores that folder against the test
split. A perfect sampler of uniform triples comes to 1000 modes and KL 999 / (2 x 26,000) = 0.0192 from uniform; MNIST's
digits are not quite uniform. Exits with 1 unless all modes are covered and KL is within 0.005 of 0.019.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image
from torch import Tensor

from dcgan.data import load
from dcgan.experiment.sections import Data
from dcgan.scoring.stacked_mnist_classifier import SAMPLES


def write(images: Tensor, folder: Path) -> None:
    """uint8 images (n, 3, H, W) as PNG files."""

    def one(number: int) -> None:
        Image.fromarray(images[number].permute(1, 2, 0).numpy()).save(folder / f"{number:05d}.png")

    with ThreadPoolExecutor() as pool:
        list(pool.map(one, range(len(images))))


def main() -> None:
    """Prints the scores, the time and the peak of memory."""
    with tempfile.TemporaryDirectory() as name:
        write(load(Data(name="stacked-mnist", size=28)).images["train"][:SAMPLES], Path(name))
        words = ["score", name, "--against", "stacked-mnist", "--samples", str(SAMPLES), "--json"]
        began = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "dcgan", *words], check=True, stdout=subprocess.PIPE, text=True)
    scores = json.loads(done.stdout)["scores"]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20
    print(json.dumps(scores, indent=2))
    print(f"{time.perf_counter() - began:.0f} s, at most {peak:.1f} GiB")
    sys.exit(scores["modes"] != 1000 or abs(scores["modes_kl"] - 0.019) > 0.005)


if __name__ == "__main__":
    main()
