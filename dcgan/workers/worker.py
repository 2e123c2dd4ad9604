"""A worker: claims a trial, trains it, enters how it ended, until nothing is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

import torch

from dcgan import data
from dcgan.common.errors import Interrupted, Misuse, NoRoom
from dcgan.common.messages import note
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data, Score
from dcgan.queue.claim import Claim, Source
from dcgan.queue.study_extractor import Extractors, check_runs
from dcgan.records.run_record import RunRecord
from dcgan.runs import environment
from dcgan.runs.run import loaded, run_trial
from dcgan.runs.wandb import WandbMirror
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact, artefact_name
from dcgan.study import trials_table
from dcgan.study.outcomes import failed
from dcgan.study.plan import Plan, Trial
from dcgan.study.plan_difference import check_recipes
from dcgan.training.events import Observer
from dcgan.training.trainer import check_batch
from dcgan.workers import disk_space

Stop = Callable[[], bool]
Watch = Callable[[Trial], Sequence[Observer]]
Tell = Callable[[Trial, RunRecord], None]
Use = tuple[Data, Score]  # images, and how what is made of them is scored

_LOOK_AGAIN = 1.0  # seconds between looks at the queue while other workers have the last trials


def usual_workers(plan: Plan, waiting: int) -> int:
    """One worker a core while there are trials for them; on a GPU one."""
    device = environment.choose_device(plan.base.compute.device)
    return 1 if device.type == "cuda" else max(1, min(environment.cores(), waiting))


def check(plan: Plan) -> dict[Data, data.Dataset]:
    """Loads the data of the arms, and returns them.

    Raises Misuse or DcganError for what would fail every trial of an arm: data that are not there, a batch larger
    than the training split, no labels for the extractor to learn.
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
    """As `check`, unless data would have to be downloaded for it."""
    if all(data.is_here(experiment.data) for experiment in _arms(plan).values()):
        check(plan)


def fingerprints(datasets: Mapping[Data, data.Dataset]) -> dict[str, str]:
    """The fingerprint of each data set, by its name, size and channels."""
    return {f"{one.name} ({one.size} pixels, {one.channels} channels)": of.fingerprint for one, of in datasets.items()}


def prepare(plan: Plan, extractors: Extractors) -> tuple[dict[str, str], dict[Use, Artefact]]:
    """Loads the data and finds the study's extractors, or makes them; writes nothing in the study's folder.

    Returns the data's fingerprints, and the extractor of each way of scoring. Raises as `check`, and DcganError where
    the study's extractor cannot be had here or computes something else.
    """
    datasets = check(plan)
    return fingerprints(datasets), _scoring(plan, extractors, datasets)


def _scoring(plan: Plan, extractors: Extractors, datasets: Mapping[Data, data.Dataset]) -> dict[Use, Artefact]:
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
    """The study's extractors, loaded on this machine; one that the study has not yet is this machine's from now on."""
    return _settled(extractors, _scoring(plan, extractors, check(plan)))


def begin(queue: Source, fingerprints: dict[str, str], made: Mapping[Use, Artefact]) -> None:
    """Says, for all workers, with which data and extractors the study is trained.

    Raises Misuse for other data than it began with, and DcganError if runs of it were scored with other extractors.
    """
    queue.state_data(fingerprints)
    check_runs(queue.plan, _settled(queue.extractors, made).values())


def _settled(extractors: Extractors, made: Mapping[Use, Artefact]) -> dict[Use, Artefact]:
    """What the study's extractors are from now on: these, or those that others were quicker with."""
    return {use: extractors.settle(artefact) for use, artefact in made.items()}


def _arms(plan: Plan) -> dict[str, Experiment]:
    return {trial.arm: trial.experiment for trial in plan.trials}


def work(plan: Plan, queue: Source, *, threads: int, stop: Stop, watch: Watch, tell: Tell) -> None:
    """Trains what waits in the queue until nothing is left or `stop`, all of it scored with the study's extractors.

    Trials that other workers have are waited for: one whose worker dies is taken over from its last checkpoint. Where
    the disk is full, waits until there is room. Raises Interrupted after a stop; the trial at hand is put back and can
    go on from its checkpoint.
    """
    try:
        chosen: dict[Use, Artefact] = {}
        while not stop():
            try:
                chosen = chosen or ready(plan, queue.extractors)
                if not _next(queue, chosen, threads=threads, stop=stop, watch=watch, tell=tell):
                    if not queue.others_busy():
                        queue.collect()
                        trials_table.write(queue.plan)  # with what workers elsewhere did since this one's last trial
                        return
                    time.sleep(_LOOK_AGAIN)
            except NoRoom as error:
                note(f"{error}; going on when there is room")
                disk_space.wait(plan, stop)
    finally:
        queue.close()
    raise Interrupted(f"study '{plan.study}' stopped")


def _next(queue: Source, chosen: Mapping[Use, Artefact], *, threads: int, stop: Stop, watch: Watch, tell: Tell) -> bool:
    """Trains the next trial; whether there was one."""
    with queue.claim() as claim:
        if claim is None:
            return False
        try:
            outcome = _attempt(claim, chosen, threads, lambda: stop() or claim.lost(), watch)
        except Interrupted:
            if claim.lost():
                note(f"{claim.trial.arm}, seed {claim.trial.seed}: others took this worker for dead and have the trial")
                return True
            queue.release(claim)
            raise
        except NoRoom:
            queue.release(claim)
            raise
        queue.settle(claim, outcome)
    queue.collect()
    trials_table.write(queue.plan)
    tell(claim.trial, outcome)
    return True


def mirrors(plan: Plan) -> Watch:
    """What watches a worker's trials beside the run directory: W&B, with the study as group."""

    def of(trial: Trial) -> Sequence[Observer]:
        return [WandbMirror(group=plan.study, name=f"{trial.arm}-{trial.seed}", tags=[trial.arm])]

    return of


def _attempt(claim: Claim, chosen: Mapping[Use, Artefact], threads: int, stop: Stop, watch: Watch) -> RunRecord:
    """The run's record; a failure of any kind is an outcome of this trial, and the next one is tried."""
    experiment = claim.trial.experiment
    extractor = chosen[experiment.data, experiment.score]
    if experiment.compute.threads is None:
        experiment = experiment.with_({"compute.threads": threads})
    try:
        observers = [*claim.observers, *watch(claim.trial)]
        return run_trial(experiment, observers=observers, stop=stop, prune=claim.prune, extractor=extractor)
    except (Interrupted, NoRoom):
        raise
    except Exception as error:  # a crash of one arm says nothing about the others
        return failed(claim.trial, " ".join(str(error).split()) or type(error).__name__)
