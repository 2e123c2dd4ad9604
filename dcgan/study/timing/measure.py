"""How long trials will take here, by a few steps of theirs: for plans of which nothing was run yet."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch

from dcgan import data
from dcgan.common.rng import stream
from dcgan.data import Dataset
from dcgan.experiment import Experiment
from dcgan.runs import environment
from dcgan.scoring.features import extract
from dcgan.study.plan import Plan
from dcgan.study.timing.estimate import cost_class
from dcgan.training.sampling import batches
from dcgan.training.trainer import Trainer

_ENOUGH = 0.3  # seconds of steps, for a rate that can be relied on
_IMAGES = 256  # generated for the rate of scoring
# Scoring is more than features: distances, neighbours, matrix roots. Whole scorings took this many times as long.
_BEYOND_FEATURES = 1.5


def seconds(plan: Plan, arms: list[str], threads: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Seconds that a trial of each of these arms takes with so many threads, scoring included; trains a few steps.

    Arms that cost the same are measured once. Without the extractor at hand (a classifier that is still to be trained,
    weights that are still to be downloaded) scoring is left out. Data that are not here make no estimate: {}.
    """
    first = {trial.arm: trial.experiment for trial in reversed(plan.trials)}
    chosen = {arm: first[arm] for arm in arms}
    if not all(data.is_here(experiment.data) for experiment in chosen.values()):
        return {}
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        return _seconds(chosen, tell)
    finally:
        torch.set_num_threads(before)


def _seconds(chosen: dict[str, Experiment], tell: Callable[[str], None]) -> dict[str, float]:
    kinds = {arm: cost_class(experiment) for arm, experiment in chosen.items()}
    distinct = len(set(kinds.values()))
    rates: dict[object, tuple[float, float]] = {}
    datasets: dict[object, Dataset] = {}
    for arm, kind in kinds.items():
        if kind in rates:
            continue
        tell(f"measuring {len(rates) + 1} of {distinct}: {arm}")
        experiment = chosen[arm]
        device = environment.choose_device(experiment.compute.device)
        environment.repeatable(device)  # as in a trial: it takes its time
        if experiment.data not in datasets:
            datasets[experiment.data] = data.load(experiment.data).to(device)
        dataset = datasets[experiment.data]
        trainer = Trainer(experiment, dataset.images["train"])
        rates[kind] = _per_image(trainer, device), _per_feature(trainer, experiment, dataset, device)
    return {arm: _whole(chosen[arm], *rates[kind], datasets[chosen[arm].data]) for arm, kind in kinds.items()}


def _whole(experiment: Experiment, per_image: float, per_feature: float, dataset: Dataset) -> float:
    first = experiment.pretrain
    extra = first.images * first.epochs + first.warmup_images if first.images else 0
    score = experiment.score
    if score.extractor == "none":
        return per_image * (experiment.budget.images + extra)
    size = {split: min(score.samples or 10_000, len(dataset.images[split])) for split in ("validation", score.split)}
    period = experiment.score_period
    looks = 2 + experiment.budget.images // period if period else 0
    drawn = looks * size["validation"] + (score.repeats + 1) * size[score.split]
    return per_image * (experiment.budget.images + extra) + per_feature * drawn * _BEYOND_FEATURES


def _per_image(trainer: Trainer, device: torch.device) -> float:
    """Seconds a real image in adversarial training, after a step to warm up; that step alone, where it is slow."""
    warm = _timed(trainer.step, device)
    seen, spent = trainer.seen, 0.0
    if warm > 4 * _ENOUGH:
        return warm / seen
    while spent < _ENOUGH:
        spent += _timed(trainer.step, device)
    return spent / (trainer.seen - seen)


def _per_feature(trainer: Trainer, experiment: Experiment, dataset: Dataset, device: torch.device) -> float:
    """Seconds a generated image that is scored; 0 where the extractor is not here."""
    from dcgan.scoring.extractors import extractor, is_here

    if experiment.score.extractor == "none" or not is_here(experiment.score.extractor, dataset):
        return 0.0
    chosen = extractor(experiment.score.extractor, dataset)

    def take(count: int) -> None:
        generated = batches(trainer.players.evaluation_generator, experiment.latent, count, stream(0, "probe"))
        extract(generated, count, chosen, device, "features")

    few = _timed(lambda: take(16), device)
    return few / 16 if few > 4 * _ENOUGH else _timed(lambda: take(_IMAGES), device) / _IMAGES


def _timed(work: Callable[[], None], device: torch.device) -> float:
    began = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter() - began
