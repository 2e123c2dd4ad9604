"""Optuna's samplers and pruners by name, seeded so that the same search asks the same combinations."""

from __future__ import annotations

import hashlib
import importlib.util
import warnings
from collections.abc import Sequence
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.pruners import BasePruner
from optuna.samplers import BaseSampler
from optuna.trial import FrozenTrial, TrialState

from dcgan.common.errors import Misuse
from dcgan.common.metrics import CORE_METRICS
from dcgan.experiment import Experiment
from dcgan.sweeps.designs.search import INTERMEDIATE_PRUNERS, Search
from dcgan.sweeps.search_space import Axis


class Anew(BaseSampler):
    """A sampler that is made anew for every trial, seeded by the trial's number.

    A process's own chain of random numbers would begin again when a search goes on, and be the same in all of its
    workers. Trial 0 is the baseline.
    """

    def __init__(self, search: Search, space: Sequence[Axis]) -> None:
        self._search = search
        self._space = {axis.name: axis for axis in space}
        self._inner: BaseSampler = optuna.samplers.RandomSampler(seed=0)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """See BaseSampler."""
        self._inner = _sampler(self._search, _seed(self._search.seed, trial.number))
        self._inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """See BaseSampler."""
        if trial.number == 0:
            return {axis.name: axis.distribution for axis in self._space.values()}
        return self._inner.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """See BaseSampler."""
        drawn = self._inner.sample_relative(study, trial, {} if trial.number == 0 else search_space)
        return {name: axis.start for name, axis in self._space.items()} if trial.number == 0 else drawn

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """See BaseSampler."""
        return self._inner.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """See BaseSampler."""
        self._inner.after_trial(study, trial, state, values)


def pruner(search: Search, experiment: Experiment) -> BasePruner:
    """The pruner of a search. Steps are images of all seeds in turn, or for `wilcoxon` the seeds."""
    if search.pruner == "median":
        return optuna.pruners.MedianPruner()
    if search.pruner == "hyperband":
        first = experiment.score.every_epochs * experiment.budget.images_per_epoch
        return optuna.pruners.HyperbandPruner(first, search.seeds * experiment.budget.images, 3)
    if search.pruner == "wilcoxon":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.pruners.WilcoxonPruner()
    return optuna.pruners.NopPruner()


def check(search: Search, space: Sequence[Axis], experiment: Experiment, metric: str) -> None:
    """Raises Misuse for a sampler that cannot draw from that space, or a pruner that would see nothing to judge by."""
    if search.sampler == "cmaes":
        numbers = [axis.name for axis in space if not isinstance(axis.distribution, CategoricalDistribution)]
        if len(numbers) < 2:
            raise Misuse(
                f"sampler=cmaes needs two factors or more with ranges of numbers, and this sweep has {len(numbers)}: "
                "give ranges, or use sampler=tpe"
            )
        if importlib.util.find_spec("cmaes") is None:
            raise Misuse("sampler=cmaes needs the package cmaes: pip install -e '.[search]' in the clone")
    if search.pruner in INTERMEDIATE_PRUNERS:
        if metric not in CORE_METRICS:
            raise Misuse(
                f"pruner={search.pruner} judges along the training, where metric={metric} is not taken: "
                f"use one of {', '.join(CORE_METRICS)}"
            )
        if not experiment.score.every_epochs:
            raise Misuse(
                f"pruner={search.pruner} judges by the scores along the training, and there are none: "
                "set score.every_epochs=1"
            )
        if experiment.score.every_epochs >= experiment.budget.epochs:
            raise Misuse(
                f"pruner={search.pruner}: the first score (score.every_epochs={experiment.score.every_epochs}) is "
                f"after all of budget.epochs={experiment.budget.epochs}: give a smaller score.every_epochs"
            )


def _sampler(search: Search, seed: int) -> BaseSampler:
    if search.sampler == "tpe":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.samplers.TPESampler(seed=seed, multivariate=True, constant_liar=True)
    if search.sampler == "cmaes":
        return optuna.samplers.CmaEsSampler(seed=seed, warn_independent_sampling=False)
    if search.sampler == "nsga2":
        # Optuna's 50 would be half of a usual search drawn by chance alone.
        return optuna.samplers.NSGAIISampler(seed=seed, population_size=max(4, min(50, search.trials // 5)))
    return optuna.samplers.RandomSampler(seed=seed)


def _seed(seed: int, number: int) -> int:
    digest = hashlib.sha256(f"search/{seed}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
