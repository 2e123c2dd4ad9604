"""Scoring a study's runs again, all under its own extractor: what mends a study whose runs were scored differently.

A generator makes the same images from the same noise, so a run's new scores are what it would have had. What they
replace stays in its record. Scores along the way cannot be taken again: those generators are gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dcgan import environment
from dcgan.data.progress import tracked
from dcgan.errors import Interrupted
from dcgan.evaluation import Evaluation, as_recorded
from dcgan.gallery import load_generator
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact
from dcgan.study.extractors import Extractors
from dcgan.study.outcome import outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.study.worker import Use, settle
from dcgan.trial import loaded


@dataclass
class Rescored:
    """The trials that were scored again, and those whose generators are not on this machine."""

    scored: list[Trial] = field(default_factory=list)
    missing: list[Trial] = field(default_factory=list)


def rescore(plan: Plan, extractors: Extractors, stop: Callable[[], bool]) -> Rescored:
    """Scores every finished run of the plan again whose generator is here, and records it.

    Raises as `worker.ready`, DcganError for a damaged generator, and Interrupted after `stop`; what is done stays.
    """
    chosen = settle(plan, extractors)
    told = Rescored()
    finished = [trial for trial in plan.trials if (outcome_of(trial) or {}).get("status") == "finished"]
    for trial in tracked(finished, len(finished), "scoring the study's runs again"):
        if stop():
            raise Interrupted(f"scoring of study '{plan.study}' stopped; type the same command again")
        if not trial.directory.weights.exists():
            told.missing.append(trial)
            continue
        _rescore(trial, chosen, stop)
        told.scored.append(trial)
    return told


def _rescore(trial: Trial, chosen: Mapping[Use, Artefact], stop: Callable[[], bool]) -> None:
    experiment, directory = trial.experiment, trial.directory
    device = environment.choose_device(experiment.compute.device)
    environment.repeatable(device)
    given = chosen[experiment.data, experiment.score]
    scorer = Scorer.prepare(experiment.score, loaded(experiment.data, device), device, given)
    began = time.monotonic()
    _, generator = load_generator(str(directory.path))
    with directory.held(stop):
        judged = Evaluation(experiment, scorer).at_the_end(generator.to(device))
        record = directory.record() or {}
        directory.write_record(_replaced(record, as_recorded(judged), time.monotonic() - began))


def _replaced(record: Mapping[str, Any], new: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """The record with new scores, and the old ones beside them."""
    old = {key: record.get(key) for key in ("scores", "protocol", "curve")}
    earlier = [*record.get("earlier_scores", ()), old]
    same = old["protocol"] and old["protocol"].get("extractor_hash") == new["protocol"]["extractor_hash"]
    return {
        **record,
        **new,
        "curve": record.get("curve") if same else None,
        "scoring_seconds": record.get("scoring_seconds", 0.0) + seconds,
        "earlier_scores": earlier,
    }
