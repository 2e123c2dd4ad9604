"""`dcgan tips`: the catalogue, and what a tip changes in an experiment."""

from __future__ import annotations

import argparse
import shlex
import shutil
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.experiment import Experiment
    from dcgan.tips import Tip
    from dcgan.tips.changes import Change

SUMMARY = "the catalogue of tips: what each changes, its levels and its source"
EXAMPLE = "dcgan tips batch_norm --experiment mnist"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("name", nargs="?", metavar="NAME", help="one tip in full")
    parser.add_argument(
        "--experiment",
        metavar="EXPERIMENT",
        help="the experiment to compare with, a file or a name (else the defaults)",
    )


def run(args: argparse.Namespace) -> int:
    """Prints the tables, or one tip with the difference it makes to the experiment."""
    from dcgan.cli.output import print_json
    from dcgan.experiment import Experiment, load
    from dcgan.tips import TIPS, tip

    chosen = [tip(args.name)] if args.name else list(TIPS.values())
    experiment = load(args.experiment) if args.experiment else Experiment()

    if args.json:
        print_json([_as_json(one, experiment) for one in chosen])
    elif args.name:
        _show(chosen[0], experiment, args.experiment)
    else:
        _list(chosen, experiment, args.experiment)
    return 0


def _list(tips: list[Tip], experiment: Experiment, given: str | None) -> None:
    """Both tables: the article's tips and those beyond it."""
    from dcgan.cli.output import say, table

    for title, beyond in (("tips of the article", False), ("tips beyond the article", True)):
        rows = [[tip.name, _in_short(tip), _levels(tip, experiment)] for tip in tips if tip.beyond == beyond]
        table(["tip", "what it does (source)", "levels"], rows, title=title)
    say(f"*: the level of {_called(given)}")
    say("next: dcgan tips NAME for the exact difference it makes and all its sources")


def _in_short(tip: Tip) -> str:
    """The first sentence and the first source: the table is to fit a terminal."""
    return f"{tip.sentence.partition('. ')[0].removesuffix('.')} ({tip.source.partition(';')[0]})."


def _levels(tip: Tip, experiment: Experiment) -> str:
    """The levels in a narrow column, a star at the experiment's."""
    here = tip.level_of(experiment)
    return textwrap.fill(", ".join(f"{level}*" if level == here else level for level in tip.levels), 20)


def _show(tip: Tip, experiment: Experiment, given: str | None) -> None:
    """One tip: what it is, what each level changes, and what it does not go together with."""
    from dcgan.cli.output import say, table
    from dcgan.tips.changes import changes, conflicts, in_words, refusal, text, unused_in_level

    _say(f"{tip.name}: {tip.sentence}")
    _say(f"source: {tip.source}" + (" (beyond the article)" if tip.beyond else ""))
    say()
    rows, remarks = [], []
    for level in tip.levels:
        for number, change in enumerate(level_changes := changes(tip, level, experiment)):
            rows.append(["" if number else level, change.key, text(change.before), _then(change)])
        if not level_changes:
            rows.append([level, "nothing", "", ""])
        if line := refusal(experiment, {tip.name: level}):
            remarks.append(f"refused: {tip.name} at {level}: {line}")
        else:
            remarks += [f"{level}: {note}" for note in unused_in_level(tip, level, experiment)]
    at = tip.level_of(experiment)
    _say(f"in {_called(given)} ({in_words(experiment)}), which is at {f'level {at}' if at else 'none of the levels'}:")
    table(["level", "sets", "from", "to"], rows)
    for conflict in conflicts(tip, experiment):
        pair = f"{tip.name} at {', '.join(conflict.levels)} with {conflict.other} at {', '.join(conflict.others)}"
        remarks.append(f"refused: {pair}: {conflict.refusal}")
    for remark in remarks:
        _say(remark)
    words = ["dcgan", "sweep", "demo", *([f"experiment={given}"] if given else [])]
    say("next: " + shlex.join([*words, f"study={tip.name}", f"factors=[{tip.name}]", "--dry-run"]))


def _then(change: Change) -> str:
    """The value at a level; `itself` is the value before, since the key would not fit beside itself."""
    from dcgan.tips.changes import text

    if change.formula:
        return f"{text(change.after)} = {change.formula.replace(change.key, 'itself')}"
    return text(change.after) if change.moves else "the same"


def _called(given: str | None) -> str:
    return f"experiment {given}" if given else "the default experiment"


def _say(words: str) -> None:
    """A sentence in lines as wide as the terminal, or of 160 columns."""
    from dcgan.cli.output import say

    say(
        textwrap.fill(
            words, shutil.get_terminal_size((160, 24)).columns, subsequent_indent="  ", break_on_hyphens=False
        )
    )


def _as_json(tip: Tip, experiment: Experiment) -> dict[str, object]:
    from dcgan.tips.changes import changes, refusal

    levels = {
        level: {key: value if isinstance(value, int | float | str) else str(value) for key, value in fragment.items()}
        for level, fragment in tip.levels.items()
    }
    differences: dict[str, dict[str, Any]] = {
        level: {change.key: {"from": change.before, "to": change.after} for change in changes(tip, level, experiment)}
        for level in tip.levels
    }
    return {
        "name": tip.name,
        "source": tip.source,
        "sentence": tip.sentence,
        "beyond": tip.beyond,
        "levels": levels,
        "default": tip.level_of(experiment),
        "differences": differences,
        "refused": {level: line for level in tip.levels if (line := refusal(experiment, {tip.name: level}))},
    }
