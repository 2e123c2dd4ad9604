"""Any two tips go together: each pair of levels trains to finite numbers, or is refused at once with a reason.

Everything here is generated from the catalogue and the sections: a level or a choice that is added is paired with all
the others without a line being written. Pairs that come to the same experiment are trained once.
"""

from __future__ import annotations

import itertools
from typing import Any, get_args

import pytest
from torch import Tensor

from dcgan import data
from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment, keys
from dcgan.experiment.sections import ADVERSARIAL_LOSSES, DiscriminatorSettings, Objective
from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.tips import TIPS, apply
from dcgan.training.trainer import Trainer
from tests.conftest import tiny_experiment

# Every level fits it: an epoch, the largest batch, holds packs of four and five steps of D, and is shorter than warm-up.
BASE = tiny_experiment().with_(
    {
        "update.batch": 8,
        "budget": {"epochs": 12, "images_per_epoch": 48},
        "generator.width": 4,
        "discriminator.width": 4,
    }
)
UPDATES = 10  # of D
LEVELS = [(tip.name, level) for tip in TIPS.values() for level in tip.levels if level != "off"]
ON = [(name, level) for name, level in LEVELS if level == "on"]

# SGD's step is as long as the gradient, and a lazy penalty's comes four times as long: with BatchNorm in D the first
# moves the weights by several times their own size. What keeps each step short enough:
UNSTABLE = {(("gradient_penalty", "lazy"), ("optimizer", "sgd")): {"optimizer.discriminator.lr": 0.001}}

Pair = tuple[tuple[str, str], tuple[str, str]]


def partners(levels: list[tuple[str, str]]) -> dict[tuple[str, str], list[Pair]]:
    """Every pair of levels of different tips, once, by its first."""
    pairs = [pair for pair in itertools.combinations(levels, 2) if pair[0][0] != pair[1][0]]
    return {first: list(those) for first, those in itertools.groupby(pairs, lambda pair: pair[0])}


@pytest.fixture(scope="module")
def images() -> Tensor:
    return data.load(BASE.data).images["train"]


@pytest.fixture(scope="module")
def known() -> dict[str, str | None]:
    """What became of an experiment, by its id."""
    return {}


def outcome(experiment: Experiment, images: Tensor, updates: int = UPDATES) -> str | None:
    """What went wrong in so many updates of D, if anything; a large batch gets the budget for them."""
    epochs = -(-updates * experiment.update.batch // experiment.budget.images_per_epoch)
    experiment = experiment.with_({"budget.epochs": max(epochs, experiment.budget.epochs)})
    trainer = Trainer(experiment, images)
    trainer.prepare(lambda: False)
    for _ in range(updates // experiment.update.d_steps):
        trainer.step()
    return trainer.divergence(trainer.read())


def finite_or_refused(pairs: list[Pair], base: Experiment, images: Tensor, known: dict[str, str | None]) -> None:
    failures, trained = {}, 0
    for pair in pairs:
        try:
            experiment = apply(base, dict(pair))
        except Misuse as refusal:
            if not any(f"{key}=" in str(refusal) for key in keys()):
                failures[pair] = f"refused without a reason: {refusal}"
            continue
        trained += 1
        if experiment.id not in known:
            known[experiment.id] = outcome(experiment, images)
        if known[experiment.id] and pair not in UNSTABLE:
            failures[pair] = str(known[experiment.id])
    assert not failures
    assert trained > 0.8 * len(pairs)


@pytest.mark.slow
@pytest.mark.parametrize("first", partners(LEVELS), ids=":".join)
def test_every_pair_of_levels_trains_or_is_refused(
    images: Tensor, known: dict[str, str | None], first: tuple[str, str]
) -> None:
    finite_or_refused(partners(LEVELS)[first], BASE, images, known)


@pytest.mark.slow
@pytest.mark.parametrize("first", partners(ON), ids=":".join)
def test_every_pair_of_tips_trains_in_bf16(
    images: Tensor, known: dict[str, str | None], first: tuple[str, str]
) -> None:
    finite_or_refused(partners(ON)[first], BASE.with_({"compute.precision": "bf16"}), images, known)


@pytest.mark.parametrize("pair", UNSTABLE)
def test_an_unstable_pair_is_told_and_a_lower_rate_cures_it(images: Tensor, pair: Pair) -> None:
    experiment = apply(BASE, dict(pair))
    assert "nan" in str(outcome(experiment, images, updates=20))
    assert outcome(experiment.with_(UNSTABLE[pair]), images, updates=20) is None


def test_nearly_every_pair_is_possible() -> None:
    """Levels exclude each other that want different values of one key, or what the loss of one has not got."""
    refused = []
    pairs = [pair for those in partners(LEVELS).values() for pair in those]
    for pair in pairs:
        try:
            apply(BASE, dict(pair))
        except Misuse as refusal:
            refused.append(str(refusal))
    assert refused
    lacking = {f"objective.loss={name} has none" for name in ADVERSARIAL_LOSSES}
    assert all(any(cause in reason for cause in (" want ", *lacking)) for reason in refused)
    assert len(pairs) > 1000
    assert len(refused) < 0.02 * len(pairs)


def choices(section: type[Any], name: str) -> tuple[str, ...]:
    """The values that a setting offers."""
    offered: tuple[str, ...] = get_args(section.model_fields[name].annotation)
    return offered


GRID = list(
    itertools.product(choices(DiscriminatorSettings, "architecture"), choices(DiscriminatorSettings, "normalisation"))
)
GRID = [
    kind for kind in GRID if kind[1] != "instance" or ARCHITECTURE_KINDS[kind[0]].deepest
]  # else it has no positions
# What reads D's output, its gradient or its features, all at once.
READERS = (
    "gradient_penalty", "virtual_adversarial", "feature_matching", "dropout", "minibatch_stddev", "packing", "diffaugment",
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("tips", [(), READERS], ids=["alone", "with_all_that_reads_d"])
@pytest.mark.parametrize(("architecture", "normalisation"), GRID)
def test_every_network_trains_with_every_head_and_loss(
    images: Tensor, architecture: str, normalisation: str, tips: tuple[str, ...]
) -> None:
    failures, trained = {}, 0
    network = {"architecture": architecture, "normalisation": normalisation}
    for head, loss in itertools.product(choices(DiscriminatorSettings, "head"), choices(Objective, "loss")):
        changes = {
            **{f"{player}.{key}": value for player in ("generator", "discriminator") for key, value in network.items()},
            "discriminator.head": head,
            "objective.loss": loss,
        }
        try:
            experiment = apply(BASE.with_(changes), dict.fromkeys(tips, "on"))
        except Misuse as refusal:
            wanted = f"discriminator.head={head} gives probabilities", "virtual_adversarial.weight=1 compares probabil"
            if not any(reason in str(refusal) for reason in wanted):
                failures[head, loss] = str(refusal)
            continue
        trained += 1
        if trouble := outcome(experiment, images, updates=5):
            failures[head, loss] = trouble
    assert not failures
    any_head = sum(loss.cross_entropy for loss in ADVERSARIAL_LOSSES.values())
    one_head = 0 if tips else len(ADVERSARIAL_LOSSES) - any_head
    assert trained == any_head * len(choices(DiscriminatorSettings, "head")) + one_head
