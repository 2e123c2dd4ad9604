"""The outlook of a search: what it may try, how many trials that and its confirmation take, and how long."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcgan.experiment import load as load_experiment
from dcgan.statistics.resolution import Planned, detectable, sentence, warning
from dcgan.study.outlook import arm_costs
from dcgan.study.plan import Plan
from dcgan.sweeps.designs.search import Search
from dcgan.sweeps.factors import RangeFactor
from dcgan.sweeps.sweep import Sweep


@dataclass(frozen=True)
class SearchOutlook:
    """What a sweep's search and its confirmation are to be, for so many workers.

    `seconds` is what both take if every combination takes as long as the baseline; None where the data are not here.
    """

    sweep: Sweep
    plan: Plan  # of the search
    workers: int
    seconds: float | None

    @property
    def search(self) -> Search:
        """Its settings."""
        return settings_of(self.plan)

    @property
    def confirmation(self) -> int:
        """How many trials the confirmation takes."""
        return confirmation_trials(self.sweep, self.search)

    @property
    def confirmation_split(self) -> str:
        """The split that the confirmation is judged against."""
        return load_experiment(self.sweep.experiment, self.sweep.set).score.split

    @property
    def space(self) -> Mapping[str, str]:
        """Each factor with what the search draws for it, the baseline's level first."""
        drawn = {}
        for given, factor in zip(self.plan.sweep.factors, self.plan.factors, strict=True):
            if isinstance(given, RangeFactor):
                low, high = given.range
                drawn[factor.name] = f"{factor.start}; {low} to {high}{', by order of magnitude' * given.log}"
            else:
                drawn[factor.name] = ", ".join([factor.start, *factor.others])
        return drawn

    def to_json(self) -> dict[str, Any]:
        """It with what the confirmation's seeds can resolve."""
        sweep, plan, search = self.sweep, self.plan, self.search
        looks = None if sweep.stop is None else sweep.stop.looks(len(sweep.seeds))
        compared = Planned(len(sweep.all_seeds), search.confirm, looks=looks)
        return {
            "study": sweep.study,
            "search": {
                "study": plan.study,
                **search.model_dump(mode="json"),
                "own_seeds": list(search.own_seeds),
                "space": dict(self.space),
            },
            "planned": plan.expected + self.confirmation,
            "trials": {"search": plan.expected, "confirmation": self.confirmation},
            "seeds": compared.seeds,
            "scale": sweep.scale,
            "workers": self.workers,
            "seconds": self.seconds,
            "resolvable_in_sd": detectable(compared),
            "resolution": sentence(compared, None, sweep.metric, sweep.scale),
            "warning": warning(compared),
        }


def look_ahead_of_search(sweep: Sweep, plan: Plan, workers: int) -> SearchOutlook:
    """The outlook of a sweep whose search is `plan`; trains a few steps of the baseline if it was never measured."""
    trials = plan.expected + confirmation_trials(sweep, settings_of(plan))
    cost = arm_costs(plan, workers).get(plan.baseline)
    return SearchOutlook(sweep, plan, workers, None if cost is None else cost * trials / workers)


def confirmation_trials(sweep: Sweep, search: Search) -> int:
    """How many trials confirm the best combinations: theirs and the baseline's, on the sweep's seeds."""
    return (1 + search.confirm) * len(sweep.all_seeds)


def settings_of(plan: Plan) -> Search:
    """The settings of a plan that is a search's."""
    assert isinstance(plan.design, Search)  # noqa: S101 - the callers ask first
    return plan.design
