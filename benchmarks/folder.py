"""What a folder of images costs a study beside training: reading its files for the fingerprint, and decoding them.

`python benchmarks/folder.py --images 50000` makes so many JPEGs, crops of the two photographs that scikit-learn ships,
and takes times in one process:

- `every time`: the fingerprint as each trial would take it if nothing were kept, which is what it was before;
- `resolve` and `load`, as planning or a run does them first: all files are read once, decoded once, and looked through
  for copies; and again, in this process and in another that finds in the cache what this one kept;
- two of `run_trial` one after the other, on the smallest networks and one step each.

Beside each: its share of `every time`, how often the files were read for the fingerprint and how often decoded.
Everything is deleted afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from photos import crops

from dcgan import data
from dcgan.data import alike, decoding, folder, picture_files
from dcgan.experiment import Experiment, parse

_A_SUBFOLDER = 1000  # files
_COUNTED: Counter[str] = Counter()


def fill(root: Path, count: int, size: int) -> int:
    """That many JPEGs of `size` pixels, each another part of a photograph. Returns the bytes they take."""
    taken = 0
    for number, (_, crop) in zip(range(count), crops(range(size, 4 * size)), strict=False):
        path = root / f"{number // _A_SUBFOLDER:03d}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        crop.resize((size, size)).save(path, quality=90)
        taken += path.stat().st_size
    return taken


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


def count_readings() -> None:
    """Counts the files that are read for a fingerprint, and those that are decoded, from here on."""
    read, decode = folder._bytes, decoding._picture_or_reason

    def counted_bytes(path: Path) -> bytes:
        _COUNTED["read"] += 1
        return read(path)

    def counted_picture(path: Path, size: int, channels: int) -> decoding.Picture | str:
        _COUNTED["decoded"] += 1
        return decode(path, size, channels)

    folder._bytes, decoding._picture_or_reason = counted_bytes, counted_picture


def forget() -> None:
    """What another process would not know."""
    folder._READ_ONCE.clear()
    folder._DECODED.clear()
    alike._KNOWN.clear()


def measure(count: int, size: int) -> list[dict[str, float | str]]:
    """The rows of the table, over pictures in a folder of their own."""
    rows: list[dict[str, float | str]] = []

    def timed(what: str, work: Callable[[], object]) -> None:
        before, began = _COUNTED.copy(), time.perf_counter()
        work()
        seconds = time.perf_counter() - began
        times = {kind: (_COUNTED[kind] - before[kind]) / count for kind in ("read", "decoded")}
        share = seconds / rows[0]["seconds"] if rows else 1.0
        rows.append({"what": what, "seconds": seconds, "share": share, **times})

    with tempfile.TemporaryDirectory() as place:
        os.environ |= {"DCGAN_HOME": place, "XDG_CACHE_HOME": f"{place}/cache"}
        root = Path(place) / "images"
        print(f"{count:,} JPEGs of {size} x {size}: {fill(root, count, size) / 2**20:.1f} MiB", file=sys.stderr)
        described = experiment(root, 0, size).data
        images = picture_files.find(root)
        folder._fingerprint(root, images)  # now the system has the files in memory, as it would after any of these
        count_readings()
        from dcgan.runs.run import run_trial

        forget()
        timed("the fingerprint, every time", lambda: folder._fingerprint(root, images))
        timed("the fingerprint, once a process", lambda: folder._fingerprint(root, images))
        forget()
        timed("resolve, the first time", lambda: data.resolve(described))
        timed("load after it", lambda: data.load(described))
        timed("resolve again", lambda: data.resolve(described))
        forget()
        timed("resolve, another process", lambda: data.resolve(described))
        timed("run_trial, the first", lambda: run_trial(experiment(root, 1, size)))
        timed("run_trial, the second", lambda: run_trial(experiment(root, 2, size)))
    return rows


def main() -> None:
    """Prints the rows, or JSON of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=2_000)
    parser.add_argument("--size", type=int, choices=[16, 28, 32, 64, 128], default=64)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    rows = measure(args.images, args.size)
    if args.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(
            f"{row['what']:<32} {row['seconds']:8.2f} s, ratio {row['share']:6.2f}, "
            f"files read {row['read']:.0f} times, decoded {row['decoded']:.0f}"
        )


if __name__ == "__main__":
    main()
