"""`dcgan export`: take a generator elsewhere."""

from __future__ import annotations

import argparse
from pathlib import Path

SUMMARY = "write a run's generator as safetensors or ONNX"
EXAMPLE = "dcgan export 1f0c3a9be4d2 --format onnx --out generator.onnx"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("run", metavar="RUN", help="a run's id, its beginning, or its folder")
    parser.add_argument("--format", choices=("safetensors", "onnx"), default="safetensors")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: generator.FORMAT in the working directory")


def run(args: argparse.Namespace) -> int:
    """Writes the file and says how to read it."""
    from dcgan.cli.output import print_json, say
    from dcgan.common.messages import message
    from dcgan.runs.directory import RunDirectory

    RunDirectory.find(args.run)  # a wrong name is refused before PyTorch is imported
    from dcgan.runs.export import EXPORTS

    path = args.out or Path(f"generator.{args.format}")
    EXPORTS[args.format](args.run, path)
    if args.json:
        print_json({"file": str(path), "format": args.format})
    else:
        say(f"written: {path}")
        message("next: noise (N, dim) in, images (N, channels, size, size) in [-1, 1] out")
    return 0
