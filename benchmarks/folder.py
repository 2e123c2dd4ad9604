"""What a folder of images costs a study beside training: its fingerprint, first and again, and decoding it.

`python benchmarks/folder.py --images 50000` makes so many small PNGs, and takes the times of

- `resolve`, which reads every file for the fingerprint of the folder, in a process that has not done so and again,
- `load`, which decodes them, once a process,
- the rest of a run: two of `run_trial` one after the other, on the smallest networks and one step each,

with how often the files were read for the fingerprint in each. Everything is deleted afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from dcgan import data
from dcgan.data import folder
from dcgan.experiment import Experiment, parse

_A_SUBFOLDER = 1000  # files
_READINGS: Counter[Path] = Counter()


def fill(root: Path, count: int, size: int) -> None:
    """That many PNGs of random pixels."""
    random = np.random.RandomState(0)
    for number in range(count):
        path = root / f"{number // _A_SUBFOLDER:03d}" / f"{number:06d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = random.randint(0, 256, (size, size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(path, compress_level=1)


def experiment(root: Path, seed: int, size: int) -> Experiment:
    """One step of the smallest networks, unscored."""
    content = {
        "name": "folder",
        "seed": seed,
        "data": {"name": "folder", "folder": str(root), "size": size},
        "latent": {"dim": 8},
        "generator": {"width": 8},
        "discriminator": {"width": 8},
        "update": {"batch": 20},
        "budget": {"epochs": 1, "images_per_epoch": 20},
        "score": {"extractor": "none"},
        "tracking": {"wandb": "disabled", "grid": 4},
        "compute": {"device": "cpu", "threads": 1},
    }
    return parse(content, "folder")


def timed(what: str, work: Callable[[], object], count: int) -> dict[str, float | str]:
    """Seconds of it, and how often each file was read for the fingerprint meanwhile."""
    before = _READINGS.total()
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    return {"what": what, "seconds": round(seconds, 2), "readings": (_READINGS.total() - before) / count}


def count_readings() -> None:
    """Counts the files that are read for a fingerprint from here on."""
    read = folder._bytes

    def counted(path: Path) -> bytes:
        _READINGS[path] += 1
        return read(path)

    folder._bytes = counted


def measure(count: int, size: int) -> list[dict[str, float | str]]:
    """The rows of the table, over pictures in a folder of their own."""
    with tempfile.TemporaryDirectory() as place:
        os.environ["DCGAN_HOME"] = place
        root = Path(place) / "images"
        fill(root, count, size)
        described = experiment(root, 0, size).data
        data.resolve(described)  # now the system has the files in memory, as it would after any of these
        getattr(folder, "_READ_ONCE", {}).clear()  # an earlier version has none
        count_readings()
        from dcgan.runs.run import run_trial

        return [
            timed("resolve, the first time", lambda: data.resolve(described), count),
            timed("resolve again", lambda: data.resolve(described), count),
            timed("load", lambda: data.load(described), count),
            timed("run_trial, the first", lambda: run_trial(experiment(root, 1, size)), count),
            timed("run_trial, the second", lambda: run_trial(experiment(root, 2, size)), count),
        ]


def main() -> None:
    """Prints the rows, or JSON of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = measure(args.images, args.size)
    if args.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(f"{row['what']:<24} {row['seconds']:8.2f} s, files read for the fingerprint {row['readings']:.0f} times")


if __name__ == "__main__":
    main()
