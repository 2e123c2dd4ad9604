"""The study on one page: how it stands, the verdicts so far in the report's words, curves and samples by arm, and the
table of trials. The page is kept, and drawn anew when something of it changed. When a trial has ended, the study's
`trials.csv` is written anew too."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dcgan.common.drawing.canvas import inline
from dcgan.common.errors import DcganError
from dcgan.common.formatting import NONE, number
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.from_study import from_study
from dcgan.dashboards.followed_study import FollowedRun, FollowedStudy, Look
from dcgan.dashboards.verdict_table import verdict_rows
from dcgan.report.figures.curves import curves, has_curves
from dcgan.report.text.document_view import ReportCommand, view
from dcgan.report.text.numbers import metric_label
from dcgan.study import trials_table
from dcgan.study.plan import Plan, Trial

_PATIENCE = 5.0  # how many times as long as an analysis takes the next one is put off: training goes before


@dataclass(frozen=True)
class Page:
    """The body of the page as HTML; `version` differs where the page does."""

    version: str
    html: str


class StudyPage:
    """See the module. May be asked by several threads at once."""

    def __init__(self, followed: FollowedStudy) -> None:
        self._followed = followed
        self._lock = threading.Lock()
        self._ended: frozenset[tuple[str, str]] | None = None
        self._next = 0.0
        self._findings: dict[str, Any] = {}
        self._shown: tuple[Look, dict[str, Any], Page] | None = None

    def page(self) -> Page:
        """The page now."""
        look = self._followed.look()
        with self._lock:
            if look.ended != self._ended and time.monotonic() >= self._next:
                begun = time.monotonic()
                self._findings = _findings(look)
                self._ended = look.ended
                self._next = time.monotonic() + _PATIENCE * (time.monotonic() - begun)
            if self._shown is None or self._shown[0] != look or self._shown[1] is not self._findings:
                self._shown = look, self._findings, _page(look, self._findings)
            return self._shown[2]

    def grid(self, run: str, name: str) -> Path | None:
        """The file of a sample grid that the page shows; None for anything else."""
        found = self._followed.look().by_id.get(run)
        return next((grid for grid in found.grids.values() if grid.name == name), None) if found else None


@cache
def _environment() -> Environment:
    """The page's template, and the report's style."""
    return Environment(
        loader=ChoiceLoader(
            [PackageLoader("dcgan.dashboards", "templates"), PackageLoader("dcgan.report", "templates")]
        ),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _page(look: Look, findings: dict[str, Any]) -> Page:
    html = _environment().get_template("study.html").render(**_standing(look), **findings)
    html = html.replace(" %", "\u00a0%")
    return Page(hashlib.sha256(html.encode()).hexdigest()[:16], html)


def _findings(look: Look) -> dict[str, Any]:
    """What a report would say now, or why there is none yet."""
    plan = look.plan
    with contextlib.suppress(DcganError):  # a folder that cannot be written: its table is as old as it is
        trials_table.write(plan)
    try:
        analysis = analyse(from_study(plan.directory, live=not look.standing.complete))
    except DcganError as error:
        return {"waits": str(error), "report": None, "verdicts": [], "curves": None}
    return {"waits": "", "report": _report(analysis), "verdicts": verdict_rows(analysis), "curves": _curves(analysis)}


def _report(analysis: Analysis) -> dict[str, Any]:
    shown = view(analysis, ReportCommand())
    kept = ("headline", "banners", "facts", "partial", "metric", "groups", "effects", "noun", "by_arm", "baseline")
    return {key: shown[key] for key in kept}


def _curves(analysis: Analysis) -> Markup | None:
    if not has_curves(analysis):
        return None
    return Markup(inline(curves(analysis), "curves"))  # noqa: S704 - drawn by us, text in it escaped


def _standing(look: Look) -> dict[str, Any]:
    plan, standing = look.plan, look.standing
    metric = plan.sweep.metric
    shares = {running.trial.run: running.share for running in standing.running}
    rows = [_row(plan, trial, look, look.by_id.get(trial.run), shares.get(trial.run)) for trial in plan.trials]
    seed, grids = _grids(look)
    return {
        "study": plan.study,
        "line": standing.line(),
        "done": sum(row["over"] for row in rows),
        "planned": standing.planned,
        "complete": standing.complete,
        "metric_name": metric_label(metric),
        "seed": seed,
        "grids": grids,
        "factors": [factor.name for factor in plan.factors],
        "trials": rows,
    }


def _row(plan: Plan, trial: Trial, look: Look, run: FollowedRun | None, share: float | None) -> dict[str, Any]:
    """A line of the table of trials; while a trial is trained its score is the latest along the way."""
    record = look.standing.outcomes.get(trial.run)
    status: str = record.status if record else "skipped" if trial.run in look.standing.skipped else "waiting"
    if share is not None:
        status = f"running, {100 * share:.0f} %"
    metric = plan.sweep.metric
    score = record.score(metric) if record else None
    along = run.curves.get(f"validation/{metric}", ()) if run else ()
    trained = [value for images, value in along if images]  # before it, the score is the untrained network's
    return {
        "arm": plan.label(trial.arm),
        "seed": trial.seed,
        "run": trial.run,
        "status": status,
        "over": bool(record and record.is_over),
        "kind": status.partition(",")[0],
        "failure": record.failure if record and status not in ("finished", "running") else "",
        "score": number(score) if score is not None else number(trained[-1]) if trained else NONE,
        "final": score is not None,
        "images": f"{run.rows[-1].images:,}" if run and run.rows else NONE,
        "seconds": f"{record.seconds:.0f} s" if record and record.seconds else NONE,
        "levels": list(plan.levels(trial.arm).values()),
    }


def _grids(look: Look) -> tuple[int | None, list[dict[str, Any]]]:
    """The latest sample grid of every arm, from the first seed of which most arms have one."""
    by_seed: dict[int, dict[str, FollowedRun]] = {}
    for run in look.runs.values():
        if run.grids:
            by_seed.setdefault(run.trial.seed, {})[run.trial.arm] = run
    if not by_seed:
        return None, []
    seed = min(by_seed, key=lambda each: (-len(by_seed[each]), each))
    shown = []
    for arm in look.plan.arms:
        if (found := by_seed[seed].get(arm.name)) is not None:
            images, grid = max(found.grids.items())
            shown.append(
                {"arm": look.plan.label(arm.name), "run": found.trial.run, "file": grid.name, "images": f"{images:,}"}
            )
    return seed, shown
