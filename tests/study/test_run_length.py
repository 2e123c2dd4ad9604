"""How long the runs of a plan are, in images and updates, and when that is little."""

from __future__ import annotations

from typing import Any

from dcgan.experiment import Experiment
from dcgan.study.run_length import FEW, run_length


def experiment(**changes: Any) -> Experiment:
    settings = {"budget.epochs": 2, "budget.images_per_epoch": 9000, "update.batch": 100, "data.size": 64}
    return Experiment().with_(settings | {key.replace("__", "."): value for key, value in changes.items()})


def test_a_short_run_is_told_to_be_one() -> None:
    short = "18,000 images a run, 180 updates of G at a batch of 100, which is little: DCGANs usually take thousands"
    assert run_length([experiment()]).words() == short
    assert not run_length([experiment(data__size=16)]).few, "the smallest images are learned in a hundred"
    assert run_length([experiment()]).to_json() == {
        "images": [18000, 18000],
        "updates": [180, 180],
        "batch": [100, 100],
        "few": True,
    }


def test_few_are_those_below_one_number() -> None:
    least = experiment(budget__epochs=1, budget__images_per_epoch=FEW * 100)
    assert run_length([least]).words() == "50,000 images a run, 500 updates of G at a batch of 100"
    assert run_length([experiment(budget__epochs=1, budget__images_per_epoch=(FEW - 1) * 100)]).few


def test_arms_that_differ_are_told_by_a_range() -> None:
    arms = [experiment(budget__epochs=10), experiment(budget__epochs=10, update__batch=50)]
    assert run_length(arms).words() == "90,000 images a run, 900 to 1,800 updates of G at a batch of 50 to 100"
    assert run_length([experiment(update__d_steps=3)]).updates == {60}
    assert run_length([experiment(update__g_steps=2)]).updates == {360}
