"""`dcgan report STUDY STUDY ...`: one report of several studies, and its matrix on the terminal."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.report import Results
    from dcgan.report.text.numbers import Numbers

_MOST_COLUMNS = 4  # studies whose effects a terminal has room for; of more their verdicts are shown


def check_once(sources: Sequence[str], places: Sequence[Path]) -> None:
    """Raises Misuse for a study that is named twice, by whatever path."""
    from dcgan.common.errors import Misuse

    seen: dict[Path, str] = {}
    for source, place in zip(sources, places, strict=True):
        if (path := place.resolve()) in seen:
            known_as = "" if seen[path] == source else f" (also as {seen[path]})"
            raise Misuse(f"{source} is there twice{known_as}: name each study once")
        seen[path] = source


def run_several(
    args: argparse.Namespace, places: Sequence[Path], results: Sequence[Results], options: Mapping[str, Any]
) -> int:
    """Writes the report of the sources at these places and prints its headline and matrix."""
    from dcgan import report
    from dcgan.cli.output import print_json, say
    from dcgan.common import paths
    from dcgan.common.files import plain_name
    from dcgan.comparison.several import distinct_names

    names = distinct_names(
        [each.title for each in results],
        [[folder.name for folder in place.resolve().parents if folder.name] for place in places],
    )
    planned = {each.metric for each in results} - {None}
    other = f"-{args.metric}" if args.metric and planned - {args.metric} else ""
    out = Path(args.out) if args.out else paths.reports() / plain_name("+".join(names) + other)
    content = report.write_several(
        dict(zip(names, results, strict=True)),
        [*(_word(source, place) for source, place in zip(args.sources, places, strict=True)), *_table_options(args)],
        out,
        **options,
    )
    if args.json:
        print_json(content)
        return 0
    show_several(content)
    say(f"report: {out / 'index.html'}")
    say(f"next: open {out / 'index.html'}")
    return 0


def _word(source: str, place: Path) -> str:
    """A source as it is named in the report: where a folder lies is nobody's business."""
    from dcgan.common.formatting import shell_word

    return shell_word(place.name if Path(source).is_absolute() else source)


def _table_options(args: argparse.Namespace) -> list[str]:
    """How tables are to be read, as it was asked for."""
    from dcgan.common.formatting import shell_word

    asked = {"arm-column": args.arm_column, "seed-column": args.seed_column, "decimal": args.decimal}
    return [f"--{name} {shell_word(value)}" for name, value in asked.items() if value is not None]


def show_several(content: Mapping[str, Any]) -> None:
    """Prints the headline, the warnings and the matrix of a report.json of several studies."""
    from dcgan.cli.output import plain, say, table
    from dcgan.common.formatting import p_value
    from dcgan.common.messages import message
    from dcgan.report.text.numbers import Numbers

    numbers = Numbers.for_means(
        [each["effect"] for tip in content["tips"] for each in tip["studies"]], content["scale"]
    )
    say(content["headline"])
    for warning in content["warnings"]:
        message(f"warning: {warning}")
    names = [study["study"] for study in content["studies"]]
    pooled = any(tip["pooled_studies"] for tip in content["tips"])
    rows = []
    for tip in content["tips"]:
        row = [tip["label"], *(_cell(cell, numbers, len(names)) for cell in tip["studies"]), tip["agreement"]]
        if pooled:
            effect = f"{numbers.effect(tip['effect'])} {numbers.effect_interval(tip['interval'])}".strip()
            row += [effect, p_value(tip["p_adjusted"])]
        rows.append(row)
    more = ["pooled [95 %]", "adjusted p"] if pooled else []
    table(["tip", *names, "agreement", *more], plain(rows))
    if content["not_pooled"]:
        say(f"nothing is pooled: {content['not_pooled']}")
    for study in content["studies"]:
        if study["partial"]:
            message(
                f"partial: {study['trials']['done']} of {study['trials']['total']} trials of {study['study']} are done"
            )


def _cell(cell: Mapping[str, Any], numbers: Numbers, studies: int) -> str:
    """`-12 % helps`; of many studies the verdict alone. `open` is shorter than inconclusive."""
    verdict = "open" if cell["verdict"] == "inconclusive" else str(cell["verdict"] or "")
    if studies > _MOST_COLUMNS or cell["effect"] is None:
        return verdict
    return f"{numbers.effect(cell['effect'])} {verdict}"
