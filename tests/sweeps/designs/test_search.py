"""The search as a design: its settings, its own seeds, and the baseline that it begins with."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.sweeps.designs import read_design
from dcgan.sweeps.designs.search import FIRST_SEED, Search
from tests.sweeps.designs.lettered import tips


def _search(**settings: Any) -> Search:
    made = read_design({"search": {"trials": 12, **settings}})
    assert isinstance(made, Search)
    return made


def test_it_begins_with_the_baseline_alone() -> None:
    (arm,) = _search().arms(tips("bare"), "bare")
    assert (arm.name, dict(arm.levels)) == ("s000", {"he_init": "off", "batch_norm": "off"})


def test_its_seeds_are_far_from_those_that_people_report() -> None:
    assert _search(seeds=3).own_seeds == (FIRST_SEED, FIRST_SEED + 1, FIRST_SEED + 2)
    assert _search(seed=7).own_seeds == _search().own_seeds, "the sampler's seed is another one"


def test_nsga2_weighs_the_training_time_too() -> None:
    assert _search().objectives("maximize") == ["maximize"]
    assert _search(sampler="nsga2").objectives("maximize") == ["maximize", "minimize"]


def test_it_says_what_it_does() -> None:
    assert str(_search(pruner="median")) == "search (sampler tpe, pruner median, 1 seed each, sampler's seed 0)"
    assert (
        str(_search(seeds=5, seed=3, pruner=None))
        == "search (sampler tpe, pruner none, 5 seeds each, sampler's seed 3)"
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sampler": "tpee"}, "no such sampler; did you mean 'tpe'?"),
        ({"pruner": "medain"}, "no such pruner; did you mean 'median'?"),
        ({"sampler": "nsga2", "pruner": "median"}, "pruner=median judges by one number, and sampler=nsga2 weighs two"),
        ({"pruner": "wilcoxon", "seeds": 4}, "can decide nothing before the last of 4 seeds: give seeds=5 or more"),
        ({"confirm": 12}, "confirm=12: a search of 12 trials has fewer beside the baseline"),
        ({"trials": 1, "confirm": 1}, "trials"),
        ({"trials": 400, "seeds": 10**9}, "are 400,000,000,000 runs, and 100,000 are the most"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse) as refusal:
        _search(**settings)
    assert message in str(refusal.value) and "\n" not in str(refusal.value)
