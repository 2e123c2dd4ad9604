"""`dcgan sample`: images from a trained generator."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "images from a run's generator, finished or not: a grid, a folder of PNGs, or a walk between images"
EXAMPLE = "dcgan sample 1f0c3a9be4d2 -n 64 --grid grid.png"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("run", metavar="RUN", help="a run's id, its beginning, or its folder")
    parser.add_argument(
        "-n", "--count", dest="n", type=int, default=64, metavar="N", help="how many images (default 64)"
    )
    parser.add_argument("--seed", type=int, help="of the noise (default: the noise of the run's scores)")
    parser.add_argument("--grid", type=Path, metavar="FILE", help="write one picture of all images")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="write one PNG per image")
    parser.add_argument("--interpolate", action="store_true", help="rows that walk from one image to the next")


def run(args: argparse.Namespace) -> int:
    """Writes the images; by default a grid beside the run's own samples."""
    from dcgan.cli.output import print_json, say
    from dcgan.common.errors import Misuse
    from dcgan.common.messages import message, note
    from dcgan.runs.directory import RunDirectory

    if not 1 <= args.n <= 1_000_000:
        raise Misuse(f"-n {args.n}: expected 1 to 1,000,000 images")
    directory = RunDirectory.find(args.run)  # a wrong name is refused before PyTorch is imported
    from dcgan.runs.samples import drawing
    from dcgan.training.sampling import write_folder, write_grid

    drawn = drawing(str(directory.path))
    if drawn.seen is not None:
        whole = drawn.experiment.budget.images
        note(
            f"run {directory.path.name} is not finished: its generator is that of the last checkpoint, after "
            f"{drawn.seen:,} of {whole:,} images"
        )
    images = (drawn.walk if args.interpolate else drawn.images)(args.n, args.seed)
    grid = args.grid
    if grid is None and args.folder is None:
        grid = directory.samples / ("interpolation.png" if args.interpolate else "sample.png")
    written: dict[str, str] = {}
    if grid:
        write_grid(images, grid)
        written["grid"] = str(grid)
    if args.folder:
        write_folder(images, args.folder)
        written["folder"] = str(args.folder)
    if args.json:
        print_json({"images": len(images), **written, **({} if drawn.seen is None else {"seen": drawn.seen})})
    else:
        for what, path in written.items():
            say(f"{what}: {path} ({len(images)} images)")
        if drawn.seen is None:
            message(f"next: dcgan score {args.run}")
    return 0
