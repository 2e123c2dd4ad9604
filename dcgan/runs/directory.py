"""A run's directory: alone enough to resume, score, sample and report.

Files are written whole or not at all; tables grow by a line at a time, and a last line that a killed process left
torn is dropped when the run goes on.
"""

from __future__ import annotations

import contextlib
import csv
import io
import math
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from dcgan.common import paths, regular_files
from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.files import (
    cannot,
    is_held,
    is_same,
    locked,
    make_inner_folder,
    sync_file,
    sync_folder,
    write_text,
)
from dcgan.common.messages import note
from dcgan.common.metrics import ALONG
from dcgan.common.yaml_text import read_yaml
from dcgan.experiment import Experiment, parse
from dcgan.records import run_ids, run_record
from dcgan.records.run_record import RunRecord

LOCK = ".lock"  # in its folder: who holds it trains the run, or removes of it what is needed no more
_TABLES = {"metrics": ("images",), "scores": ("images", "split", "fid")}  # with the columns that a run reads again
_MOST_BYTES = 64 * 2**20  # of a table: half a million rows


class RunDirectory:
    """`runs/ID/`: description, record, tables, samples, checkpoint, weights."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.checkpoint = path / "checkpoint.pt"
        self.weights = path / "generator.safetensors"
        self.samples = path / "samples"

    @classmethod
    def of(cls, experiment: Experiment) -> RunDirectory:
        """Where the run of that experiment is, or will be."""
        return cls(paths.runs() / experiment.id)

    @classmethod
    def find(cls, name: str) -> RunDirectory:
        """The run of that path or id, of which the beginning is enough. Raises Misuse with the ids that it may be."""
        if (Path(name) / run_ids.DESCRIPTION).exists():
            return cls(Path(name))
        return cls(paths.runs() / run_ids.find(name, paths.runs()))

    @contextlib.contextmanager
    def held(self, stop: Callable[[], bool]) -> Iterator[Callable[[], bool]]:
        """Waits until no other process trains this run, and keeps others away for the block.

        Yields what tells whether the folder is still there: one that was removed keeps nobody away. Raises Interrupted
        if asked to stop while waiting.
        """
        waiting = False
        while True:
            with locked(self.path / LOCK, wait=False) as mine:
                if mine:
                    yield partial(is_same, self.path / LOCK, (self.path / LOCK).stat())
                    return
            if not waiting:
                note(f"another process trains run {self.path.name}; waiting for it")
            waiting = True
            if stop():
                raise Interrupted(f"interrupted while another process trains run {self.path.name}")
            time.sleep(0.2)

    def is_held(self) -> bool:
        """Whether some process trains this run just now; without one that can be asked, none does."""
        return bool(is_held(self.path / LOCK))

    def experiment(self) -> Experiment:
        """The resolved description. Raises DcganError if the file was changed: it no longer describes this run.

        A run that an earlier version made of it under another recipe (`dcgan.experiment.recipes`) is still this run.
        """
        file = self.path / run_ids.DESCRIPTION
        experiment = parse(read_yaml(file), str(file))
        if self.path.resolve().name not in {experiment.id, *experiment.former_ids()}:
            raise DcganError(
                f"{file} describes run {experiment.id}, not {self.path.name}: it was changed or the folder renamed; "
                "restore it, or delete the folder"
            )
        return experiment

    def describe(self, experiment: Experiment) -> None:
        """Writes the description of a new run; one that is there must still be this run's, as `experiment` checks."""
        file = self.path / run_ids.DESCRIPTION
        if file.exists():
            self.experiment()
        else:
            write_text(file, experiment.unwatched().to_yaml())

    def record(self) -> RunRecord | None:
        """run.json, or None for a run that never began. Raises DcganError for one that is not a record."""
        return run_record.read(self.path)

    def write_record(self, record: RunRecord) -> None:
        """Replaces run.json."""
        run_record.write(self.path, record)

    def append(self, table: str, row: Mapping[str, Any]) -> None:
        """Adds a row to metrics.csv or scores.csv (`table` without the ending)."""
        file = self.path / f"{table}.csv"
        buffer = io.StringIO()
        writer = csv.DictWriter(buffer, fieldnames=list(row), lineterminator="\n")
        if not file.exists():
            writer.writeheader()
        writer.writerow(row)
        try:
            with regular_files.appended(file) as handle:
                handle.write(buffer.getvalue().encode())
        except OSError as error:
            raise cannot("write", file, error) from error

    def place(self, name: str) -> Path:
        """Where `scores.csv` or `samples/final.png` is to be written. Raises DcganError where its folder within
        the run's cannot be made, or is a link."""
        path = self.path / name
        if path.parent != self.path:
            make_inner_folder(path.parent)
        return path

    def sync_tables(self) -> None:
        """Has all rows so far survive a power cut: a checkpoint that is there counts on those before it."""
        for table in _TABLES:
            sync_file(self.path / f"{table}.csv")
        sync_folder(self.path)

    def rows(self, table: str) -> list[dict[str, str]]:
        """The rows of metrics.csv or scores.csv, as text; none if there is no such file. A last line that is being
        written, or that a killed process left torn, is no row yet."""
        file = self.path / f"{table}.csv"
        if not file.exists():
            return []
        whole = (line for line in io.StringIO(self._text(file), newline="") if line.endswith("\n"))
        try:
            return list(csv.DictReader(whole))
        except csv.Error as error:
            raise DcganError(f"{file} is damaged (not a table: {error})") from error

    def rewind(self, images: int, *, scored: bool = True) -> None:
        """Drops what was recorded after `images` images: a resumed run records it again. What cannot be read is
        dropped with a note: no row of a table is worth a run that cannot go on.

        `scored`: whether that checkpoint was made after the scores at `images`, as all are but the last.
        """
        for table in _TABLES:
            file = self.path / f"{table}.csv"
            if not file.exists():
                continue
            header, *lines = self._text(file, errors="replace").splitlines(keepends=True) or [""]
            names = _cells(header)
            whole = [(line, _images(table, names, _cells(line))) for line in lines if line.endswith("\n")]
            if lost := sum(seen is None for _, seen in whole):
                note(f"{file} is damaged: dropped {lost} of its {len(whole)} rows, which cannot be read")
            last = images if scored or table == "metrics" else images - 1
            kept = [line for line, seen in whole if seen is not None and seen <= last]
            if kept:
                write_text(file, header + "".join(kept))
            else:
                file.unlink()

    def _text(self, file: Path, errors: str = "strict") -> str:
        """A table as it stands; `errors`: as `bytes.decode` has it. Raises DcganError for one that cannot be read."""
        try:
            return regular_files.read_text(file, _MOST_BYTES, errors=errors)
        except OSError as error:
            raise cannot("read", file, error) from error
        except UnicodeDecodeError as error:
            raise DcganError(f"{file} is damaged (not text in UTF-8)") from error


def _cells(line: str) -> list[str]:
    """Those of a line of a table; none of one that is none."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _images(table: str, names: list[str], cells: list[str]) -> int | None:
    """After how many images a row was recorded; None for a row that cannot be read again."""
    row = dict(zip(names, cells, strict=False))
    if len(names) != len(cells) or not row.keys() >= set(_TABLES[table]):
        return None
    try:
        scores = [float(row[name]) for name in _TABLES[table] if name in ALONG]
        return int(row["images"]) if all(map(math.isfinite, scores)) else None
    except ValueError:
        return None
