"""A worker: claims a trial, trains it, enters how it ended, until nothing is left."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence

from dcgan import data, environment
from dcgan.errors import Interrupted, Misuse, NoRoom, note
from dcgan.experiment import Experiment
from dcgan.scoring import Scorer
from dcgan.sections import Data
from dcgan.study import room, table
from dcgan.study.outcome import Outcome
from dcgan.study.plan import Plan, Trial
from dcgan.study.queue.claim import Claim, Source
from dcgan.tracking.wandb import WandbMirror
from dcgan.training.events import Observer
from dcgan.training.trainer import check_batch
from dcgan.trial import run_trial

Stop = Callable[[], bool]
Watch = Callable[[Trial], Sequence[Observer]]
Tell = Callable[[Trial, Outcome], None]

_LOOK_AGAIN = 1.0  # seconds between looks at the queue while other workers have the last trials


def cores() -> int:
    """The processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def usual_workers(plan: Plan, waiting: int) -> int:
    """One worker a core while there are trials for them; on a GPU one."""
    device = environment.choose_device(plan.base.compute.device)
    return 1 if device.type == "cuda" else max(1, min(cores(), waiting))


def check(plan: Plan) -> dict[Data, data.Dataset]:
    """Loads the data of the arms, and returns them.

    Raises Misuse or DcganError for what would fail every trial of an arm: data that are not there, a batch larger
    than the training split, no labels for the extractor to learn.
    """
    datasets: dict[Data, data.Dataset] = {}
    for arm, experiment in _arms(plan).items():
        if experiment.data not in datasets:
            datasets[experiment.data] = data.load(experiment.data)
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


def prepare(plan: Plan) -> dict[str, str]:
    """Loads the data and trains the extractor once, so that the workers find them in the cache.

    Returns the data's fingerprints. Raises as `check`.
    """
    datasets = check(plan)
    uses = {(experiment.data, experiment.score): experiment for experiment in _arms(plan).values()}
    for (chosen, score), experiment in uses.items():
        Scorer.prepare(score, datasets[chosen], environment.choose_device(experiment.compute.device))
    return fingerprints(datasets)


def _arms(plan: Plan) -> dict[str, Experiment]:
    return {trial.arm: trial.experiment for trial in plan.trials}


def work(plan: Plan, queue: Source, *, threads: int, stop: Stop, watch: Watch, tell: Tell) -> None:
    """Trains what waits in the queue until nothing is left or `stop`.

    Trials that other workers have are waited for: one whose worker dies is taken over from its last checkpoint. Where
    the disk is full, waits until there is room. Raises Interrupted after a stop; the trial at hand is put back and can
    go on from its checkpoint.
    """
    try:
        while not stop():
            try:
                if not _next(queue, threads=threads, stop=stop, watch=watch, tell=tell):
                    if not queue.others_busy():
                        return
                    time.sleep(_LOOK_AGAIN)
            except NoRoom as error:
                note(f"{error}; going on when there is room")
                room.wait(plan, stop)
    finally:
        queue.close()
    raise Interrupted(f"study '{plan.study}' stopped")


def _next(queue: Source, *, threads: int, stop: Stop, watch: Watch, tell: Tell) -> bool:
    """Trains the next trial; whether there was one."""
    with queue.claim() as claim:
        if claim is None:
            return False
        try:
            outcome = _attempt(claim, threads, lambda: stop() or claim.lost(), watch)
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
    table.write(queue.plan)
    tell(claim.trial, outcome)
    return True


def mirrors(plan: Plan) -> Watch:
    """What watches a worker's trials beside the run directory: W&B, with the study as group."""

    def of(trial: Trial) -> Sequence[Observer]:
        return [WandbMirror(group=plan.study, name=f"{trial.arm}-{trial.seed}", tags=[trial.arm])]

    return of


def _attempt(claim: Claim, threads: int, stop: Stop, watch: Watch) -> Outcome:
    """The run's record; a failure of any kind is an outcome of this trial, and the next one is tried."""
    experiment = claim.trial.experiment
    if experiment.compute.threads is None:
        experiment = experiment.with_({"compute.threads": threads})
    try:
        return run_trial(experiment, observers=[*claim.observers, *watch(claim.trial)], stop=stop, prune=claim.prune)
    except (Interrupted, NoRoom):
        raise
    except Exception as error:  # a crash of one arm says nothing about the others
        return {"status": "failed", "failure": " ".join(str(error).split()) or type(error).__name__}
