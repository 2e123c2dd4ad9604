"""How much memory pictures of many pixels take while they are read.

    python benchmarks/large_pictures.py [--side 13300] [--count 2]

Writes so many PNGs of one colour, of a few hundred kilobytes each, and reads them as a folder of images is read. Prints
for each mode the peak of the process's memory above what it had before, in megabytes.

Two pictures of 13,300 x 13,300 on two cores: RGBA 6,100 MB and L 3,800 MB when all threads decoded at once and kept
several copies; RGBA 1,430, RGB 850 and L 240 MB.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from dcgan.data.decoding import pictures

_DRAW = "import sys; from PIL import Image; Image.new(sys.argv[1], (int(sys.argv[2]),) * 2, 9).save(sys.argv[3])"


def main() -> None:
    """Each mode in a process of its own, since a peak does not go down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=13_300)
    parser.add_argument("--count", type=int, default=2)
    parser.add_argument("--mode")
    args = parser.parse_args()
    for mode in ("RGBA", "RGB", "L") if args.mode is None else ():
        subprocess.run([sys.executable, __file__, *sys.argv[1:], "--mode", mode], check=True)
    if args.mode:
        print(f"{args.mode}: {peak(args.mode, args.side, args.count):,} MB")


def peak(mode: str, side: int, count: int) -> int:
    """Megabytes above what the process had before it read the pictures."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number}.png" for number in range(count)]
        for file in files:  # elsewhere, since drawing them takes memory, too
            subprocess.run([sys.executable, "-c", _DRAW, mode, str(side), str(file)], check=True)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for _ in pictures(files, 64, 3):
            pass
        return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024


if __name__ == "__main__":
    main()
