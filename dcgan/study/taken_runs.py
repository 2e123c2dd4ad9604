"""Runs that a table has, `tables/runs.csv` of a report, taken for done by a study here: `dcgan sweep --from TABLE`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.formatting import count
from dcgan.common.png import light_png
from dcgan.records import runs_table
from dcgan.records.runs_table import KeptRun
from dcgan.study.plan import Plan, Trial
from dcgan.study.restoring import restore


@dataclass(frozen=True)
class TakenRuns:
    """The runs of a table that are trials of a plan, by their ids, and how many more it has."""

    table: Path
    plan: Plan
    runs: Mapping[str, KeptRun]
    others: int

    def put_here(self) -> int:
        """Writes those that are not here into runs/; returns how many that were. A run that is here is left alone."""
        trials = {trial.run: trial for trial in self.plan.trials}
        return sum(self._put(trials[run], kept) for run, kept in self.runs.items())

    def counted(self) -> Plan:
        """The plan for which they are done, for a look ahead: nothing is written."""
        return replace(self.plan, given={run: kept.record for run, kept in self.runs.items()})

    def line(self) -> str:
        """How many there are, for a message."""
        others = f"; {count(self.others, 'run')} more in it are not of this study" if self.others else ""
        return f"{self.table}: {len(self.runs)} of {count(len(self.plan.trials), 'trial')} are in it{others}"

    def _put(self, trial: Trial, kept: KeptRun) -> bool:
        # What belongs to the run first: once its record is there, the run is over.
        run = trial.directory
        if run.record() is None:
            run.describe(trial.experiment)
            if kept.along and not run.rows("scores"):
                for row in kept.along:
                    run.append("scores", row)
            if (picture := self._picture(kept)) is not None:
                run.place("samples/final.png").write_bytes(picture)
        return restore(trial, kept.record)

    def _picture(self, kept: KeptRun) -> bytes | None:
        """The sample grid that the table names, where it lies beside it."""
        place = (self.table.parent / kept.grid).resolve()
        report = self.table.resolve().parent.parent
        if kept.grid and place.is_relative_to(report) and place.is_file():
            return light_png(place)
        return None


def in_table(plan: Plan, table: Path) -> TakenRuns:
    """The runs of the table that are trials of the plan. Writes nothing.

    A run is known by its id, which is of every setting that can change its result: rows of another study, or of arms
    and seeds that the plan does not have, are counted and left. Raises Misuse or DcganError in one line for what is no
    such table, for a trial whose row there has other settings than the plan, and where no row is a trial.
    """
    kept = runs_table.read(table)
    trials = {trial.run: trial for trial in plan.trials}
    runs: dict[str, KeptRun] = {}
    for run in kept:
        if (id_ := run.record.id) in trials:
            if id_ in runs:
                raise DcganError(f"{run.where}: run {id_} is in it twice")
            _check_seed(run, trials[id_])
            runs[id_] = run
    _check_settings(plan, table, kept, runs)
    _check_scores(table, list(runs.values()))
    return TakenRuns(table, plan, runs, len(kept) - len(runs))


def _check_seed(run: KeptRun, trial: Trial) -> None:
    if run.record.seed != trial.seed:
        raise DcganError(f"{run.where}: run {trial.run} is of seed {trial.seed}, not {run.record.seed}")


def _check_settings(plan: Plan, table: Path, kept: Sequence[KeptRun], runs: Mapping[str, KeptRun]) -> None:
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


def _check_scores(table: Path, runs: Sequence[KeptRun]) -> None:
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
