"""A study's folder as the report's input: its table, its plan, and what the runs' own folders hold."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dcgan.contrasts import codes
from dcgan.errors import DcganError, Misuse
from dcgan.files import checked_name, read_json
from dcgan.overrides import flatten
from dcgan.protocol import OWN, Protocol
from dcgan.report.effects import Asked, Structure
from dcgan.report.search import search_notes
from dcgan.report.table import ANEW, Results, Row, known_goal, number, read_rows, typed, without_any_score
from dcgan.sequential.course import Looks
from dcgan.tuned import Tuned

_RUN = re.compile(r"[0-9a-f]{12}")
_REWRITE = "delete the table, and the same dcgan sweep command writes it anew"
_CURVE_PROTOCOL = ("split", "extractor", "samples", "protocol")


def from_study(directory: Path) -> Results:
    """The results in `studies/NAME/`: `trials.csv`, `plan.json`, and `../../runs/ID/` of each trial.

    Planned trials that the table has not yet are entered as planned. Raises DcganError for a damaged file,
    for runs that were scored under different protocols, and for a study without any trial that ended.
    """
    directory = directory.resolve()
    plan = _read_plan(directory / "plan.json")
    name = str(plan["study"])
    file = directory / "trials.csv"
    rows = read_rows(file) if file.exists() else []
    columns = list(rows[0].cells) if rows else []
    factors = tuple(str(factor) for factor in plan["factors"])
    metrics = tuple(
        column
        for column in columns
        if known_goal(column) and column not in factors and any(row.cells[column] for row in rows)
    )
    for needed in ("arm", "seed", "run", "status", *factors) if rows else ():
        if needed not in columns:
            raise DcganError(f"{file} has no column '{needed}': {_REWRITE}")
    rows = [*rows, *_planned(plan, rows, factors)]
    statuses = Counter(row.cells["status"] for row in rows)
    if not statuses["finished"]:
        if ended := without_any_score(statuses):
            raise DcganError(f"study '{name}': {ended}")
        raise DcganError(f"study '{name}' has no finished trial yet: dcgan status {name} shows how far it is")
    table = typed(rows, metrics, factors)
    runs = _Runs(directory.parent.parent / "runs", rows, metrics)
    curves, curves_protocol = runs.curves(metrics)
    return Results(
        title=name,
        table=table,
        metrics=metrics,
        factors=factors,
        arms=tuple(dict.fromkeys([*plan["arms"], *table["arm"]])),
        baseline=plan.get("baseline"),
        metric=plan.get("metric"),
        goal=plan.get("goal"),
        start=plan.get("start"),
        design=plan.get("design"),
        levels=plan["arms"],
        structure=_structure(directory / "plan.json", plan),
        curves=curves,
        curves_protocol=curves_protocol,
        grids=runs.grids(),
        protocol=runs.protocol(),
        environment=runs.environment(),
        commands=(f"dcgan sweep studies/{name}/sweep.yaml", f"dcgan report {name}"),
        place="the folder that holds studies/ and runs/ (DCGAN_HOME, where it is set)",
        study=True,
        stop=_looks(plan, directory / "plan.json"),
        tuned=_tuned(plan, directory / "plan.json"),
        seeds=tuple(plan["seeds"]),
        notes=(*search_notes(directory / "search.json"), *runs.notes()),
    )


def _read_plan(path: Path) -> dict[str, Any]:
    """plan.json with everything that is built upon. Raises DcganError for a damaged one."""
    plan = {"study": path.parent.name, "factors": [], "arms": {}, "seeds": [], **read_json(path)}
    for key, kind in (("study", str), ("factors", list), ("arms", dict), ("seeds", list)):
        if not isinstance(plan[key], kind):
            raise DcganError(f"{path} is damaged: {key} is {plan[key]!r}")
    try:
        checked_name(plan["study"], "study")
    except Misuse as error:
        raise DcganError(f"{path} is damaged: {error}") from None
    return plan


def _structure(path: Path, plan: Mapping[str, Any]) -> Structure:
    """What the plan says that its arms estimate together. Raises DcganError for a damaged one."""
    try:
        effects = tuple(
            Asked(
                tuple((str(factor), str(low), str(high)) for factor, low, high in entry["of"]),
                tuple(entry.get("arms", ())),
                entry.get("beside", ""),
            )
            for entry in plan.get("effects") or ()
        )
        for asked in effects:
            codes(asked.terms, {arm: plan["arms"][arm] for arm in asked.arms or plan["arms"]})
        aliases = plan.get("aliases") or {"resolution": None, "table": []}
        shares = {
            tuple(line["effect"]): tuple((tuple(other["effect"]), float(other["weight"])) for other in line["with"])
            for line in aliases["table"]
        }
        return Structure(effects, aliases["resolution"], shares)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DcganError(f"{path} is damaged: its effects or aliases are not as they were written ({error})") from None


def _looks(plan: Mapping[str, Any], path: Path) -> Looks | None:
    """When a study that stops when decided is looked at. Raises DcganError for a damaged plan."""
    if plan.get("stop") is None:
        return None
    try:
        return Looks(**plan["stop"])
    except TypeError:
        raise DcganError(f"{path} is damaged: stop is {plan['stop']!r}") from None


def _tuned(plan: Mapping[str, Any], path: Path) -> Tuned | None:
    """What the arms were tuned to. Raises DcganError for a damaged plan."""
    if plan.get("tuned") is None:
        return None
    try:
        return Tuned.from_json(plan["tuned"])
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise DcganError(f"{path} is damaged: tuned is not as it was written ({error})") from None


def _planned(plan: Mapping[str, Any], rows: Sequence[Row], factors: Sequence[str]) -> list[Row]:
    """The trials of the plan that the table does not have."""
    there = {(row.cells["arm"], row.cells["seed"]) for row in rows}
    return [
        Row(
            "plan.json",
            {
                "arm": arm,
                "seed": str(seed),
                "status": "planned",
                **{name: str(levels.get(name, "")) for name in factors},
            },
        )
        for arm, levels in plan["arms"].items()
        for seed in plan["seeds"]
        if (arm, str(seed)) not in there
    ]


class _Runs:
    """The folders of a study's trials: read once, asked for what they have in common."""

    def __init__(self, root: Path, rows: Sequence[Row], metrics: Sequence[str]) -> None:
        self._cells: dict[tuple[str, int], Path] = {}
        self._records: dict[str, dict[str, Any]] = {}
        self._protocols: dict[str, Protocol] = {}
        self._floors: list[float] = []  # of FID
        self._missing = 0
        for row in rows:
            if row.cells.get("run") and row.cells["status"] != "planned":
                if not _RUN.fullmatch(row.cells["run"]):
                    raise DcganError(f"{row.where}: run='{row.cells['run']}' is not the id of a run: {_REWRITE}")
                path = root / row.cells["run"]
                self._cells[row.cells["arm"], int(row.cells["seed"])] = path
                if row.cells["status"] == "finished":
                    self._read(path, row, metrics)
                    if floor := row.cells.get("fid_floor"):
                        self._floors.append(number(row.where, "fid_floor", floor))

    def _read(self, path: Path, row: Row, metrics: Sequence[str]) -> None:
        """The record of a finished run, which must say what the table says, and its protocol."""
        file = path / "run.json"
        if not file.exists():
            self._missing += 1
            return
        record = read_json(file)
        try:
            self._protocols[path.name] = Protocol.from_dict(record.get("protocol"))
        except DcganError as error:
            raise DcganError(f"{file}: {error}: {ANEW.format(path)}") from None
        scores = record.get("scores")
        for metric in metrics:
            there = scores.get(metric) if isinstance(scores, dict) else None
            if row.cells[metric] and row.cells[metric] != str(there):
                raise DcganError(
                    f"{row.where}: {metric} is {row.cells[metric]}, and in {file} it is {there}: "
                    "`dcgan status` writes the table anew from the runs"
                )
        self._records[path.name] = record

    def notes(self) -> tuple[str, ...]:
        """What the reader should know of the scores, and of folders that are not there."""
        notes = []
        if self._floors:
            floor = " to ".join(f"{each:.2f}" for each in sorted({min(self._floors), max(self._floors)}))
            notes.append(f"As many other real images score FID {floor}: the noise floor of these scores.")
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
                raise DcganError(
                    f"runs {first[0]} and {run} were scored differently: {difference}; they were made with different "
                    "extractors, data or versions and cannot be compared: "
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
            described = {**(record.get("environment") or {}), "dcgan": record.get("version")}
            for key, value in flatten(described).items():
                if value is not None:
                    values.setdefault(key, Counter())[str(value)] += 1
        return {key: _counted(counts) for key, counts in values.items()}

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
            file = path / "scores.csv"
            for where, cells in read_rows(file) if file.exists() else []:
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


def _counted(counts: Counter[str]) -> str:
    """What all runs share, or each value with its number of runs."""
    if len(counts) == 1:
        return next(iter(counts))
    return ", ".join(f"{value} ({count} runs)" for value, count in sorted(counts.items()))
