"""The sweeps that travel with the program can be run as they are."""

from __future__ import annotations

import re
from pathlib import Path

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


@pytest.mark.parametrize("file", sorted([*paths.named("sweeps").values(), *paths.named("experiments").values()]))
def test_every_file_says_first_what_it_is_for_and_how_it_is_run(file: Path) -> None:
    head = re.match(r"(#.*\n)+", file.read_text(encoding="utf-8"))
    assert head is not None
    assert re.search(rf"^#     dcgan (sweep|train) {file.stem}\b", head[0], re.M)
    assert re.search(r"\d (s|min|hours?)\b|Not yet run", head[0])


ARTICLE = [name for name in TIPS if TIPS[name].common]


HAS = {"batch_norm", "leaky_relu", "mini_batch", "d_first"}  # the tips that the experiments of studies have


@pytest.mark.parametrize(
    ("name", "arms"),
    [
        ("mnist-tips", [f"without-{name}" if name in HAS else name for name in ARTICLE]),
        ("mnist-leave-one-out", [f"without-{name}" for name in ARTICLE]),
    ],
)
def test_the_mnist_studies_compare_every_tip_on_ten_seeds(name: str, arms: list[str]) -> None:
    made = plan.make(sweep.load(name))
    assert [arm.name for arm in made.arms] == ["baseline", *arms]
    assert len(made.sweep.seeds) == 10


def test_the_screen_has_the_tips_of_the_other_studies_on_networks_of_theirs() -> None:
    screen, alone = plan.make(sweep.load("mnist-screen")), plan.make(sweep.load("mnist-tips"))
    assert screen.base.id == alone.base.id
    assert [factor.name for factor in screen.factors] == [factor.name for factor in alone.factors] == ARTICLE


SHORT = {"budget.epochs": 4, "budget.images_per_epoch": 5000, "score.samples": 5000, "score.repeats": 1}
STUDIED = {"compute.precision": "bf16", "score.every_epochs": 0}


def test_the_best_recipe_and_what_it_is_held_against_are_the_experiments_of_their_names() -> None:
    arms = plan.make(sweep.load("mnist-best")).experiments
    for arm, name, changes in (
        ("baseline", "mnist", SHORT),
        ("mnist-small", "mnist-small", {}),
        ("mnist-best", "mnist-best", {}),
    ):
        assert arms[arm].id == load(name, {**changes, **STUDIED}).with_seed(arms[arm].seed).id
    assert not set(plan.make(sweep.load("mnist-best")).seeds) & set(plan.make(sweep.load("mnist-tips")).seeds)


def test_the_demo_switches_every_tip_of_a_usual_dcgan() -> None:
    made = plan.make(sweep.load("demo"))
    assert [arm.name for arm in made.arms] == [
        "baseline",
        *(f"without-{name}" if name in HAS else name for name in ARTICLE),
    ]
    baseline = made.trials[[trial.arm for trial in made.trials].index("baseline")].experiment
    usual = {"generator.init": "dcgan", "discriminator.init": "dcgan", "budget.epochs": 2, "score.every_epochs": 1}
    own = load("digits", usual)
    assert baseline.id == own.with_seed(baseline.seed).id
    assert len(made.sweep.seeds) == 8
