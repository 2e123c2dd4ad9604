"""What `dcgan report` is given: a study, a table, or a project in W&B, which is made a table of first."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan.report import Results

TABLE_OPTIONS = ("arm_column", "seed_column", "decimal")
_OPTIONS = ("arm_column", "seed_column", "baseline", "metric", "goal", "scale", "margin", "out")


def fetched(args: argparse.Namespace) -> Path | None:
    """Puts tables in the place of the sources that are projects in W&B; the last of them, None where there is none.

    Raises Misuse or DcganError in one line for what cannot be read.
    """
    from dcgan.tracking.wandb_project import PREFIX

    last: Path | None = None
    for index, source in enumerate(args.sources):
        if source.startswith(PREFIX):
            last = _fetch(source, args)
            args.sources[index] = str(last)
    return last


def _fetch(source: str, args: argparse.Namespace) -> Path:
    from dcgan.common import paths
    from dcgan.common.files import plain_name, write_text
    from dcgan.common.formatting import count
    from dcgan.common.messages import message
    from dcgan.tracking.wandb_project import Project, read
    from dcgan.tracking.wandb_table import table_of

    project = Project.parse(source)
    runs = read(project)
    table = table_of(project, runs, metric=args.metric, arm=args.arm_column, seed=args.seed_column)
    # With the entity: a project is called as its study is, whose own report lies in the folder of that name.
    name = plain_name("-".join(filter(None, (project.entity, project.name, project.study))))
    path = paths.reports() / f"{name}.csv"
    write_text(path, table.text())
    for line in table.notes:
        message(line)
    message(f"W&B: {count(len(table.rows), 'run')} of {project} in {path}")
    return path


def again(args: argparse.Namespace, table: Path) -> str:
    """The command that makes the same report of the table, without W&B."""
    words = ["dcgan", "report", str(table)]
    for name in _OPTIONS:
        if (value := getattr(args, name)) is not None:
            words += [f"--{name.replace('_', '-')}", value]
    return shlex.join([*words, *(["--alpha", f"{args.alpha:g}"] if args.alpha != 0.05 else [])])


def locate(source: str) -> Path:
    """The file of that path, or the folder of the study of that name or path. Raises Misuse with the closest name."""
    from dcgan.common import paths
    from dcgan.common.errors import Misuse, did_you_mean
    from dcgan.sweeps.sweep import find_study

    path = Path(source)
    if path.is_file() or (path / "plan.json").is_file():
        return path
    if path.suffix == ".csv":
        tables = sorted(str(table) for table in path.parent.glob("*.csv"))
        raise Misuse(paths.no_file(path) + did_you_mean(source, tables))
    return find_study(_answered_by(source))


def check_tables(args: argparse.Namespace, places: Sequence[Path]) -> None:
    """Refuses options for tables where there is none."""
    from dcgan.common.errors import Misuse

    for name in TABLE_OPTIONS:
        if getattr(args, name) is not None and not any(place.is_file() for place in places):
            raise Misuse(f"--{name.replace('_', '-')} is for tables, and {args.sources[0]} is a study")


def read_source(args: argparse.Namespace, place: Path) -> Results:
    """The table of that file, or the study in that folder."""
    from dcgan import report
    from dcgan.common.messages import message

    if not place.is_file():
        results = report.from_study(place)
    else:
        results = report.from_csv(place, metric=args.metric, **{name: getattr(args, name) for name in TABLE_OPTIONS})
        for line in results.notes:
            message(line)
    _note_formulas(results)
    return results


def _note_formulas(results: Results) -> None:
    """Says if a spreadsheet would run a cell of the report's tables. It is written as it came, since whatever kept a
    spreadsheet from it would be another name to all that read the table again."""
    from dcgan.common.messages import note
    from dcgan.records.table_file import is_formula

    texts = (text for column in results.table for text in (column, *results.table[column].unique()))
    if found := next((text for text in texts if isinstance(text, str) and is_formula(text)), None):
        note(f"'{found}' is a formula to a spreadsheet: import {results.title}'s tables/*.csv there as text")


def _answered_by(study: str) -> str:
    """The study that has the answer: the search itself, where nothing beat the baseline in it."""
    from dcgan.common import paths
    from dcgan.records import plan_file, search_file

    folder = paths.studies() / study
    record = None if plan_file.is_study(folder) else search_file.read(folder)
    return record.study if record is not None and not record.chosen else study
