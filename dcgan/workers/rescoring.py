"""Scoring runs again: a single one beside its record, or all of a study with its own extractor, which is the fix for a
study whose runs were scored differently.

A generator makes the same images from the same noise, so a run's new scores are those that it would have had. The old
scores stay in its record. Scores during the training cannot be taken again: those generators are gone.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import torch
from torch import nn

import dcgan
from dcgan import data
from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.tracked_items import tracked
from dcgan.experiment.sections import Data, Score
from dcgan.queue.study_extractor import Extractors, hashes, of_any_study
from dcgan.records.run_record import RunRecord, SplitScores
from dcgan.runs import environment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.evaluation import Evaluation
from dcgan.runs.run import scorer_for
from dcgan.runs.samples import load_generator
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact, artefact_name
from dcgan.scoring.scorer import ImageSource
from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan, Trial
from dcgan.workers.worker import Use, settle


@dataclass
class Rescored:
    """The finished runs of a study after scoring them again.

    `scored`: scored again; `already`: had the right scores before; `missing`: to be scored again, but their generators
    are not on this machine; `damaged`: their generators cannot be read, with the reason. `open`: how many trials are
    not finished.
    """

    scored: list[Trial] = field(default_factory=list)
    already: list[Trial] = field(default_factory=list)
    missing: list[Trial] = field(default_factory=list)
    damaged: dict[str, str] = field(default_factory=dict)
    open: int = 0


def score_beside(directory: RunDirectory, score: Score, images: Data) -> tuple[SplitScores, tuple[str, ...]]:
    """What a run's generator scores in that way against those images; its record stays as it is.

    If it can be, this is done with the extractor that the run's own scores were taken with. If it cannot, these scores
    do not compare with its own, and the hashes of the extractors of those are given too.
    """
    experiment, record = directory.experiment(), directory.record()
    device = environment.choose_device("auto")
    environment.repeatable(device)  # as in a trial: in other arithmetic the generator would make other images
    _, generator = load_generator(str(directory.path))
    dataset = data.load(images)
    name = artefact_name(score.extractor, dataset)
    used = hashes([record] if record else [], name)
    scorer = Scorer.prepare(score, dataset, device, of_any_study(name, used))
    asked = experiment.with_({f"score.{key}": value for key, value in score.model_dump().items()})
    judged = Evaluation(asked, scorer).at_the_end(generator.to(device))[0]
    return judged, () if judged.protocol.extractor_hash in used else tuple(used)


def rescore(plan: Plan, extractors: Extractors, result: Rescored, stop: Callable[[], bool]) -> None:
    """Scores every finished run of the plan again that was not scored under the study's protocol, and records it.

    `result` has what was done, also if this raises: as `worker.settle`, and Interrupted after `stop`. The same call
    goes on with what is left.
    """
    chosen = settle(plan, extractors)
    records = outcomes(plan)
    finished = [trial for trial in plan.trials if trial.run in records and records[trial.run].status == "finished"]
    result.open = len(plan.trials) - len(finished)
    for trial in tracked(finished, len(finished), "scoring the study's runs again"):
        if stop():
            raise Interrupted(f"scoring of study '{plan.study}' stopped; the same command goes on with the rest")
        device = environment.choose_device(trial.experiment.compute.device)
        scorer = _scorer(trial, records[trial.run], device, chosen)
        if _has_right_scores(trial, records[trial.run], scorer):
            result.already.append(trial)
        elif not trial.directory.weights.exists():
            result.missing.append(trial)
        else:
            try:
                _, generator = load_generator(str(trial.directory.path))
            except DcganError as error:
                result.damaged[trial.run] = str(error)
                continue
            _rescore(trial, scorer, generator.to(device), device, stop)
            result.scored.append(trial)


def _scorer(trial: Trial, record: RunRecord, device: torch.device, chosen: Mapping[Use, Artefact]) -> Scorer:
    """The scorer as in the trial, with the threads that the run had; it is cached for the next run."""
    experiment = trial.experiment
    environment.configure(experiment.compute, device, record)
    return scorer_for(experiment.score, experiment.data, device, chosen[experiment.data, experiment.score])


def _has_right_scores(trial: Trial, record: RunRecord, scorer: Scorer) -> bool:
    split = trial.experiment.score.split
    wanted = scorer.protocol(split, scorer.sample_count(split), ImageSource.of(trial.experiment))
    try:
        return wanted.difference(record.scored_under()) is None
    except DcganError:  # written by another version
        return False


def _rescore(
    trial: Trial, scorer: Scorer, generator: nn.Module, device: torch.device, stop: Callable[[], bool]
) -> None:
    experiment, directory = trial.experiment, trial.directory
    start = time.monotonic()
    with directory.held(stop):
        scores = Evaluation(experiment, scorer).at_the_end(generator)
        seconds = time.monotonic() - start
        where = environment.describe(device, experiment.compute)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        scored = {"at": now, "environment": where, "version": dcgan.__version__}
        if record := directory.record():
            directory.write_record(record.scored_again(scored, seconds, *scores))
