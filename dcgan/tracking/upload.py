"""Upload: what W&B lacks of a study, from the run directories alone, each run once."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dcgan.common import paths
from dcgan.common.bounded import within
from dcgan.common.errors import DcganError, Misuse
from dcgan.records.run_record import RunRecord
from dcgan.study import trials_table
from dcgan.study.plan import Plan, Trial
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import RunHeader, fitting, of_trial, project_name
from dcgan.tracking.tracker import replay
from dcgan.tracking.wandb_artifacts import contents, log_study
from dcgan.tracking.wandb_run import fingerprint, open_run

SECONDS = 15.0  # that W&B may take for a question
_RUN_SECONDS = 300.0  # and for a whole run with its generator and its grids


@dataclass(frozen=True)
class There:
    """A run as W&B has it: its id there, and what its summary says of what it is of."""

    id: str
    record: str | None
    artifacts: bool


@dataclass
class Uploaded:
    """What became of the trials: sent now, there before, being trained, not on this machine."""

    sent: list[Trial] = field(default_factory=list)
    there: list[Trial] = field(default_factory=list)
    training: list[Trial] = field(default_factory=list)
    absent: list[Trial] = field(default_factory=list)

    def line(self) -> str:
        """In a sentence."""
        counts = {
            "sent": self.sent,
            "there already": self.there,
            "being trained": self.training,
            "not on this machine": self.absent,
        }
        return ", ".join(f"{len(trials)} {name}" for name, trials in counts.items() if trials) or "no runs yet"


def upload(plan: Plan, *, each: Callable[[Trial], None] = lambda _trial: None) -> Uploaded:
    """Sends every run of a study that W&B has not got as it stands here, then the study's table and report.

    Calls `each` before a run is sent. Raises Misuse where W&B is turned off, and DcganError if it does not answer: what
    was sent until then is there, and the next call goes on.
    """
    path = place(plan)
    known = runs_there(path)
    done = Uploaded()
    for trial in plan.trials:
        record = trial.directory.record()
        if record is None:
            done.absent.append(trial)
        elif trial.directory.is_held():
            done.training.append(trial)
        elif any(_is_whole(there, record) for there in known.get(trial.run, [])):
            done.there.append(trial)
        else:
            each(trial)
            _send(plan, trial, known.get(trial.run, []))
            done.sent.append(trial)
    if done.sent or done.there:
        _send_study(plan, known, [*done.sent, *done.there])
    return done


def place(plan: Plan) -> str:
    """ENTITY/PROJECT of a study. Raises Misuse where W&B is turned off, DcganError if it does not answer."""
    if (mode := wandb_settings.check()) != "online":
        raise Misuse(f"W&B is {mode} here: log in (wandb login), or wandb online, or WANDB_MODE=online")
    settings = wandb_settings.user_settings()
    entity = settings.entity or asked("who is logged in", lambda api: api.default_entity)
    return f"{entity}/{settings.project or project_name(plan.study)}"


def asked(what: str, question: Callable[[Any], Any], seconds: float = SECONDS) -> Any:
    """What W&B's public API answers. Raises DcganError with its complaint in a line, also if none comes in time."""
    import wandb

    def ask() -> Any:
        wandb.setup(wandb.Settings(silent=True))
        return question(wandb.Api(timeout=int(SECONDS)))

    try:
        return within(seconds, ask)
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise DcganError(f"W&B does not say {what}: {why}") from None


def runs_there(path: str) -> Mapping[str, list[There]]:
    """The runs of a project by our own ids; none if it does not exist yet."""
    found: dict[str, list[There]] = {}
    for run in asked("which runs it has", lambda api: _listed(api, path), seconds=4 * SECONDS):
        if own := run.config.get("id"):
            there = There(run.id, run.summary.get("record"), bool(run.summary.get("artifacts")))
            found.setdefault(own, []).append(there)
    return found


def _listed(api: Any, path: str) -> list[Any]:
    try:
        return list(api.runs(path, per_page=200, lazy=False))
    except ValueError as error:  # W&B's for a project that is not there
        if "not find project" in str(error):
            return []
        raise


def _is_whole(there: There, record: RunRecord) -> bool:
    return there.record == fingerprint(record) and (there.artifacts or record.status == "running")


def _send(plan: Plan, trial: Trial, there: list[There]) -> None:
    """Goes on with the run that W&B has of it, or begins one."""
    run_id = there[0].id if there else None

    def send() -> None:
        replay(trial.directory, open_run(of_trial(plan, trial), "online", run_id=run_id))

    _bounded(f"run {trial.run}", send)


def _send_study(plan: Plan, known: Mapping[str, list[There]], trials: Iterable[Trial]) -> None:
    """The table, made of the runs' records, and the report if there is one; in a run of the study's own."""
    trials_table.write(plan)
    table, report = plan.directory / "trials.csv", paths.reports() / plan.study
    written = report if (report / "index.html").is_file() else None
    state = contents(table, written)
    run_id = fitting(f"study-{project_name(plan.study)}", 64)
    header = RunHeader(
        id=run_id,
        project=project_name(plan.study),
        name=fitting(f"study {plan.study}", 128),
        group=None,
        tags=(fitting(plan.study, 64), "study"),
        config={"id": run_id, "study": plan.study, "design": str(plan.design), "baseline": plan.baseline},
        job_type="report",
    )
    if any(there.record == state for there in known.get(header.id, [])):
        return
    runs = [trial.run for trial in trials if (record := trial.directory.record()) and record.status != "running"]

    def send() -> None:
        run = open_run(header, "online").run
        with tempfile.TemporaryDirectory() as copies:
            log_study(run, plan.study, table, written, runs=runs, copies=Path(copies))
            run.summary.update({"record": state})
            run.finish()

    _bounded(f"the table and report of study {plan.study}", send)


def _bounded(what: str, send: Callable[[], None]) -> None:
    try:
        within(_RUN_SECONDS, send)
    except DcganError:
        raise
    except Exception as error:
        why = " ".join(str(error).split()) or type(error).__name__
        raise DcganError(f"W&B did not take {what}: {why}; the same command goes on from there") from None
