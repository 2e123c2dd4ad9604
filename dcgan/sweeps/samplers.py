"""Optuna's samplers and pruners by name, seeded so that the same search samples the same combinations."""

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


class PerTrialSeededSampler(BaseSampler):
    """Sampler that samples each trial with a new sampler, seeded by the search's seed and the trial's number.

    An Optuna sampler with a seed has one stream of random numbers a process: the stream begins again when a search is
    resumed, and is the same in all of its workers. Seeded by the trial's number, the parameters of a trial depend only
    on the trials before it. Trial 0 gets the values of the baseline.

    Example:
        A search that is resumed by another process samples what it would have sampled without the interruption::

            space = axes(sweep, experiment)
            distributions = {axis.name: axis.distribution for axis in space}
            for _ in range(2):  # as two processes, one after the other
                study = optuna.create_study(
                    sampler=PerTrialSeededSampler(search, space),
                    storage=storage,
                    study_name="search",
                    load_if_exists=True,
                )
                trial = study.ask(fixed_distributions=distributions)

    Args:
        search: The sampler's name, and the seed.
        space: The factors of the search: their distributions, and their values in the baseline.
    """

    def __init__(self, search: Search, space: Sequence[Axis]) -> None:
        self._search = search
        self._space = {axis.name: axis for axis in space}
        self._sampler: BaseSampler = optuna.samplers.RandomSampler(seed=0)

    def before_trial(self, study: optuna.Study, trial: FrozenTrial) -> None:
        """Makes the sampler of this trial."""
        self._sampler = _sampler(self._search, _seed(self._search.seed, trial.number))
        self._sampler.before_trial(study, trial)

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """The factors that are sampled together: all of them for the baseline."""
        if trial.number == 0:
            return {axis.name: axis.distribution for axis in self._space.values()}
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(
        self, study: optuna.Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """The values of the factors that are sampled together."""
        sampled = self._sampler.sample_relative(study, trial, {} if trial.number == 0 else search_space)
        return {name: axis.start for name, axis in self._space.items()} if trial.number == 0 else sampled

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The value of a factor that is sampled by itself."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)

    def after_trial(
        self, study: optuna.Study, trial: FrozenTrial, state: TrialState, values: Sequence[float] | None
    ) -> None:
        """Lets the trial's sampler store what it needs for later trials."""
        self._sampler.after_trial(study, trial, state, values)


def pruner(search: Search, experiment: Experiment) -> BasePruner:
    """The pruner of a search. Steps are images of all seeds in turn, or for `wilcoxon` the seeds."""
    if search.pruner == "median":
        return optuna.pruners.MedianPruner()
    if search.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(experiment.score_period, search.seeds * experiment.budget.images, 3)
    if search.pruner == "wilcoxon":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            return optuna.pruners.WilcoxonPruner()
    return optuna.pruners.NopPruner()


def check(search: Search, space: Sequence[Axis], experiment: Experiment, metric: str) -> None:
    """Raises Misuse for a sampler that cannot draw from that space, or a pruner that would see no scores."""
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
                f"pruner={search.pruner} judges during the training, where metric={metric} is not taken: "
                f"use one of {', '.join(CORE_METRICS)}"
            )
        if not experiment.score_period:
            raise Misuse(
                f"pruner={search.pruner} judges by the scores during the training, and there are none: "
                "set score.every_epochs=1"
            )
        if experiment.score_period >= experiment.budget.images:
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
        # With Optuna's default of 50, half of a usual search would be sampled at random.
        return optuna.samplers.NSGAIISampler(seed=seed, population_size=max(4, min(50, search.trials // 5)))
    return optuna.samplers.RandomSampler(seed=seed)


def _seed(seed: int, number: int) -> int:
    digest = hashlib.sha256(f"search/{seed}/{number}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
