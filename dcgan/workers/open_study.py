"""A study that this process has opened to train single trials of it: planned, with its queue, data and extractors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from dcgan.common.files import locked
from dcgan.common.url_text import without_password
from dcgan.queue import study_record
from dcgan.queue.claim import Claim, TrialSource
from dcgan.queue.journal import mended
from dcgan.queue.retry import RetryingStorage
from dcgan.queue.storage import open_storage
from dcgan.queue.study_extractor import extractors_of
from dcgan.records import plan_file
from dcgan.records.run_record import RunRecord
from dcgan.runs.environment import cores
from dcgan.scoring.artefact import Artefact
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.study.plan_difference import difference
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import of_trial
from dcgan.tracking.kept import send_kept
from dcgan.workers import worker
from dcgan.workers.agent_stop import AgentStop
from dcgan.workers.threads import threads_of
from dcgan.workers.worker import Stop, Use

Q = TypeVar("Q", bound=TrialSource)


@dataclass(frozen=True)
class OpenStudy(Generic[Q]):
    """A study's queue, its extractors, and the processor threads of a trial."""

    queue: Q
    chosen: Mapping[Use, Artefact]
    threads: int

    @property
    def plan(self) -> Plan:
        """The plan as it is known now."""
        return self.queue.plan

    def train(self, claim: Claim, stop: Stop, *, watched: bool = True) -> RunRecord | None:
        """Trains a claimed trial and settles it, as `train_claimed`.

        `watched`: whether W&B shows it, and may stop it.
        """
        before = outcome_of(claim.trial) if watched else None
        record = worker.train_claimed(
            self.queue,
            claim,
            self.chosen,
            threads=self.threads,
            stop=AgentStop(stop),
            observers_of=worker.mirrors(self.plan) if watched else lambda _: [],
        )
        if before is not None and before.is_over:  # which nobody is told of while it is trained
            self.send_kept(claim.trial, before)
        return record

    def send_kept(self, trial: Trial, record: RunRecord) -> None:
        """Sends the record of a trial that is over, with its curves, to the run that an agent handed out for it."""
        self.queue.curves.fetch([trial])
        send_kept(of_trial(self.plan, trial), trial.experiment, trial.directory, record)


def known_plan(plan: Plan, url: str | None) -> Plan | None:
    """The study as it was planned, in the storage or in this machine's folder, perhaps with other seeds; None if it was
    not, or as another study."""
    known = _planned(plan, url)
    return None if known is None or difference(known.record(), plan) is not None else known


def _planned(plan: Plan, url: str | None) -> Plan | None:
    if url is not None:
        storage = RetryingStorage(open_storage(plan.directory, url), lambda: False)
        if (content := study_record.published_plan(storage, plan.study)) is not None:
            return stored_plans.adopt(plan.study, content, f"--storage {without_password(url)}")
    return stored_plans.load(plan.study) if plan_file.is_study(plan.directory) else None


def open_study(
    plan: Plan, url: str | None, stop: Stop, kind: Callable[..., Q], holds: Callable[[Plan], bool] = lambda _: True
) -> OpenStudy[Q]:
    """Joins the study of a plan, which is written if it is not planned yet, or not so that it `holds` what is wanted.

    `kind`: of its queue. Several processes may do this at once. Nothing is written where the plan cannot be trained
    here. Raises as `dcgan.workers.worker.prepare`, and Misuse for a study that ran trials under another plan.
    """
    wandb_settings.use(plan.base)
    wandb_settings.check()
    stored_plans.check(plan)
    fingerprints, artefacts = worker.prepare(plan, extractors_of(plan, url, stop))
    with locked(plan.directory / ".planning.lock", wait=True):
        known = known_plan(plan, url)
        plan = known if known is not None and holds(known) else stored_plans.write(plan)
    queue = mended(plan.directory, lambda: kind(plan, url, stop=stop))
    worker.begin(queue, fingerprints, artefacts)
    return OpenStudy(queue, worker.ready(plan, queue.extractors), threads_of(plan, cores()))
