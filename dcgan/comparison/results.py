"""The report's input: one table of runs, checked at the door, and what may lie beside it (curves, grids)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.metrics import GOALS, Goal, Scale, is_diagnostic, score_of, usual_scale
from dcgan.comparison.study_setup import StudySetup
from dcgan.records.plan_file import PlanRecord
from dcgan.records.runs_table import Row
from dcgan.records.search_file import SearchRecord
from dcgan.records.tuned import Tuned
from dcgan.statistics.contrasts import Reading
from dcgan.statistics.sequential.interim_analysis import Looks

WITHOUT_SCORE = ("diverged", "failed")  # outcomes: the run ended and there is nothing to score
UNFINISHED = ("running", "planned")
PROTOCOL = ("extractor", "split", "samples", "protocol")  # columns that say how a score was taken
ANEW = "move {} away and type the sweep command again, so that it is trained and scored anew"
REWRITE = "delete the table, and the same dcgan sweep command writes it anew"
_NO_FILE_NAME = re.compile(r"[^\w.-]+")
_USUAL_BASELINES = ("baseline", "bare", "all", "control")


def known_goal(metric: str) -> Goal | None:
    """Which way a metric is better, by the score that it is named after (`fid`, `fid_test_10k`); None if unknown."""
    return GOALS.get(score_of(metric) or "")


@dataclass(frozen=True)
class Results:
    """Runs to compare.

    `table` has one row a trial: `arm` (text), `seed` (int), `status` (one of STATUSES), `seconds` (a number, NaN
    where unknown), one column of numbers for each of `metrics` (NaN where there is none) and for what stands beside
    them (`fid_floor`), and one of text for each of `factors`. `curves` has `arm, seed, images` and a column a metric;
    `grids` leads from (arm, seed) to a PNG of samples from that seed's noise. `arms` is the order of the design.
    `study`: the runs are a study's, which tries failed ones again; `live`: it is running, and verdicts are withheld
    that runs are to come for; `stop`: it stops when decided, with those looks at its `seeds`; `tuned`: what its arms
    were given by a search before it. `made`: the environments of finished runs, in turn where a run went on
    elsewhere, with dcgan's version. `images`: how many each finished run saw; `copies`: of an arm the runs that
    copied training images. `place`: the folder in which `commands` make the report again, in words.
    `plan`: the study's; `replications`: those of the study, each to be judged alone. `kept` gives by (arm, seed) all
    that is recorded of a run that ended, as a row of runs.csv, which only a report that is written needs.
    """

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
    live: bool = False
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
    kept: Callable[[], Mapping[tuple[str, int], Row]] = dict

    @property
    def scored(self) -> str | None:
        """How the scores of every table here were taken, in a word; None where nothing is said of it."""
        return self.protocol.get("name") or self.protocol.get("protocol")

    def choose_metric(self, name: str | None) -> str:
        """That metric, or the usual one. Raises Misuse with the closest name, or if there is no usual one."""
        if name is not None:
            check_is_no_diagnostic(name, self.title, self.metrics)
            if name not in self.metrics:
                raise Misuse(f"{self.title} has no metric '{name}'" + did_you_mean(name, self.metrics))
            return name
        if self.usual_metric is None:
            raise Misuse(f"{self.title}: name the metric with --metric" + did_you_mean("", self.metrics))
        return self.usual_metric

    @property
    def usual_metric(self) -> str | None:
        """The planned metric, else the best known one or the only one; None where one must be named."""
        if self.metric is not None:
            return self.metric
        usual = [metric for known in GOALS for metric in self.metrics if score_of(metric) == known]
        return (*usual, *self.metrics)[0] if usual or len(self.metrics) == 1 else None

    def folder(self, metric: str | None) -> str:
        """The name of a report's folder: one on another metric than the usual one lies beside that, not over it."""
        if metric is None or metric == self.usual_metric:
            return self.title
        return f"{self.title}-{_NO_FILE_NAME.sub('-', metric)}"

    def choose_goal(self, metric: str, goal: Goal | None) -> Goal:
        """That goal, or the metric's own. Raises Misuse for a metric whose goal is not known."""
        chosen = goal or (self.goal if metric == self.metric else None) or known_goal(metric)
        if chosen is None:
            raise Misuse(f"is a higher '{metric}' better or worse? Say --goal minimize or --goal maximize")
        return chosen

    def choose_scale(self, metric: str, scale: Scale | None) -> Scale:
        """That scale, or the one that the study was planned with for its metric, or the metric's own."""
        return scale or (self.scale if metric == self.metric else None) or usual_scale(metric)

    def floor_column(self, metric: str) -> str | None:
        """The column of what real images score: `fid_floor`, `fid_floor_test_10k`; None where there is none."""
        score = score_of(metric) or metric
        beside = (f"{metric}_floor", f"{score}_floor{metric[len(score) :]}")
        return next((name for name in beside if name in self.table), None)

    def rows(self, arm: str) -> pd.DataFrame:
        """An arm's rows of the table."""
        return self._by_arm.get(arm, self.table.iloc[:0])

    @cached_property
    def _by_arm(self) -> Mapping[str, pd.DataFrame]:
        """All arms at once: to look through the table for each of them takes as long as there are arms."""
        return {str(arm): rows for arm, rows in self.table.groupby("arm", sort=False)}

    @property
    def same_seeds(self) -> bool:
        """Whether every arm has rows of the same seeds, whatever became of its runs."""
        return len({frozenset(rows["seed"]) for rows in self._by_arm.values()}) == 1

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
        rows = self.rows(arm)
        rows = rows[rows["status"] == "finished"]
        scores = {int(seed): float(value) for seed, value in zip(rows["seed"], rows[metric], strict=True)}
        for seed, value in scores.items():
            if not math.isfinite(value):
                fix = ANEW.format("its run's folder (runs/ID)") if self.study else "fill it in, or give its status"
                raise DcganError(f"{self.title}: arm '{arm}', seed {seed} is finished but has no {metric}: {fix}")
        return dict(sorted(scores.items()))


def check_is_no_diagnostic(name: str, where: str | Path, metrics: Sequence[str]) -> None:
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
