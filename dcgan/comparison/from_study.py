"""A study's folder as the report's input: its table, its plan, and what the runs' own folders hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dcgan.common.errors import DcganError
from dcgan.common.metrics import score_of, stands_beside
from dcgan.comparison.results import REWRITE, Results, without_any_score
from dcgan.comparison.run_records import Runs
from dcgan.comparison.search_notes import labels_of, search_notes, search_of
from dcgan.comparison.study_setup import read_setup
from dcgan.records import plan_file
from dcgan.records.plan_file import PlanRecord
from dcgan.records.replications import replications_of
from dcgan.records.table_file import TableRow, read_rows
from dcgan.records.trial_rows import typed


def from_study(directory: Path, *, live: bool = False) -> Results:
    """The results in `studies/NAME/`: `trials.csv`, `plan.json`, and `../../runs/ID/` of each trial.

    Planned trials that the table has not yet are entered as planned. `live`: the study is running. Raises DcganError
    for a damaged file, for runs that were scored under different protocols, and for a study without any trial that
    ended.
    """
    directory = directory.resolve()
    plan = plan_file.read(directory)
    name, search, labels = plan.study, search_of(directory, plan), labels_of(plan)
    file = directory / "trials.csv"
    rows = read_rows(file) if file.exists() else []
    columns = list(rows[0].cells) if rows else []
    factors = plan.factors
    filled = [column for column in columns if column not in factors and any(row.cells[column] for row in rows)]
    metrics = tuple(column for column in filled if score_of(column))
    numbers = (*metrics, *(column for column in filled if stands_beside(column)))
    for needed in ("arm", "seed", "run", "status", *factors) if rows else ():
        if needed not in columns:
            raise DcganError(f"{file} has no column '{needed}': {REWRITE}")
    rows = [*rows, *_planned(plan, rows, factors)]
    if labels:
        plan = replace(
            plan, baseline=labels[str(plan.baseline)], arms={labels[arm]: of for arm, of in plan.arms.items()}
        )
        rows = [TableRow(where, {**cells, "arm": labels.get(cells["arm"], cells["arm"])}) for where, cells in rows]
    statuses = Counter(row.cells["status"] for row in rows)
    if not statuses["finished"]:
        if ended := without_any_score(statuses):
            raise DcganError(f"study '{name}': {ended}")
        raise DcganError(f"study '{name}' has no finished trial yet: dcgan status {name} shows how far it is")
    table = typed(rows, numbers, factors)
    runs = Runs(directory.parent.parent / "runs", rows, numbers)
    curves, curves_protocol = runs.curves(metrics)
    replications, without = _replications(directory)
    if plan.replicates is not None:
        without.append(f"A replication of study {plan.replicates} on fresh seeds, judged alone.")
    return Results(
        title=name,
        table=table,
        metrics=metrics,
        factors=factors,
        arms=tuple(dict.fromkeys([*plan.arms, *table["arm"]])),
        baseline=plan.baseline,
        metric=plan.metric,
        goal=plan.goal,
        scale=plan.scale,
        start=plan.start,
        design=plan.design,
        levels=plan.arms,
        reading=plan.reading,
        curves=curves,
        curves_protocol=curves_protocol,
        grids=runs.grids(),
        protocol=runs.protocol(),
        environment=runs.environment(),
        made=runs.made(),
        commands=(*_commands(plan, replications), f"dcgan report {name}"),
        place=_place(alone=not (plan.replicates or plan.tuned or search or replications)),
        study=True,
        live=live,
        setup=read_setup(plan, runs.settings(), runs.splits(), runs.classes()),
        images=runs.images(),
        copies=runs.copies(),
        stop=plan.stop,
        tuned=plan.tuned,
        seeds=plan.seeds,
        plan=plan,
        replications=replications,
        search=search,
        notes=(*search_notes(search), *without, *runs.notes()),
        kept=runs.kept,
    )


def _replications(directory: Path) -> tuple[tuple[Results, ...], list[str]]:
    """Those of the study in that folder, and a note on each one that has no score. Raises as `from_study`."""
    found, without = [], []
    for record in replications_of(directory):
        folder = directory.parent / record.study
        file = folder / "trials.csv"
        statuses = Counter(row.cells.get("status", "") for row in (read_rows(file) if file.exists() else []))
        if statuses["finished"]:
            found.append(from_study(folder))
        else:
            without.append(f"Replication {record.study}: {without_any_score(statuses) or 'no trial is finished yet'}.")
    return tuple(found), without


def _commands(plan: PlanRecord, replications: Sequence[Results]) -> list[str]:
    """What makes the study and its replications again."""
    if plan.replicates is not None:
        return [f"dcgan sweep {plan.replicates} --more {len(plan.seeds)}"]
    more = [f"dcgan sweep {plan.study} --more {len(each.seeds)}" for each in replications]
    return [f"dcgan sweep studies/{plan.study}/sweep.yaml", *more]


def _planned(plan: PlanRecord, rows: Sequence[TableRow], factors: Sequence[str]) -> list[TableRow]:
    """The trials of the plan that the table does not have."""
    there = {(row.cells["arm"], row.cells["seed"]) for row in rows}
    return [
        TableRow(
            plan_file.NAME,
            {
                "arm": arm,
                "seed": str(seed),
                "status": "planned",
                **{name: str(levels.get(name, "")) for name in factors},
            },
        )
        for arm, levels in plan.arms.items()
        for seed in plan.seeds
        if (arm, str(seed)) not in there
    ]


def _place(*, alone: bool) -> str:
    """Where the commands are typed. The table of a study `alone`, without other stages, does in place of its runs."""
    here = "the folder that holds studies/ and runs/ (DCGAN_HOME, where it is set)"
    if not alone:
        return here
    return f"{here}; or, with the sweep's own file and nothing else, dcgan sweep FILE --from this report's folder"
