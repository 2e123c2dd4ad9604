"""`dcgan sweep SWEEP --export wandb`: the study as a sweep file of W&B."""

from __future__ import annotations

import argparse

_KINDS = ("wandb",)


def export(args: argparse.Namespace) -> int:
    """Writes `sweeps/wandb/STUDY.yaml` in DCGAN_HOME and says where; with `--dry-run` prints what would be written."""
    from dcgan.common.errors import Misuse, did_you_mean

    if args.export not in _KINDS:
        raise Misuse(f"--export {args.export}: no such kind" + did_you_mean(args.export, _KINDS))

    from dcgan.cli.output import print_json, say
    from dcgan.common import paths
    from dcgan.common.files import write_text
    from dcgan.common.overrides import parse_words
    from dcgan.queue.storage import storage_url
    from dcgan.sweeps import sweep as sweeps
    from dcgan.tracking.sweep_files import FOLDER, exported

    if args.storage:
        storage_url(args.storage)  # refuses a password, which the file would hold
    storage = ["--storage", args.storage] if args.storage else []
    files = exported(sweeps.load(args.sweep, parse_words(args.words)), [args.sweep, *args.words], storage)
    folder = paths.home() / FOLDER
    if not args.dry_run:
        for name, text in files.items():
            write_text(folder / name, text)
    if args.json:
        print_json({str(folder / name): text for name, text in files.items()})
    elif args.dry_run:
        for text in files.values():
            say(text)
    else:
        for name in files:
            say(f"written: {folder / name}")
        say(f"next: wandb sweep {folder / next(iter(files))}, then the wandb agent command that it prints")
    return 0
