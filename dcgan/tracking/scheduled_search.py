"""A search for wandb's own scheduler, which asks an Optuna study for combinations (experimental in wandb 0.31)."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import optuna
from optuna.study import StudyDirection

from dcgan.common.errors import Misuse
from dcgan.common.overrides import parse_words
from dcgan.study.stages import search_stages
from dcgan.sweeps import samplers, sweep
from dcgan.sweeps.designs.search import Search
from dcgan.sweeps.search_space import Axis, axes


class BudgetedSampler(samplers.PerTrialSeededSampler):
    """The sampler of `dcgan sweep`, which tells wandb's scheduler when the trials of the search are used up."""

    def __init__(self, search: Search, space: Sequence[Axis]) -> None:
        super().__init__(search, space)
        self._trials = search.trials

    def is_exhausted(self, study: optuna.Study) -> bool:
        """Whether no further trial is to be asked for; the name is the scheduler's."""
        return len(study.get_trials(deepcopy=False)) >= self._trials


def study_of(words: Sequence[str]) -> optuna.Study:
    """An empty study in memory, with the sampler and the pruner of the search that `dcgan sweep WORDS` leads.

    Raises Misuse for a sweep that does not search, and as `dcgan.sweeps.sweep.load`.
    """
    name, *changes = words
    given = sweep.load(name, parse_words(changes))
    if not search_stages.is_search(given):
        raise Misuse(f"{name}: design={given.design} does not search: there is nothing to sample")
    plan = search_stages.search_of(given)
    search = plan.design
    assert isinstance(search, Search)  # noqa: S101 - for the type checker
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.create_study(
            directions=[StudyDirection[goal.upper()] for goal in search.objectives(given.goal)],
            sampler=BudgetedSampler(search, axes(plan.sweep, plan.base)),
            pruner=samplers.pruner(search, plan.base),
        )
