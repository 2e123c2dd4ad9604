"""The sweeps that travel with the program can be run as they are."""

from __future__ import annotations

import pytest

from dcgan.common import paths
from dcgan.experiment import load
from dcgan.study import plan
from dcgan.sweeps import sweep
from dcgan.tips import TIPS


@pytest.mark.parametrize("name", sorted(paths.named("sweeps")))
def test_every_sweep_can_be_planned_and_is_named_by_its_file(name: str) -> None:
    made = plan.make(sweep.load(name))
    assert made.study == name
    assert made.arms


ARTICLE = [name for name in TIPS if TIPS[name].common]


def test_the_mnist_study_compares_every_tip_with_none() -> None:
    made = plan.make(sweep.load("mnist-tips"))
    assert [arm.name for arm in made.arms] == ["bare", *ARTICLE]
    assert len(made.sweep.seeds) >= 3


def test_the_demo_switches_every_tip_of_a_usual_dcgan() -> None:
    made = plan.make(sweep.load("demo"))
    off = {"batch_norm", "leaky_relu", "mini_batch", "d_first"}  # what the experiment has
    assert [arm.name for arm in made.arms] == [
        "baseline",
        *(f"without-{name}" if name in off else name for name in ARTICLE),
    ]
    baseline = made.trials[[trial.arm for trial in made.trials].index("baseline")].experiment
    usual = {"generator.init": "dcgan", "discriminator.init": "dcgan", "budget.epochs": 2, "score.every_epochs": 1}
    own = load("digits", usual)
    assert baseline.id == own.with_seed(baseline.seed).id
    assert len(made.sweep.seeds) == 8
