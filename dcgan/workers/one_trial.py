"""One given trial of a study, as the agent of a W&B sweep asks for it: joined, claimed, trained and settled here.

The study is the same one that `dcgan sweep` leads: it is planned if it is not yet, with the same checks, data and
extractors, and several processes may begin it at once. A trial that another worker has is waited for, and one that is
over is not trained again.
"""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.common.errors import NoRoom
from dcgan.common.messages import message, note
from dcgan.queue import Queue
from dcgan.study import plan as planning
from dcgan.study import trials_table
from dcgan.study.outcomes import outcome_of, outcomes
from dcgan.study.pending import skipped
from dcgan.study.plan import Plan, Trial
from dcgan.study.stages import planned, tuning_stage
from dcgan.sweeps.sweep import Sweep
from dcgan.tracking.mirror import wait_until_shown
from dcgan.workers.asked_trial import AskedTrial, trial_of
from dcgan.workers.open_study import OpenStudy, known_plan, open_study
from dcgan.workers.waiting_for_others import until_over
from dcgan.workers.worker import Stop, work


def train_one(sweep: Sweep, texts: Mapping[str, str], url: str | None, stop: Stop) -> AskedTrial:
    """Trains the trial of that `arm` and `seed`, which are given as texts, then what dead workers left unfinished.

    `url`: of the study's storage, None where all workers share its folder. Where the arms are still to be tuned, helps
    with that first. Raises Misuse for a trial that the study does not have, Interrupted after a stop, with the trial
    put back, and as `dcgan.workers.worker.prepare`.
    """
    _cell(planned(sweep)[-1], texts, url)  # before anything is trained
    plan = _tuned(sweep, url, stop)
    cell = _cell(plan, texts, url)
    study = open_study(plan, url, stop, Queue, lambda known: cell in known.position)
    try:
        study.queue.publish()
        asked = _ended(study, study.plan.trials[study.plan.position[cell]], stop)
        trials_table.write(study.plan)
        _finish_abandoned(study, stop)
    finally:
        study.queue.close()
        wait_until_shown()
    return asked


def _cell(plan: Plan, texts: Mapping[str, str], url: str | None) -> tuple[str, int]:
    """The arm and seed that is asked for: of the plan, or of the study as it was planned, which may have more seeds."""
    known = known_plan(plan, url)
    wider = known is not None and set(known.seeds) > set(plan.seeds)
    trial = trial_of(known if known is not None and wider else plan, texts)
    return trial.arm, trial.seed


def _tuned(sweep: Sweep, url: str | None, stop: Stop) -> Plan:
    """The plan of a sweep, once its arms are tuned if they are to be."""
    *before, plan = planned(sweep)
    if not before:
        return plan
    [tuning] = before
    study = open_study(tuning, url, stop, Queue)
    study.queue.publish()
    message(f"study {tuning.study} tunes the arms first")
    work(study.plan, study.queue, threads=study.threads, stop=stop, observers_of=lambda _: [], on_end=lambda *_: None)
    return planning.make(sweep, tuning_stage.choose(study.plan))


def _ended(study: OpenStudy[Queue], trial: Trial, stop: Stop) -> AskedTrial:
    """The trial once it has ended, here or at another worker's."""

    def look() -> AskedTrial | None:
        study.queue.collect()
        record = outcome_of(trial)
        if record is not None and record.is_over:
            study.send_kept(trial, record)
            return AskedTrial(study.plan, trial, record)
        if trial.run in skipped(study.plan, outcomes(study.plan)):
            return AskedTrial(study.plan, trial, None, why=f"{trial.arm} is decided: no seed {trial.seed} of it is run")
        with study.queue.claim_of(trial) as claim:
            record = study.train(claim, stop) if claim is not None else None
        return None if record is None else AskedTrial(study.plan, trial, record, trained=True)

    return until_over(look, f"{trial.arm}, seed {trial.seed}", study.plan, stop)


def _finish_abandoned(study: OpenStudy[Queue], stop: Stop) -> None:
    """Trains what workers that died or were stopped left: nobody else may ask for it any more."""
    while not stop():
        with study.queue.claim_abandoned() as claim:
            if claim is None:
                return
            note(f"{claim.trial.arm}, seed {claim.trial.seed}: left by another worker; finishing it")
            try:
                study.train(claim, stop, watched=False)
            except NoRoom as error:
                note(str(error))
                return
        study.queue.collect()
        trials_table.write(study.plan)
