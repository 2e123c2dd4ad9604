"""The report's input: one table of runs, checked at the door, and what may lie beside it (curves, grids)."""

from __future__ import annotations

import csv
import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.files import cannot
from dcgan.common.metrics import GOALS, Goal, Scale, is_diagnostic, score_of, stands_beside, usual_scale
from dcgan.comparison.study_setup import StudySetup
from dcgan.records.plan_file import PlanRecord
from dcgan.records.search_file import SearchRecord
from dcgan.records.tuned import Tuned
from dcgan.statistics.contrasts import Reading
from dcgan.statistics.sequential.interim_analysis import Looks

STATUSES = ("finished", "failed", "diverged", "pruned", "running", "planned", "skipped")
_FORMER_STATUSES = {"spared": "skipped"}  # what tables of earlier versions say
WITHOUT_SCORE = ("diverged", "failed")  # outcomes: the run ended and there is nothing to score
UNFINISHED = ("running", "planned")
PROTOCOL = ("extractor", "split", "samples", "protocol")  # columns that say how a score was taken
ANEW = "move {} away and type the sweep command again, so that it is trained and scored anew"
REWRITE = "delete the table, and the same dcgan sweep command writes it anew"
_OWN = ("arm", "seed", "status", "seconds", "study", "run", *PROTOCOL)
_BLANK = {"", "nan", "na", "n/a", "null", "none", "-"}
_USUAL_BASELINES = ("baseline", "bare", "all", "control")


def known_goal(metric: str) -> Goal | None:
    """Which way a metric is better, by the score that it is named after (`fid`, `fid_test_10k`); None if unknown."""
    return GOALS.get(score_of(metric) or "")


