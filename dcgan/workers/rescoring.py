"""Scoring a study's runs again, all with its own extractor: the fix for a study whose runs were scored differently.

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
from dcgan.common.errors import DcganError, Interrupted
from dcgan.data.reading_progress import tracked
from dcgan.queue.study_extractor import Extractors
from dcgan.records.run_record import RunRecord
from dcgan.runs import environment
from dcgan.runs.evaluation import Evaluation
from dcgan.runs.run import scorer_for
from dcgan.runs.samples import load_generator
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact
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
