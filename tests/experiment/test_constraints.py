"""What does not go together: each rule is silent up to its boundary, and beyond it says in one line what to change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.common.overrides import nest
from dcgan.experiment import Experiment
from dcgan.experiment.constraints import _RULES
from dcgan.experiment.description import PLAYERS, Description
from dcgan.experiment.sections import ADVERSARIAL_LOSSES
from dcgan.tips import apply
from dcgan.tips.tip import both


@dataclass(frozen=True)
class Boundary:
    """`within` is allowed and `beyond` refused by `rule`, naming `told` (KEY=VALUE, both sides) and ending in `advice`."""

    rule: str
    within: dict[str, Any]
    beyond: dict[str, Any]
    told: tuple[str, str]
    advice: str
    given: dict[str, Any] = field(default_factory=dict)  # in both

    def __str__(self) -> str:
        return ",".join(f"{key}={value}" for key, value in {**self.given, **self.beyond}.items())


_SPENT = {"budget.epochs": 2, "budget.images_per_epoch": 200}
_CROSS_ENTROPY = "objective.loss=non_saturating or minimax"
_NO_PROBABILITY = [name for name, loss in ADVERSARIAL_LOSSES.items() if not loss.cross_entropy]
_NO_TARGET = [name for name, loss in ADVERSARIAL_LOSSES.items() if not loss.smoothable]

BOUNDARIES = [
    *(Boundary("_simultaneous_steps", {f"update.{key}": 1}, {f"update.{key}": 2},
               (f"update.{key}=2", "update.order=d_first"), "simultaneous players step once each",
               {"update.order": "simultaneous"})
      for key in ("d_steps", "g_steps")),
    Boundary("_replay_capacity", {"replay.capacity": 100}, {"replay.capacity": 99},
             ("replay.capacity=99", "update.batch=100"), "raise the capacity", {"replay.share": 0.5}),
    Boundary("_replay_share", {"replay.share": 0.0051}, {"replay.share": 0.005},  # half an image rounds to none
             ("replay.share=0.005", "update.batch=100"), "raise the share"),
    Boundary("_decay_within_budget", {"schedule.every_epochs": 1}, {"schedule.every_epochs": 2},
             ("schedule.every_epochs=2", "budget.epochs=2"), "lower it or use schedule.kind=constant",
             {"schedule.kind": "step", **_SPENT}),
    Boundary("_warmup_within_budget", {"schedule.warmup_epochs": 2.0}, {"schedule.warmup_epochs": 2.1},
             ("schedule.warmup_epochs=2.1", "budget.epochs=2"), "lower it", _SPENT),
    Boundary("_warmup_within_budget", {"schedule.warmup_epochs": 0.51}, {"schedule.warmup_epochs": 0.5},
             ("schedule.warmup_epochs=0.5", "update.batch=100"), "raise it or use 0", _SPENT),
    Boundary("_batch_within_budget", {"update.batch": 400}, {"update.batch": 401},
             ("update.batch=401", "budget.epochs"), "lower the batch or raise the budget", _SPENT),
    Boundary("_batch_of_packs", {"update.batch": 6}, {"update.batch": 7},
             ("update.batch=7", "discriminator.pack=3"), "make it one", {"discriminator.pack": 3}),
    Boundary("_batch_of_packs", {"update.micro_batch": 3}, {"update.micro_batch": 2},
             ("update.micro_batch=2", "discriminator.pack=3"), "raise it or pack fewer",
             {"discriminator.pack": 3, "update.batch": 6, "discriminator.normalisation": "none"}),
    Boundary("_batch_statistics", {"update.batch": 2}, {"update.batch": 1},
             ("generator.normalisation=batch", "update.batch=1"), "raise update.batch=1"),
    Boundary("_batch_statistics", {"update.micro_batch": 2}, {"update.micro_batch": 1},
             ("generator.normalisation=batch", "update.micro_batch=1"), "raise update.micro_batch=1"),
    Boundary("_batch_statistics", {"update.batch": 10}, {"update.batch": 9},  # four parts of two and one of one
             ("generator.normalisation=batch", "update.micro_batch=2"), "raise update.micro_batch=2",
             {"update.micro_batch": 2}),
    Boundary("_batch_statistics", {"update.batch": 2}, {"update.batch": 1},
             ("discriminator.normalisation=batch", "update.batch=1"), "raise update.batch=1",
             {"generator.normalisation": "layer"}),
    Boundary("_batch_statistics", {"update.batch": 8}, {"update.batch": 4},
             ("discriminator.normalisation=batch", "discriminator.pack=4"),
             "raise update.batch=4 or lower discriminator.pack=4", {"discriminator.pack": 4}),
    Boundary("_batch_statistics", {"update.batch": 2}, {"update.batch": 1},
             ("discriminator.minibatch_stddev=true", "update.batch=1"), "raise update.batch=1",
             {**both("normalisation", "layer"), "discriminator.minibatch_stddev": True}),
    *(Boundary("_pretraining", {f"pretrain.{key}": few}, {f"pretrain.{key}": more},
               (f"pretrain.{key}={more}", "pretrain.images"), "say how many, or leave both out")
      for key, few, more in (("epochs", 1, 2), ("warmup_images", 0, 100))),
    *(Boundary("_pretraining", {f"pretrain.{key}": 100}, {f"pretrain.{key}": 99},
               (f"pretrain.{key}=99", "update.batch=100"), f"raise pretrain.{key}", given)
      for key, given in {"images": {}, "warmup_images": {"pretrain.images": 100}}.items()),
    *(Boundary("_head_for_loss", {"objective.loss": "minimax"}, {"objective.loss": loss},
               (f"discriminator.head={head}", f"objective.loss={loss}"),
               f"use discriminator.head=logit or {_CROSS_ENTROPY}", {"discriminator.head": head})
      for head in ("sigmoid", "two_class") for loss in _NO_PROBABILITY),
    *(Boundary("_smoothing_for_loss", {"objective.loss": "least_squares"}, {"objective.loss": loss},
               ("objective.smoothing=0.1", f"objective.loss={loss}"), f"use {_CROSS_ENTROPY} or least_squares",
               {"objective.smoothing": 0.1})
      for loss in _NO_TARGET),
    *(Boundary("_smoothness_for_loss", {"objective.loss": "minimax"}, {"objective.loss": loss},
               ("objective.virtual_adversarial.weight=0.5", f"objective.loss={loss}"), f"use {_CROSS_ENTROPY}",
               {"objective.virtual_adversarial.weight": 0.5})
      for loss in _NO_PROBABILITY),
    Boundary("_penalty_weighs", {"objective.penalty.weight": 1e-9}, {"objective.penalty.weight": 0},
             ("objective.penalty.weight=0", "objective.penalty.kind=r1"), "raise it or use kind=none",
             {"objective.penalty.kind": "r1"}),
    *(Boundary("_depth_for_size", {f"{player}.depth": 5}, {f"{player}.depth": 6},
               (f"{player}.depth=6", "data.size=16"), f"or use {player}.architecture=mlp",
               {"data.size": 16, f"{player}.architecture": architecture})
      for player in PLAYERS for architecture in ("dcgan", "article_prose", "veegan")),
    *(Boundary("_depth_for_size", {f"{player}.depth": most}, {f"{player}.depth": most + 1},  # veegan rounds up
               (f"{player}.depth={most + 1}", "data.size=28"), f"at most {most}, or use {player}.architecture=mlp",
               {"data.size": 28, f"{player}.architecture": architecture})
      for player in PLAYERS for architecture, most in {"dcgan": 3, "article_prose": 3, "veegan": 6}.items()),
    *(Boundary("_instance_needs_positions", {f"{player}.depth": 4}, {f"{player}.depth": 5},
               (f"{player}.normalisation=instance", f"{player}.depth=5"), f"use {player}.normalisation=layer",
               {"data.size": 16, f"{player}.normalisation": "instance"})
      for player in PLAYERS),
    *(Boundary("_instance_needs_positions", {f"{player}.depth": 5}, {f"{player}.depth": 6},
               (f"{player}.normalisation=instance", f"{player}.depth=6"), f"use {player}.normalisation=layer",
               {"data.size": 28, f"{player}.normalisation": "instance", f"{player}.architecture": "veegan"})
      for player in PLAYERS),
    *(Boundary("_instance_needs_positions", {f"{player}.architecture": "dcgan"}, {f"{player}.architecture": "mlp"},
               (f"{player}.normalisation=instance", f"{player}.architecture=mlp"), f"use {player}.normalisation=layer",
               {f"{player}.normalisation": "instance"})
      for player in PLAYERS),
    Boundary("_leak_in_one_part", {"update.micro_batch": 100}, {"update.micro_batch": 99},
             ("update.leak=true", "update.batch=100"), "raise update.micro_batch=99 or lower the batch",
             {"update.leak": True}),
]  # fmt: skip


def test_every_rule_has_its_boundaries_here() -> None:
    assert {boundary.rule for boundary in BOUNDARIES} == {rule.__name__ for rule in _RULES}


@pytest.mark.parametrize("boundary", BOUNDARIES, ids=str)
def test_a_rule_is_silent_up_to_its_boundary_and_says_what_to_change_beyond(boundary: Boundary) -> None:
    Experiment().with_({**boundary.given, **boundary.within})
    with pytest.raises(Misuse) as refused:
        Experiment().with_({**boundary.given, **boundary.beyond})
    message = str(refused.value).removeprefix("change: ")
    assert "\n" not in message
    assert all(told in message for told in boundary.told)
    assert message.endswith(boundary.advice)
    described = Description.model_validate(nest({**boundary.given, **boundary.beyond}))
    (rule,) = (rule for rule in _RULES if rule.__name__ == boundary.rule)
    assert rule(described) == message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"update.d_steps": 0}, "update.d_steps=0: input should be greater than or equal to 1"),
        ({"objective.penalty.weight": -1}, "objective.penalty.weight=-1: input should be greater than or equal to 0"),
        ({"objective.virtual_adversarial.weight": -0.5}, "objective.virtual_adversarial.weight=-0.5: input should be"),
        ({"objective.clip": 0}, "objective.clip=0: input should be greater than 0"),
        ({"replay.share": 1}, "replay.share=1: input should be less than 1"),
        ({"schedule.factor": 1}, "schedule.factor=1: input should be less than 1"),
        ({"generator.depth": 1}, "generator.depth=1: input should be greater than or equal to 2"),
        ({"score.samples": 1}, "score.samples=1: input should be greater than or equal to 2"),
    ],
)
def test_a_value_out_of_its_own_range_is_refused_by_its_key(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse) as refused:
        Experiment().with_(changes)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_spectral_and_batch_normalisation_exclude_each_other_as_tips() -> None:
    with pytest.raises(
        Misuse, match="discriminator.normalisation=batch and discriminator.normalisation=spectral: leave"
    ):
        apply(Experiment(), {"batch_norm": "on", "spectral_norm": "on"})


def test_batch_one_is_for_networks_without_batch_statistics() -> None:
    alone = Experiment().with_(
        {"update.batch": 1, "generator.normalisation": "layer", "discriminator.normalisation": "spectral"}
    )
    assert alone.parts == [1]


def test_spectral_norm_bounds_wassersteins_loss_instead_of_clipping() -> None:
    experiment = Experiment().with_({"objective.loss": "wasserstein", "discriminator.normalisation": "spectral"})
    assert not experiment.clipped
    assert not experiment.notes()
    (told,) = experiment.with_({"objective.clip": 0.5}).notes()
    assert told == "objective.clip=0.5 has no effect: discriminator.normalisation=spectral bounds D"


@pytest.mark.parametrize(
    ("changes", "allowed"),
    [
        ({"schedule.kind": "step", "schedule.every_epochs": 2, "budget.epochs": 4, "budget.images_per_epoch": 60,
          "update.batch": 100}, True),
        ({"schedule.kind": "step", "schedule.every_epochs": 2, "budget.epochs": 4, "budget.images_per_epoch": 60,
          "update.batch": 240}, False),
        ({"schedule.kind": "step", "schedule.every_epochs": 1, "budget.epochs": 2, "budget.images_per_epoch": 60,
          "update.batch": 20, "update.d_steps": 6}, False),
        ({"schedule.kind": "linear", "budget.epochs": 1, "budget.images_per_epoch": 101}, True),
        ({"schedule.kind": "linear", "budget.epochs": 1, "budget.images_per_epoch": 100}, False),
    ],
)  # fmt: skip
def test_a_schedule_that_no_step_lives_to_see_is_refused(changes: dict[str, Any], allowed: bool) -> None:
    if allowed:
        Experiment().with_(changes)
        return
    with pytest.raises(
        Misuse, match=r"schedule.kind=\w+ changes nothing within budget.epochs=\d+, .* update.batch=\d+"
    ):
        Experiment().with_(changes)
