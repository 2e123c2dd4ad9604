"""Runs that a table has, `tables/runs.csv` of a report, taken for done by a study here: `dcgan sweep --from TABLE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.formatting import count
from dcgan.common.png import light_png
from dcgan.records import plan_file, published_seeds, runs_table
from dcgan.records.published_seeds import PublishedSeeds
from dcgan.records.runs_table import TableRun
from dcgan.records.table_file import csv_text
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan, Trial, make
from dcgan.study.restoring import restore
from dcgan.sweeps.sweep import parse


@dataclass(frozen=True)
class TakenRuns:
    """The runs of a table that are trials of a plan, by their ids, with the pictures beside it.

    `seeds`: those that the table's study was planned with, as far as is known. `others`: how many more runs it has;
    `missing`: how many pictures it names that are not there.
    """

    table: Path
    plan: Plan
    runs: Mapping[str, TableRun]
    pictures: Mapping[str, bytes]
    seeds: PublishedSeeds
    others: int
    missing: int

    def put_here(self) -> int:
        """Writes those that are not over here into runs/; returns how many that were. A run that is over here is left
        alone. A study that is not here yet is planned as it was there first, so that other seeds are a change after a
        look, here as where it was begun."""
        trials = {trial.run: trial for trial in self.plan.trials}
        as_there = self._as_there()  # what cannot be planned is refused before a run is written
        put = sum(restore(trials[run], kept.record, self._beside(kept)) for run, kept in self.runs.items())
        if as_there is not None:
            stored_plans.write(as_there)
        return put

    def _as_there(self) -> Plan | None:
        """The study as it was planned where the table was made; None where it is not known, or is planned here."""
        is_here = (self.plan.directory / plan_file.NAME).exists()
        if is_here or not self.seeds.planned or self.plan.looks is not None:
            return None
        content = {**self.plan.sweep.model_dump(mode="json"), "seeds": list(self.seeds.planned)}
        return replace(make(parse(content, self.seeds.where)), seed_changes=self.seeds.changes)

    def counted(self) -> Plan:
        """The plan for which they are done, for a look ahead: nothing is written."""
        return replace(self.plan, given={run: kept.record for run, kept in self.runs.items()})

    def line(self) -> str:
        """How many there are, for a message."""
        over = sum(kept.record.is_over for kept in self.runs.values())
        others = len(self.plan.trials) - len(self.runs)
        parts = [f"{self.table}: {over} of {count(len(self.plan.trials), 'trial')} are done in it"]
        if failed := len(self.runs) - over:
            parts.append(f"{failed} failed there and will be tried again")
        if others:
            parts.append(f"{count(others, 'other')} will be trained")
        if self.others:
            parts.append(f"{count(self.others, 'run')} more in it are not of this study")
        if self.missing:
            parts.append(f"{count(self.missing, 'picture')} that it names are not beside it")
        return "; ".join(parts)

    def _beside(self, kept: TableRun) -> dict[str, bytes]:
        """What lies beside the record in the run's folder."""
        picture = self.pictures.get(kept.record.id)
        return {
            **({"scores.csv": csv_text(list(kept.along[0]), kept.along).encode()} if kept.along else {}),
            **({} if picture is None else {"samples/final.png": picture}),
        }


def in_table(plan: Plan, table: Path) -> TakenRuns:
    """The runs of the table that are trials of the plan. Writes nothing.

    A run is known by its id, which is of every setting that can change its result: rows of another study, or of arms
    and seeds that the plan does not have, are counted and left. Raises Misuse or DcganError in one line for what is no
    such table, for a trial whose row there has other settings than the plan, for a picture that is damaged, and where
    no row is a trial.
    """
    kept = runs_table.read(table)
    trials = {trial.run: trial for trial in plan.trials}
    runs: dict[str, TableRun] = {}
    for run in kept:
        if (id_ := run.record.id) in trials:
            if id_ in runs:
                raise DcganError(f"{run.where}: run {id_} is in it twice")
            _check(run, trials[id_], plan.sweep.metric)
            runs[id_] = run
    _check_settings(plan, table, kept, runs)
    _check_scores(list(runs.values()))
    named = {id_: run for id_, run in runs.items() if run.grid}
    pictures = {id_: png for id_, run in named.items() if (png := _picture(table, run)) is not None}
    return TakenRuns(
        table, plan, runs, pictures, _planned(plan, table, kept), len(kept) - len(runs), len(named) - len(pictures)
    )


