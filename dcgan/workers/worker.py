"""A worker: claims a trial, trains it, records its outcome, until nothing is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import torch

from dcgan import data
from dcgan.common.errors import Interrupted, Misuse, NoRoom
from dcgan.common.messages import note
from dcgan.data.whereabouts import without_paths
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data, Score
from dcgan.queue.claim import Claim, TrialSource
from dcgan.queue.study_extractor import Extractors, check_runs
from dcgan.records.run_record import RunRecord
from dcgan.runs import environment
from dcgan.runs.run import run_trial
from dcgan.runs.settling import loaded
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact, artefact_name
from dcgan.study import trials_table
from dcgan.study.outcomes import failed
from dcgan.study.plan import Plan, Trial
from dcgan.study.plan_difference import check_recipes
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import of_trial
from dcgan.tracking.mirror import Mirror, wait_until_shown
from dcgan.tracking.wandb_run import WandbOpening
from dcgan.training.events import Observer
from dcgan.training.trainer import check_batch
from dcgan.workers import disk_space

Stop = Callable[[], bool]
ObserversOf = Callable[[Trial], Sequence[Observer]]
OnEnd = Callable[[Trial, RunRecord], None]
Use = tuple[Data, Score]  # the data set and the scoring that an extractor is used for

_POLL = 1.0  # seconds between looks at the queue while other workers have the last trials


def usual_workers(plan: Plan, waiting: int) -> int:
    """One worker a core, but not more than there are trials; on a GPU one."""
    device = environment.choose_device(plan.base.compute.device)
    return 1 if device.type == "cuda" else max(1, min(environment.cores(), waiting))


def check(plan: Plan) -> dict[Data, data.Dataset]:
    """Loads the data of the arms, and returns them.

    Raises Misuse or DcganError for what would fail every trial of an arm: missing data, a batch larger than the
    training split, no labels for the extractor to learn.
    """
    datasets: dict[Data, data.Dataset] = {}
    for arm, experiment in _arms(plan).items():
        if experiment.data not in datasets:
            datasets[experiment.data] = loaded(experiment.data, torch.device("cpu"))
        dataset = datasets[experiment.data]
        try:
            check_batch(experiment, len(dataset.images["train"]))
            Scorer.check(experiment.score, dataset)
        except Misuse as error:
            raise Misuse(f"arm '{arm}': {error}") from None
    return datasets


def check_here(plan: Plan) -> None:
    """As `check`, but only if that downloads nothing."""
    if all(data.is_here(experiment.data) for experiment in _arms(plan).values()):
        check(plan)


def fingerprints(datasets: Mapping[Data, data.Dataset]) -> dict[str, str]:
    """The fingerprint of each data set, by its name, size and channels."""
    return {
        f"{images.name} ({images.size} pixels, {images.channels} channels)": dataset.fingerprint
        for images, dataset in datasets.items()
    }


def prepare(plan: Plan, extractors: Extractors) -> tuple[dict[str, str], dict[Use, Artefact]]:
    """Loads the data, and finds or makes the study's extractors; writes nothing into the study's folder.

    Returns the data's fingerprints, and the extractor of each way of scoring. Raises as `check`, and DcganError where
    the study's extractor cannot be had here or computes something else.
    """
    datasets = check(plan)
    return fingerprints(datasets), _find_extractors(plan, extractors, datasets)


def _find_extractors(plan: Plan, extractors: Extractors, datasets: Mapping[Data, data.Dataset]) -> dict[Use, Artefact]:
    uses = {(experiment.data, experiment.score): experiment for experiment in _arms(plan).values()}
    chosen = {}
    for (images, score), experiment in uses.items():
        given = extractors.find(artefact_name(score.extractor, datasets[images]))
        device = environment.choose_device(experiment.compute.device)
        scorer = Scorer.prepare(score, datasets[images], device, given)
        chosen[images, score] = given or scorer.artefact()
    return chosen


def ready(plan: Plan, extractors: Extractors) -> dict[Use, Artefact]:
    """The study's extractors, before anything is trained with them.

    Raises as `prepare`, and DcganError if runs of the study were scored with others.
    """
    check_recipes(plan)
    chosen = settle(plan, extractors)
    check_runs(plan, chosen.values())
    return chosen


def settle(plan: Plan, extractors: Extractors) -> dict[Use, Artefact]:
    """The study's extractors, loaded on this machine; the study gets this machine's where it has none yet."""
    return _settled(extractors, _find_extractors(plan, extractors, check(plan)))


def begin(queue: TrialSource, fingerprints: dict[str, str], artefacts: Mapping[Use, Artefact]) -> None:
    """Records, for all workers, with which data and extractors the study is trained.

    Raises Misuse for other data than it began with, and DcganError if runs of it were scored with other extractors.
    """
    queue.record_data(fingerprints)
    check_runs(queue.plan, _settled(queue.extractors, artefacts).values())


def _settled(extractors: Extractors, artefacts: Mapping[Use, Artefact]) -> dict[Use, Artefact]:
    """The study's extractors: those that it has already, else `artefacts` from now on."""
    return {use: extractors.settle(artefact) for use, artefact in artefacts.items()}


