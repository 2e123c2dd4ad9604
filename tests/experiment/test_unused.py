"""What has no effect is told to who gave it, with the reason; and what is done without being asked for is remarked."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from dcgan.experiment import Experiment, parse
from dcgan.experiment.description import PLAYERS
from dcgan.experiment.unused import unused_settings

# A value that nothing reads, where that is so, and the reason that is told.
NOTED: dict[str, tuple[Any, dict[str, Any], str]] = {
    "latent.truncation": (1.0, {}, "latent.distribution=normal"),
    "objective.penalty.weight": (1.0, {}, "objective.penalty.kind=none"),
    "objective.penalty.every": (4, {}, "objective.penalty.kind=none"),
    "objective.penalty.at": ("image", {}, "objective.penalty.kind=none"),
    "objective.clip": (0.1, {}, "objective.loss=non_saturating"),
    "objective.epsilon": (0.1, {}, "discriminator.head=logit"),
    **{f"objective.virtual_adversarial.{key}": (3, {}, "objective.virtual_adversarial.weight=0")
       for key in ("epsilon", "xi", "power_iterations")},
    "schedule.every_epochs": (3, {"schedule.kind": "cosine"}, "schedule.kind=cosine"),
    "schedule.factor": (0.1, {}, "schedule.kind=constant"),
    "replay.capacity": (500, {}, "replay.share=0"),
    "update.micro_batch": (500, {}, "update.batch=100 is not larger"),
    **{f"optimizer.{player}.{key}": (0.3, {f"optimizer.{player}.kind": kind}, f"optimizer.{player}.kind={kind}")
       for player in PLAYERS for key, kind in
       {"beta1": "sgd", "beta2": "rmsprop", "alpha": "sgd", "momentum": "adamw", "weight_decay": "adam"}.items()},
    "generator.depth": (5, {}, "it is the usual one"),
    "discriminator.depth": (4, {"discriminator.architecture": "mlp"}, "it is the usual one"),
    "discriminator.normalisation": (
        "layer", {"discriminator.depth": 2, "discriminator.normalisation": "none"}, "discriminator.depth=2 leaves no layer",
    ),
}  # fmt: skip

# Refused without pretrain.images, rather than let through without effect.
_REFUSED_WHERE_VOID = {"pretrain.epochs", "pretrain.warmup_images"}


def test_every_key_that_can_be_unused_is_tried_here() -> None:
    described = [
        Experiment(),
        *(Experiment().with_({**context, key: value}) for key, (value, context, _) in NOTED.items()),
    ]
    assert {key for experiment in described for key in unused_settings(experiment)} == {*NOTED, *_REFUSED_WHERE_VOID}


@pytest.mark.parametrize("key", NOTED)
def test_a_setting_without_effect_is_told_with_its_reason_to_who_gave_it(key: str) -> None:
    value, context, reason = NOTED[key]
    without, given = Experiment().with_(context), Experiment().with_({**context, key: value})
    assert not without.notes()
    (note,) = given.notes()
    assert note.startswith(f"{key}=")
    assert f" has no effect: {reason}" in note
    assert "\n" not in note
    assert given.id == without.id


def test_nothing_is_told_of_defaults_given_or_not() -> None:
    assert not Experiment().notes()
    whole = parse(yaml.safe_load(Experiment().to_yaml()), "whole")
    assert whole.given() == whole.model_dump(mode="json")
    assert not whole.notes()


def test_clipping_is_told_where_it_is_done() -> None:
    plain = Experiment().with_({"objective.loss": "wasserstein", "objective.clip": 0.05})
    (note,) = plain.notes()
    assert "weights are clipped to +-0.05 (objective.clip)" in note
    for kind in ("wgan_gp", "r1"):
        layered = {"objective.penalty.kind": kind, "discriminator.normalisation": "layer"}
        (note,) = plain.with_(layered).notes()
        assert note == f"objective.clip=0.05 has no effect: objective.penalty.kind={kind} bounds D"


def test_a_penalty_beside_batchnorm_is_told() -> None:
    given = {"objective.penalty.kind": "wgan_gp"}
    (note,) = Experiment().with_(given).notes()
    assert note.startswith("objective.penalty.kind=wgan_gp beside discriminator.normalisation=batch: D's gradient")
    for without in ({"discriminator.normalisation": "layer"}, {"discriminator.depth": 2}):
        assert not any("beside" in line for line in Experiment().with_({**given, **without}).notes())


def test_where_the_gradient_is_taken_matters_only_for_changed_images() -> None:
    given = {"objective.penalty.kind": "r1", "objective.penalty.at": "image", "discriminator.normalisation": "layer"}
    (note,) = Experiment().with_(given).notes()
    assert note == "objective.penalty.at=image has no effect: augment changes no image"
    assert not Experiment().with_({**given, "augment.instance_noise": 0.1}).notes()


def test_smoothness_under_dropout_is_told() -> None:
    smooth = {"objective.virtual_adversarial.weight": 1.0}
    assert not Experiment().with_(smooth).notes()
    assert not Experiment().with_({"discriminator.dropout": 0.25}).notes()
    (note,) = Experiment().with_({**smooth, "discriminator.dropout": 0.25}).notes()
    assert "objective.virtual_adversarial" in note
    assert "discriminator.dropout" in note


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        (
            {"data.size": 16, "discriminator.depth": 2},
            "discriminator.normalisation=batch has no effect: discriminator.de",
        ),
        ({"generator.normalisation": "group", "generator.width": 2}, "generator.normalisation=group is layer normalis"),
        (
            {"optimizer.generator": {"kind": "adamw", "weight_decay": 0}},
            "optimizer.generator.kind=adamw with weight_decay=0",
        ),
        ({"update.d_steps": 5}, "update.d_steps=5: G steps 2,000 times within this budget"),
        ({"generator.normalisation": "spectral"}, "generator.normalisation=spectral leaves no layer of G any gain"),
        ({"pretrain.images": 250}, "pretrain.images=250: 200, in whole steps of 100 images"),
        (
            {"pretrain.images": 200, "pretrain.warmup_images": 450},
            "pretrain.warmup_images=450: 400, in whole steps of 100 images",
        ),
        (
            {"discriminator.dropout": 0.1, "objective.virtual_adversarial.weight": 1.0},
            "objective.virtual_adversarial compares two outputs of D",
        ),
    ],
)
def test_what_no_key_says_is_remarked(changes: dict[str, Any], remark: str) -> None:
    (told,) = Experiment().with_(changes).notes()
    assert told.startswith(remark)