@dataclass(frozen=True)
class Results:
    """Runs to compare.

    `table` has one row a trial: `arm` (text), `seed` (int), `status` (one of STATUSES), `seconds` (float, NaN
    where unknown), one float column for each of `metrics` (NaN where there is none) and for what stands beside them
    (`fid_floor`), and one of text for each of `factors`. `curves` has `arm, seed, images` and a column a metric;
    `grids`: (arm, seed) to a PNG of samples from that seed's noise. `arms` is the order of the design. `study`: the
    runs are a study's, which tries failed ones again, with that `plan`; `stop`: it stops when decided, with those looks
    at its `seeds`; `tuned`: what its arms were given before. `made`: the environments of finished runs, in turn where a
    run went on elsewhere, with dcgan's version. `images`: how many each finished run saw; `copies`: of an arm the runs
    that copied training images. `place`: where `commands` make the report again. `replications`: to be judged alone."""

    title: str
    table: pd.DataFrame
    metrics: tuple[str, ...]
    arms: tuple[str, ...]
    factors: tuple[str, ...] = ()
    baseline: str | None = None
    metric: str | None = None
    goal: Goal | None = None
    scale: Scale | None = None
    start: str | None = None
    design: str | None = None
    levels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reading: Reading = field(default_factory=Reading)
    curves: pd.DataFrame | None = None
    curves_protocol: str = ""
    grids: Mapping[tuple[str, int], Path] = field(default_factory=dict)
    protocol: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, Any] = field(default_factory=dict)
    made: Mapping[tuple[str, int], Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    place: str = ""
    study: bool = False
    setup: StudySetup | None = None
    images: Mapping[tuple[str, int], int] = field(default_factory=dict)
    copies: Mapping[str, int] = field(default_factory=dict)
    stop: Looks | None = None
    tuned: Tuned | None = None
    seeds: tuple[int, ...] = ()
    plan: PlanRecord | None = None
    search: SearchRecord | None = None
    replications: tuple[Results, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def scored(self) -> str | None:
        """How the scores of every table here were taken, in a word; None where nothing is said of it."""
        return self.protocol.get("name") or self.protocol.get("protocol")

    def choose_metric(self, name: str | None) -> str:
        """That metric, or the usual one. Raises Misuse with the closest name, or if there is no usual one."""
        if name is not None:
            _check_is_no_diagnostic(name, self.title, self.metrics)
            if name not in self.metrics:
                raise Misuse(f"{self.title} has no metric '{name}'" + did_you_mean(name, self.metrics))
            return name
        if self.metric is not None:
            return self.metric
        usual = [metric for known in GOALS for metric in self.metrics if score_of(metric) == known]
        if usual or len(self.metrics) == 1:
            return (*usual, *self.metrics)[0]
        raise Misuse(f"{self.title}: name the metric with --metric" + did_you_mean("", self.metrics))

    def choose_goal(self, metric: str, goal: Goal | None) -> Goal:
        """That goal, or the metric's own. Raises Misuse for a metric whose goal is not known."""
        chosen = goal or (self.goal if metric == self.metric else None) or known_goal(metric)
        if chosen is None:
            raise Misuse(f"is a higher '{metric}' better or worse? Say --goal minimize or --goal maximize")
        return chosen

    def choose_scale(self, metric: str, scale: Scale | None) -> Scale:
        """That scale, or the one that the study was planned with for its metric, or the metric's own."""
        return scale or (self.scale if metric == self.metric else None) or usual_scale(metric)

    @property
    def same_seeds(self) -> bool:
        """Whether every arm has rows of the same seeds, whatever became of its runs."""
        return len({frozenset(seeds) for _, seeds in self.table.groupby("arm")["seed"]}) == 1

    def choose_baseline(self, name: str | None) -> str:
        """That arm, else the design's, the one usually so called, or the first. Raises Misuse."""
        if name is not None:
            if name not in self.arms:
                raise Misuse(f"{self.title} has no arm '{name}'" + did_you_mean(name, self.arms))
            return name
        if self.baseline is not None:
            return self.baseline
        return next((arm for arm in _USUAL_BASELINES if arm in self.arms), self.arms[0])

    def scores(self, metric: str, arm: str) -> dict[int, float]:
        """The metric of an arm's finished runs by seed. Raises DcganError for one that has none."""
        rows = self.table[(self.table["arm"] == arm) & (self.table["status"] == "finished")]
        scores = {int(seed): float(value) for seed, value in zip(rows["seed"], rows[metric], strict=True)}
        for seed, value in scores.items():
            if not math.isfinite(value):
                fix = ANEW.format("its run's folder (runs/ID)") if self.study else "fill it in, or give its status"
                raise DcganError(f"{self.title}: arm '{arm}', seed {seed} is finished but has no {metric}: {fix}")
        return dict(sorted(scores.items()))


def _check_is_no_diagnostic(name: str, where: str | Path, metrics: Sequence[str]) -> None:
    if is_diagnostic(name):
        scores = did_you_mean(name, [metric for metric in metrics if score_of(metric)])
        raise Misuse(f"{where}: '{name}' is told beside the scores, and nothing is ranked by it{scores}")


def without_any_score(statuses: Mapping[str, int]) -> str:
    """How all of the runs ended, if each of them diverged or was pruned: then that is the result; else empty."""
    diverged, total = statuses.get("diverged", 0), sum(statuses.values())
    if not total or diverged + statuses.get("pruned", 0) < total:
        return ""
    how = "diverged" if diverged == total else "diverged or was pruned"
    return f"every run {how}: {total} of {total}; that is the result, and there are no scores to compare"


class TableRow(NamedTuple):
    """A row as text and where it stands, for messages."""

    where: str
    cells: Mapping[str, str]


def from_csv(path: Path, *, metric: str | None = None) -> Results:
    """The results in a plain CSV table: `arm, seed`, metrics, and optionally `status, seconds`, factors.

    A column that is constant within every arm is a factor; other numeric columns, the known scores and
    `metric` are metrics, and neither is what stands beside a score (`fid_floor`, `kid_seconds`). Raises Misuse or
    DcganError with one line that names the row or column.
    """
    rows = read_rows(path)
    if not rows:
        raise DcganError(f"{path} has no rows: nothing to report on")
    columns = list(rows[0].cells)
    for needed in ("arm", "seed", *([metric] if metric else [])):
        if needed not in columns:
            raise Misuse(f"{path} has no column '{needed}'" + did_you_mean(needed, columns))
    named = [column for column in columns if column not in _OWN]
    if metric is not None:
        _check_is_no_diagnostic(metric, path, named)
    beside = [column for column in named if column != metric and stands_beside(column)]
    others = [column for column in named if column not in beside]
    factors = tuple(column for column in others if column != metric and _is_factor(column, rows))
    metrics = tuple(
        column
        for column in others
        if column == metric or known_goal(column) or (column not in factors and _is_numeric(column, rows))
    )
    if not metrics:
        wanted = did_you_mean("fid", others)
        raise Misuse(f"{path} has no column with a metric, for example 'fid'{wanted}; --metric NAME names another")
    table = typed(rows, (*metrics, *(column for column in beside if _is_numeric(column, rows))), factors)
    return Results(
        title=path.stem,
        table=table,
        metrics=metrics,
        factors=factors,
        arms=tuple(dict.fromkeys(table["arm"])),
        protocol=_protocol(rows),
        commands=(f"dcgan report {shlex.quote(path.name)}",),
        place=f"the folder that holds {path.name}",
    )


def read_rows(path: Path) -> list[TableRow]:
    """The rows of a CSV file as text, with their line numbers. Raises DcganError for anything else."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = [name.strip() for name in next(reader, [])]
            lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except OSError as error:
        raise cannot("read", path, error) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise DcganError(f"{path} is not a CSV table in UTF-8: {error}") from None
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise Misuse(f"{path} has two columns named '{twice}'")
    rows = []
    for line, cells in lines:
        if len(cells) != len(header):
            raise Misuse(f"{path}, line {line}: {len(cells)} cells for {len(header)} columns")
        rows.append(
            TableRow(f"{path}, line {line}", {name: cell.strip() for name, cell in zip(header, cells, strict=True)})
        )
    return rows


def typed(rows: Sequence[TableRow], metrics: Sequence[str], factors: Sequence[str]) -> pd.DataFrame:
    """The table of `Results` from rows of text. Raises Misuse naming the line that does not fit."""
    records = []
    seen: dict[tuple[str, int], str] = {}
    for where, cells in rows:
        arm, seed = cells["arm"], _seed(where, cells["seed"])
        if not arm or not arm.isprintable():
            raise Misuse(f"{where}: arm={arm!r}: expected a name in printable characters")
        if (arm, seed) in seen:
            raise Misuse(f"{where}: arm '{arm}' with seed {seed} is there twice (also {seen[arm, seed]})")
        seen[arm, seed] = where
        status = cells.get("status") or "finished"
        status = _FORMER_STATUSES.get(status, status)
        if status not in STATUSES:
            raise Misuse(f"{where}: unknown status '{status}'" + did_you_mean(status, STATUSES))
        numbers = {name: number(where, name, cells.get(name, "")) for name in ("seconds", *metrics)}
        levels = {name: cells[name] for name in factors}
        records.append({"arm": arm, "seed": seed, "status": status, **levels, **numbers})
    return pd.DataFrame(records)


def number(where: str, column: str, text: str) -> float:
    """A cell as a finite number, NaN for a blank. Raises Misuse otherwise."""
    if text.lower() in _BLANK:
        return math.nan
    value = _to_float(text)
    if value is None or not math.isfinite(value):
        raise Misuse(f"{where}: {column}='{text}' is not a finite number")
    return value


def _to_float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _seed(where: str, text: str) -> int:
    value = _to_float(text)
    if value is None or not value.is_integer():
        raise Misuse(f"{where}: seed='{text}' is not a whole number")
    return int(value)


def _is_factor(column: str, rows: Sequence[TableRow]) -> bool:
    """Whether an unknown column says the same of all runs of an arm."""
    if known_goal(column):
        return False
    pairs = {(row.cells["arm"], row.cells[column]) for row in rows}
    return len(pairs) == len({arm for arm, _ in pairs})


def _is_numeric(column: str, rows: Sequence[TableRow]) -> bool:
    cells = [row.cells[column] for row in rows if row.cells[column].lower() not in _BLANK]
    return bool(cells) and all(_to_float(cell) is not None for cell in cells)


def _protocol(rows: Sequence[TableRow]) -> dict[str, str]:
    """What the table says on how scores were taken. Raises DcganError if it differs between finished runs."""
    finished = [row for row in rows if (row.cells.get("status") or "finished") == "finished"]
    protocol: dict[str, str] = {}
    for column in PROTOCOL:
        for row in finished:
            value = row.cells.get(column, "")
            if protocol.setdefault(column, value) != value:
                raise DcganError(
                    f"{row.where}: {column} is '{value}', but '{protocol[column]}' before: scores that were taken "
                    "differently cannot be compared"
                )
    return {column: value for column, value in protocol.items() if value}