def _arms(plan: Plan) -> dict[str, Experiment]:
    return {trial.arm: trial.experiment for trial in plan.trials}


def work(plan: Plan, queue: TrialSource, *, threads: int, stop: Stop, observers_of: ObserversOf, on_end: OnEnd) -> None:
    """Trains the trials that wait in the queue until nothing is left or `stop`, all scored with the study's extractors.

    At the end it waits for the trials of other workers: one whose worker dies is taken over from its last checkpoint.
    If the disk is full it waits until there is space. Raises Interrupted after a stop; the current trial is requeued
    and can go on from its checkpoint.
    """
    try:
        chosen: dict[Use, Artefact] = {}
        while not stop():
            with disk_space.waited_for(plan, stop):
                chosen = chosen or ready(plan, queue.extractors)
                if not _next(queue, chosen, threads=threads, stop=stop, observers_of=observers_of, on_end=on_end):
                    if not queue.others_busy():
                        queue.collect()
                        trials_table.write(queue.plan)  # with what workers elsewhere finished meanwhile
                        return
                    time.sleep(_POLL)
    finally:
        queue.close()
        wait_until_shown()
    raise Interrupted(f"study '{plan.study}' stopped")


def _next(
    queue: TrialSource,
    chosen: Mapping[Use, Artefact],
    *,
    threads: int,
    stop: Stop,
    observers_of: ObserversOf,
    on_end: OnEnd,
) -> bool:
    """Trains the next trial; False if there was none."""
    with queue.claim() as claim:
        if claim is None:
            return False
        record = train_claimed(queue, claim, chosen, threads=threads, stop=stop, observers_of=observers_of)
    if record is not None:
        queue.collect()
        trials_table.write(queue.plan)
        on_end(claim.trial, record)
    return True


def train_claimed(
    queue: TrialSource,
    claim: Claim,
    chosen: Mapping[Use, Artefact],
    *,
    threads: int,
    stop: Stop,
    observers_of: ObserversOf,
) -> RunRecord | None:
    """Trains a claimed trial and settles it; None if it became stale meanwhile, so that another worker has it.

    Raises Interrupted after a stop and NoRoom where the disk is full; the trial is put back then.
    """
    try:
        outcome = _attempt(claim, chosen, threads, lambda: stop() or claim.lost(), observers_of)
    except Interrupted:
        if claim.lost():
            note(f"{claim.trial.arm}, seed {claim.trial.seed}: the trial became stale, and another worker has it")
            return None
        queue.release(claim)
        raise
    except NoRoom:
        queue.release(claim)
        raise
    queue.settle(claim, outcome)
    return outcome


def mirrors(plan: Plan) -> ObserversOf:
    """The observers of a worker's trials beside the run directory: W&B. The plan of a search has grown by then."""
    later = f"later: dcgan dashboard {plan.study} --wandb{wandb_settings.again()}"
    return lambda trial: [Mirror(WandbOpening(of_trial(plan.now(), trial), later))]


def _attempt(
    claim: Claim, chosen: Mapping[Use, Artefact], threads: int, stop: Stop, observers_of: ObserversOf
) -> RunRecord:
    """The run's record; a failure of any kind is this trial's outcome, and the worker goes on with the next one."""
    experiment = claim.trial.experiment
    extractor = chosen[experiment.data, experiment.score]
    if experiment.compute.threads is None:
        experiment = experiment.with_({"compute.threads": threads})
    try:
        observers = [*claim.observers, *observers_of(claim.trial)]
        asked = [claim.prune, *(observer.stopped for observer in observers if isinstance(observer, Mirror))]
        prune = lambda: next(filter(None, (reason() for reason in asked)), None)  # noqa: E731
        return run_trial(experiment, observers=observers, stop=stop, prune=prune, extractor=extractor)
    except (Interrupted, NoRoom):
        raise
    except Exception as error:  # a crash of one arm says nothing about the others
        why = " ".join(str(error).split()) or type(error).__name__
        return failed(claim.trial, without_paths(why, experiment.data))
