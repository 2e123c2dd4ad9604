"""`dcgan tips`: the catalogue."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan.tips import Tip

SUMMARY = "the catalogue of tips: what each changes, its levels and its source"
EXAMPLE = "dcgan tips batch_norm"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="one tip in full")


def run(args: argparse.Namespace) -> int:
    """Prints the table, or one tip with the difference it makes to an experiment."""
    from dcgan.cli.show import print_json, say, table
    from dcgan.tips import TIPS, tip

    chosen = [tip(args.name)] if args.name else list(TIPS.values())

    if args.json:
        print_json([_as_json(each) for each in chosen])
    elif args.name:
        each = chosen[0]
        say(f"{each.name}: {each.sentence}\nsource: {each.source}")
        for level, fragment in each.levels.items():
            words = [f"{key}={value}" for key, value in fragment.items()]
            say(f"\n{level}:\n  " + ("\n  ".join(words) or "as the experiment says"))
        say("\nnext: dcgan sweep demo, which measures it beside the others")
    else:
        rows = [[each.name, each.sentence, ", ".join(each.levels), each.source] for each in chosen]
        table(["tip", "what it does", "levels", "source"], rows)
        say("next: dcgan tips NAME for the exact difference a tip makes")
    return 0


def _as_json(each: Tip) -> dict[str, object]:
    from dcgan.experiment import Experiment

    levels = {
        level: {key: value if isinstance(value, int | float | str) else str(value) for key, value in fragment.items()}
        for level, fragment in each.levels.items()
    }
    return {
        "name": each.name,
        "source": each.source,
        "sentence": each.sentence,
        "levels": levels,
        "default": each.level_of(Experiment()),
    }
