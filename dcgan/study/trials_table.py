"""studies/NAME/trials.csv: one row per trial, from the plan and the run directories alone."""

from __future__ import annotations

from typing import Any

from dcgan.common.errors import DcganError
from dcgan.common.files import locked, write_text
from dcgan.common.metrics import DIAGNOSTICS, GOALS
from dcgan.records.run_record import RunRecord
from dcgan.records.table_file import csv_text
from dcgan.study.outcomes import DamagedRecord, outcomes
from dcgan.study.pending import skipped
from dcgan.study.plan import Plan

SCORES = (*GOALS, *DIAGNOSTICS)


def columns(plan: Plan) -> list[str]:
    """The header: arm, seed, run and status, a column a factor, a column a score, the protocol, the seconds."""
    factors = [factor.name for factor in plan.factors]
    return ["study", "arm", "seed", "run", "status", *factors, *SCORES, "protocol", "seconds"]


def rows(plan: Plan) -> list[dict[str, Any]]:
    """One row per trial, in the plan's order. Scores are of finished runs only."""
    made = []
    known = outcomes(plan)
    never = skipped(plan, known)
    for trial in plan.trials:
        record = known.get(trial.run)
        scores = record.scores if record and record.status == "finished" else {}
        seconds = None if record is None or isinstance(record, DamagedRecord) else record.seconds
        made.append(
            {
                "study": plan.study,
                "arm": trial.arm,
                "seed": trial.seed,
                "run": trial.run,
                "status": record.status if record else "skipped" if trial.run in never else "planned",
                **plan.levels(trial.arm),
                **{name: scores.get(name) for name in SCORES},
                "protocol": _protocol(record) if record and scores else None,
                "seconds": None if seconds is None else round(seconds, 2),
            }
        )
    return made


def _protocol(record: RunRecord) -> str | None:
    """How its scores were taken, in a word; None for what another version has written."""
    try:
        return record.scored_under().key
    except DcganError:
        return None


def write(plan: Plan) -> None:
    """Writes the table anew. The lock keeps a slower worker from putting an older table over a newer one."""
    with locked(plan.directory / ".table.lock", wait=True):
        write_text(plan.directory / "trials.csv", csv_text(columns(plan), rows(plan)))
