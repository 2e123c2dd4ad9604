"""A study's folder as the report's input: its table, its plan, and what the runs' own folders hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import checked_name, read_json
from dcgan.records.tuned import Tuned
from dcgan.report.results import REWRITE, Results, Row, known_goal, read_rows, typed, without_any_score
from dcgan.report.run_records import Runs
from dcgan.report.text.search_notes import search_notes
from dcgan.statistics.contrasts import codes
from dcgan.statistics.effects import Asked, Structure
from dcgan.statistics.sequential.interim_analysis import Looks


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
            raise DcganError(f"{file} has no column '{needed}': {REWRITE}")
    rows = [*rows, *_planned(plan, rows, factors)]
    statuses = Counter(row.cells["status"] for row in rows)
    if not statuses["finished"]:
        if ended := without_any_score(statuses):
            raise DcganError(f"study '{name}': {ended}")
        raise DcganError(f"study '{name}' has no finished trial yet: dcgan status {name} shows how far it is")
    table = typed(rows, metrics, factors)
    runs = Runs(directory.parent.parent / "runs", rows, metrics)
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
        made=runs.made(),
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