def _picture(table: Path, run: TableRun) -> bytes | None:
    """The sample grid that a row names, where it lies in the report's own folder."""
    try:
        place = (table.parent / run.grid).resolve()
        if place.is_relative_to(table.resolve().parent.parent) and place.is_file():
            return light_png(place)
    except (OSError, ValueError, DcganError) as error:
        raise DcganError(f"{run.where}: {runs_table.GRID} cannot be read: {error}") from None
    return None


def _planned(plan: Plan, table: Path, kept: Sequence[TableRun]) -> PublishedSeeds:
    """The seeds that the table's study was planned with: by its report, else those that the table has whole."""
    whole = _whole_seeds(plan, kept)
    told = published_seeds.beside(table, [arm.name for arm in plan.arms])
    if told is None:
        return PublishedSeeds(str(table), whole)
    if others := [seed for seed in whole if seed not in told.planned]:
        raise DcganError(f"{told.where} is not of {table}: planned_seeds lacks seed {others[0]}, which the table has")
    return told


def _whole_seeds(plan: Plan, kept: Sequence[TableRun]) -> tuple[int, ...]:
    """The seeds of which the table has every arm of the plan, in its order."""
    arms: dict[int, set[str]] = {}
    for run in kept:
        arms.setdefault(run.record.seed, set()).add(run.arm)
    return tuple(seed for seed, there in arms.items() if {arm.name for arm in plan.arms} <= there)


def _check(run: TableRun, trial: Trial, metric: str) -> None:
    if run.record.seed != trial.seed:
        raise DcganError(f"{run.where}: run {trial.run} is of seed {trial.seed}, not {run.record.seed}")
    if run.record.status == "finished" and run.record.score(metric) is None:
        raise DcganError(f"{run.where}: run {trial.run} is finished and has no {metric}, by which the study compares")
    here = outcome_of(trial)
    if here is None or not here.is_over or len(here.earlier_scores) != len(run.record.earlier_scores):
        return
    if (mine := here.score(metric)) != (theirs := run.record.score(metric)):
        raise DcganError(
            f"{run.where}: run {trial.run} is here with {metric} {mine}, and the table has {theirs}: one of both is "
            "not what was measured; in another DCGAN_HOME the table's would be taken"
        )


def _check_settings(plan: Plan, table: Path, kept: Sequence[TableRun], runs: Mapping[str, TableRun]) -> None:
    """Refuses a table in which a trial of the plan is another run than here."""
    here = {(trial.arm, trial.seed): trial.run for trial in plan.trials}
    for run in kept:
        planned = here.get((run.arm, run.record.seed))
        if planned is not None and planned not in runs:
            raise Misuse(
                f"{run.where}: arm '{run.arm}' with seed {run.record.seed} is run {run.record.id} there and {planned} "
                f"here: study '{plan.study}' has other settings than the table's; give the sweep as it was then"
            )
    if not runs:
        raise Misuse(
            f"{table}: no row of it is a trial of study '{plan.study}': its arms are "
            f"{', '.join(dict.fromkeys(run.arm for run in kept)) or 'none'}"
        )


def _check_scores(runs: Sequence[TableRun]) -> None:
    """Refuses runs that could not be compared, before any is written."""
    first = None
    for run in runs:
        if run.record.status == "finished":
            try:
                protocol = run.record.scored_under()
            except DcganError as error:
                raise DcganError(f"{run.where}: {error}") from None
            first = first or protocol
            if difference := first.difference(protocol):
                raise DcganError(f"{run.where}: scored differently than runs before it: {difference}")
