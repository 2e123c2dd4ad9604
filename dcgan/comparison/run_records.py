"""What the folders of a study's runs say together: how they were scored, on what they were made, curves and samples."""

from __future__ import annotations

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.overrides import flatten
from dcgan.common.yaml_text import read_yaml
from dcgan.comparison.results import ANEW, REWRITE
from dcgan.records import run_record
from dcgan.records.protocol import OWN, Protocol
from dcgan.records.run_record import RunRecord
from dcgan.records.runs_table import Row, row_of
from dcgan.records.table_file import TableRow, number, read_rows

_RUN = re.compile(r"[0-9a-f]{12}")
_CURVE_PROTOCOL = ("split", "extractor", "samples", "protocol")


class Runs:
    """The folders of a study's trials: read once, asked for what they have in common."""

    def __init__(self, root: Path, rows: Sequence[TableRow], metrics: Sequence[str]) -> None:
        self._cells: dict[tuple[str, int], Path] = {}
        self._records: dict[str, RunRecord] = {}
        self._protocols: dict[str, Protocol] = {}
        self._scores: dict[Path, list[TableRow]] = {}
        self._missing = 0
        for row in rows:
            if row.cells.get("run") and row.cells["status"] != "planned":
                if not _RUN.fullmatch(row.cells["run"]):
                    raise DcganError(f"{row.where}: run='{row.cells['run']}' is not the id of a run: {REWRITE}")
                path = root / row.cells["run"]
                self._cells[row.cells["arm"], int(row.cells["seed"])] = path
                if row.cells["status"] == "finished":
                    self._read(path, row, metrics)

    def _read(self, path: Path, row: TableRow, metrics: Sequence[str]) -> None:
        """The record of a finished run, which must say what the table says, and its protocol."""
        file = path / run_record.NAME
        record = run_record.read(path)
        if record is None:
            self._missing += 1
            return
        try:
            self._protocols[path.name] = record.scored_under()
        except DcganError as error:
            raise DcganError(f"{file}: {error}: {ANEW.format(path)}") from None
        for metric in metrics:
            there = record.scores.get(metric)
            if row.cells[metric] and row.cells[metric] != str(there):
                raise DcganError(
                    f"{row.where}: {metric} is {row.cells[metric]}, and in {file} it is {there}: "
                    "`dcgan status` writes the table anew from the runs"
                )
        self._records[path.name] = record

    def notes(self) -> tuple[str, ...]:
        """What the reader should know of the scores, and of folders that are not there."""
        notes = []
        protocol = next(iter(self._protocols.values()), None)
        if protocol and protocol.extractor_accuracy is None and protocol.channels == 1:
            notes.append(
                f"The features of {protocol.extractor} were made for colour photographs, and these images are grey: "
                "it ranks them less surely than a classifier of their own labels."
            )
        weights = Counter(protocol.weights for protocol in self._protocols.values())
        if len(weights) > 1:
            notes.append(
                "Some arms are judged by a running average of the generator's weights and others by the weights "
                "themselves: that is part of these arms."
            )
        if self._missing:
            notes.append(
                f"The folders of {self._missing} of the finished runs are not here: their scores are from trials.csv, "
                "their protocol is not checked, and their curves and samples are missing."
            )
        return tuple(notes)

    def protocol(self) -> dict[str, Any]:
        """How all runs were scored. Raises DcganError naming the first difference.

        What is a run's own and not how it is judged is given with its number of runs, or left out if all differ.
        """
        first: tuple[str, Protocol] | None = None
        for run, protocol in self._protocols.items():
            first = first or (run, protocol)
            if difference := first[1].difference(protocol):
                fix = "dcgan score STUDY scores all kept generators again under one extractor; or "
                raise DcganError(
                    f"runs {first[0]} and {run} were scored differently: {difference}; they were made with different "
                    "extractors, data or versions and cannot be compared: "
                    + (fix if difference.startswith("extractor hash") else "")
                    + ANEW.format("the folder (runs/ID) of each run that differs")
                )
        if first is None:
            return {}
        weights = Counter(protocol.weights for protocol in self._protocols.values())
        shown = {name: value for name, value in first[1].to_dict().items() if name not in OWN}
        return {"name": first[1].key, **shown, "weights": _counted(weights)}

    def environment(self) -> dict[str, Any]:
        """On what the runs were made; where they differ, each value with its number of runs."""
        values: dict[str, Counter[str]] = {}
        for record in self._records.values():
            described = {**record.environment, "dcgan": record.version}
            for key, value in flatten(described).items():
                if value is not None:
                    values.setdefault(key, Counter())[str(value)] += 1
        return {key: _counted(counts) for key, counts in values.items()}

    def made(self) -> dict[tuple[str, int], list[Mapping[str, Any]]]:
        """The environments of each finished run: where it was begun first, where it ended last."""
        return {
            cell: [*record.earlier_environments, {**record.environment, "dcgan": record.version}]
            for cell, record in self._finished()
        }

    def images(self) -> dict[tuple[str, int], int]:
        """How many images each finished run saw."""
        return {cell: record.images for cell, record in self._finished()}

    def copies(self) -> dict[str, int]:
        """Of each arm how many runs copied more training images than chance allows."""
        flagged = (cell for cell, record in self._finished() if record.details.get("memorisation", {}).get("flagged"))
        return dict(Counter(arm for arm, _ in flagged))

    def settings(self) -> dict[str, dict[str, Any]]:
        """The resolved settings of the first run of each arm that is there, by dotted keys."""
        found: dict[str, dict[str, Any]] = {}
        for (arm, _), path in self._cells.items():
            file = path / "experiment.yaml"
            if arm not in found and file.is_file():
                try:
                    found[arm] = flatten(read_yaml(file))
                except Misuse as error:
                    raise DcganError(f"{error}: {ANEW.format(path)}") from None
        return found

    def splits(self) -> dict[str, int]:
        """How many images each split has, as far as the protocols of the first finished run and its curve tell."""
        record = next((record for _, record in self._finished()), None)
        if record is None:
            return {}
        protocols = [record.protocol, *(scored.get("protocol", {}) for scored in record.also)]
        known = {str(protocol["split"]): int(protocol["real"]) for protocol in protocols if "real" in protocol}
        known |= {"train": int(record.protocol["training"])} if "training" in record.protocol else {}
        return {split: known[split] for split in ("train", "validation", "test") if split in known}

    def classes(self) -> list[int]:
        """How many of the real images that scores were taken against are of each class; empty where they have none."""
        for _, record in self._finished():
            if shares := record.details.get("modes", {}).get("shares", {}).get("real"):
                return [round(float(share) * int(record.protocol.get("real", 0))) for share in shares]
        return []

    def _finished(self) -> Iterator[tuple[tuple[str, int], RunRecord]]:
        for cell, path in self._cells.items():
            if record := self._records.get(path.name):
                yield cell, record

    def kept(self) -> dict[tuple[str, int], Row]:
        """All that is recorded of each run that ended, as a row of the table of runs.

        One that cannot be read is left out: it is a failure that a study tries again.
        """
        rows = {}
        for (arm, seed), path in self._cells.items():
            record = self._records.get(path.name) or _of_ended(path)
            if record is not None:
                rows[arm, seed] = row_of(arm, record, [row.cells for row in self._along(path)])
        return rows

    def _along(self, path: Path) -> list[TableRow]:
        """The rows of a run's scores.csv, read once."""
        if path not in self._scores:
            file = path / "scores.csv"
            self._scores[path] = read_rows(file) if file.exists() else []
        return self._scores[path]

    def grids(self) -> dict[tuple[str, int], Path]:
        """The final sample grids that are there."""
        grids = {cell: path / "samples" / "final.png" for cell, path in self._cells.items()}
        return {cell: path for cell, path in grids.items() if path.is_file()}

    def curves(self, metrics: Sequence[str]) -> tuple[pd.DataFrame | None, str]:
        """The scores along the training, all of one protocol (that of most rows), and that protocol in words.

        None if no run was scored more than once under it.
        """
        points = []
        for (arm, seed), path in self._cells.items():
            for where, cells in self._along(path):
                scores = {metric: number(where, metric, cells.get(metric, "")) for metric in metrics}
                how = tuple(cells.get(name, "") for name in _CURVE_PROTOCOL)
                images = number(where, "images", cells.get("images", ""))
                if math.isnan(images):
                    raise DcganError(f"{where}: no number of images: the file is damaged")
                points.append({"arm": arm, "seed": seed, "images": int(images), "how": how, **scores})
        if not points:
            return None, ""
        frame = pd.DataFrame(points)
        usual = Counter(frame["how"]).most_common(1)[0][0]
        split, extractor, samples, _ = usual
        frame = frame[frame["how"] == usual].drop(columns="how")
        frame = frame.drop_duplicates(["arm", "seed", "images"], keep="last")
        if frame.groupby(["arm", "seed"]).size().max() < 2:
            return None, ""
        return frame.reset_index(drop=True), f"{samples} images against the {split} split, {extractor} features"


def _of_ended(path: Path) -> RunRecord | None:
    """The record of a run that ended, if it can be read."""
    with contextlib.suppress(DcganError):
        record = run_record.read(path)
        return record if record is not None and record.status != "running" else None
    return None


def _counted(counts: Counter[str]) -> str:
    """What all runs share, or each value with its number of runs."""
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{value} ({count} runs)" for value, count in sorted(counts.items()))
