"""One given combination of a search, as the agent of a W&B sweep asks for it, on all seeds of the search.

The baseline, with which the search compares all others, is trained first where nobody did.
"""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.common.messages import note
from dcgan.queue.combination_queue import CombinationQueue
from dcgan.records import search_file
from dcgan.study import trials_table
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Trial
from dcgan.study.stages import search_stages
from dcgan.sweeps.search_space import axes
from dcgan.sweeps.sweep import Sweep
from dcgan.tracking.mirror import wait_until_shown
from dcgan.workers import disk_space
from dcgan.workers.asked_trial import AskedTrial, combination_of
from dcgan.workers.open_study import OpenStudy, open_study
from dcgan.workers.waiting_for_others import until_over
from dcgan.workers.worker import Stop


def train_combination(sweep: Sweep, texts: Mapping[str, str], url: str | None, stop: Stop) -> AskedTrial:
    """Trains the combination with those levels, given as texts by factor, then what dead workers left unfinished.

    Returns what became of its first seed, which is the one that W&B sees. Raises Misuse for a point outside the space,
    and where the search was confirmed already, and as `dcgan.workers.one_trial.train_one`.
    """
    plan = search_stages.planned(sweep)
    record = search_file.read(paths.studies() / sweep.study)
    if record is not None and record.chosen:
        raise Misuse(f"the search '{plan.study}' is over, and '{sweep.study}' compares what it found")
    drawn = combination_of(axes(plan.sweep, plan.base), texts, plan.study)
    study = open_study(plan, url, stop, CombinationQueue)
    queue = study.queue
    try:
        queue.publish()
        try:
            arm = queue.arm_of(drawn)
        except Misuse as refusal:
            return AskedTrial(queue.plan, None, None, why=f"refused: {refusal}")
        if arm != queue.plan.baseline and queue.take(queue.plan.baseline):
            note(f"the baseline first, with which '{plan.study}' compares its combinations")
            _finish(study, stop)
        asked = _ended(study, arm, stop)
        while not stop() and queue.take_abandoned():
            _finish(study, stop)
        return asked
    finally:
        queue.close()
        trials_table.write(queue.plan)
        wait_until_shown()


def _ended(study: OpenStudy[CombinationQueue], arm: str, stop: Stop) -> AskedTrial:
    """The first seed of a combination once all of it has ended, here or at another worker's."""
    queue = study.queue
    first = next(trial for trial in queue.plan.trials if trial.arm == arm)
    trained = False

    def look() -> AskedTrial | None:
        nonlocal trained
        if queue.take(arm):
            _finish(study, stop, first)
            trained = True
        if not queue.is_over(arm):
            return None
        record = outcome_of(first)
        if record is not None and not trained:
            study.send_kept(first, record)
        why = "" if record else f"{arm} is beyond the search's budget"
        return AskedTrial(queue.plan, first, record, trained, why)

    return until_over(look, queue.plan.label(arm), queue.plan, stop)


def _finish(study: OpenStudy[CombinationQueue], stop: Stop, watched: Trial | None = None) -> None:
    """Trains the seeds of the combination that this worker has; it is put back where the disk is full."""
    queue = study.queue
    while queue.is_working:
        with disk_space.waited_for(queue.plan, stop), queue.claim() as claim:
            if claim is not None:
                study.train(claim, stop, watched=claim.trial == watched)
        queue.collect()
        trials_table.write(queue.plan)
