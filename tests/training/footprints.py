"""Where each level is first seen in a training, and what a training is compared by, on any device."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.common.hashing import digest
from dcgan.experiment import Experiment
from dcgan.experiment.sections import ADVERSARIAL_LOSSES, GRADIENT_PENALTIES, Objective
from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.tips import TIPS
from dcgan.training.trainer import Trainer

# Where a level is first seen, of the places below in the order in which they come about. Everything before must be as
# it was, bit for bit. `None`: the level is the base's own, and nothing at all may differ.
PLACES = ("init_g", "init_d", "prepared_g", "prepared_d",
           *(f"{step}.{what}" for step in (1, 2, 3, 4) for what in
             ("rates", "images", "noise", "real", "fake", "loss_d", "weights_d", "loss_g", "weights_g",
              "evaluation_generator")))  # fmt: skip

_BASE = Objective().chosen_loss
_ARCHITECTURES = [f"architecture={name}" for name in ARCHITECTURE_KINDS if name != "dcgan"]

FIRST: dict[str, str | None] = {
    "small_networks:off": None, "small_networks:on": "init_g", "small_networks:shallow": "init_g",
    "he_init:off": None, "he_init:on": "init_g", "he_init:dcgan": "init_g", "he_init:orthogonal": "init_g",
    "he_init:torch": "init_g", "he_init:xavier_torch": "init_g", "he_init:he_torch": "init_g",
    "batch_norm:off": "init_g", "batch_norm:on": None, "batch_norm:generator_only": "init_d",
    "batch_norm:discriminator_only": "init_g", "batch_norm:layer": "init_g", "batch_norm:instance": "init_g",
    "batch_norm:group": "init_g", "batch_norm:spectral": "init_d",
    "leaky_relu:off": "1.loss_d", "leaky_relu:on": None, "leaky_relu:both_players": "1.fake",
    **{f"gradient_penalty:{level}": "1.weights_d" for level in TIPS["gradient_penalty"].levels},
    "gradient_penalty:off": None,
    "lr_decay:off": None, "lr_decay:on": "4.rates", "lr_decay:exponential": "2.rates", "lr_decay:linear": "2.rates",
    "lr_decay:cosine": "2.rates", "lr_decay:warmup": "1.rates",
    "mini_batch:off": "1.images", "mini_batch:on": None, "mini_batch:full": "1.images",
    "replay:off": None, "replay:on": "1.fake",  # which is rounded to 8 bits at once
    "d_first:off": "1.loss_g", "d_first:on": None, "d_first:five_steps": "1.images",
    "virtual_adversarial:off": None, "virtual_adversarial:on": "1.weights_d",
    "pretrain:off": None, "pretrain:on": "prepared_g", "pretrain:warmed_up": "prepared_g",
    "optimizer:off": None, "optimizer:on": "1.weights_g", "optimizer:adamw": "1.weights_d",
    "optimizer:rmsprop": "1.weights_d", "optimizer:sgd": "1.rates",
    "ema:off": None, "ema:on": "2.evaluation_generator",  # the first step is copied
    "spectral_norm:off": None, "spectral_norm:on": "init_d",
    "ttur:off": None, "ttur:on": "1.rates",
    "relativistic:off": None, "relativistic:on": "1.loss_d",
    "label_smoothing:off": None, "label_smoothing:on": "1.loss_d",
    "instance_noise:off": None, "instance_noise:on": "1.real",
    "diffaugment:off": None, "diffaugment:on": "1.real", "diffaugment:color": "1.real",
    "diffaugment:translation": "1.real", "diffaugment:cutout": "1.real",
    "dropout:off": None, "dropout:on": "1.loss_d",
    "feature_matching:off": None, "feature_matching:on": "1.loss_g",
    "minibatch_stddev:off": None, "minibatch_stddev:on": "init_d",
    "packing:off": None, "packing:on": "init_d", "packing:four": "init_d",
    "uniform_noise:off": None, "uniform_noise:on": "1.noise", "uniform_noise:truncated": "1.noise",
    "latent.distribution=uniform": "1.noise", "latent.distribution=truncated": "1.noise",
    **{f"generator.{choice}": "init_g" for choice in
       (*_ARCHITECTURES, "normalisation=none",
        "normalisation=layer", "normalisation=instance", "normalisation=group", "normalisation=spectral", "init=he",
        "init=dcgan", "init=orthogonal", "init=torch", "init=xavier_torch", "init=he_torch")},
    **{f"discriminator.{choice}": "init_d" for choice in
       (*_ARCHITECTURES, "normalisation=none",
        "normalisation=layer", "normalisation=instance", "normalisation=group", "normalisation=spectral", "init=he",
        "init=dcgan", "init=orthogonal", "init=torch", "init=xavier_torch", "init=he_torch", "head=two_class")},
    "discriminator.head=sigmoid": "1.weights_d",  # the loss is the same but for epsilon
    # Where D's loss has the base's formula, G's is what differs.
    **{f"objective.loss={name}": "1.loss_g" if loss.discriminator == _BASE.discriminator else "1.loss_d"
       for name, loss in ADVERSARIAL_LOSSES.items() if loss is not _BASE},
    "objective.scale=listing": "1.loss_d",
    **{f"objective.penalty.kind={kind}": "1.weights_d" for kind in GRADIENT_PENALTIES},
    **{f"optimizer.generator.kind={kind}": "1.weights_g" for kind in ("adamw", "rmsprop", "sgd")},
    **{f"optimizer.discriminator.kind={kind}": "1.weights_d" for kind in ("adamw", "rmsprop", "sgd")},
    "schedule.kind=step": "4.rates",
    "schedule.kind=exponential": "2.rates", "schedule.kind=linear": "2.rates", "schedule.kind=cosine": "2.rates",
    "update.order=simultaneous": "1.loss_g",
    "objective.penalty.every=3": "1.weights_d",
    "objective.penalty.at=image": "1.real",  # beside the augmentation that it needs
    "update.micro_batch=6": "1.noise",  # the same noise, in parts
    "update.leak=true": "1.weights_g",
    "update.g_steps=2": "1.loss_g",  # the mean of both steps'
    "latent.dim=3": "init_g",
    "objective.epsilon=0.1": "1.loss_d",
    "discriminator.depth=4": "init_d", "generator.depth=2": "init_g",
    "objective.virtual_adversarial.power_iterations=2": "1.weights_d",
}  # fmt: skip


def _digest(network: torch.nn.Module) -> str:
    return digest(network.state_dict())


def footprints(experiment: Experiment, images: Tensor, steps: int = 4) -> dict[str, str | float]:
    """What is found at each of `PLACES`: text that is equal for equal bits, and D's loss as it is."""
    trainer = Trainer(experiment, images)
    players = trainer.players
    found: dict[str, str | float] = {
        "init_g": _digest(players.generator),
        "init_d": _digest(players.discriminator),
    }
    trainer.prepare(lambda: False)
    found |= {"prepared_g": _digest(players.generator), "prepared_d": _digest(players.discriminator)}
    inputs: dict[str, list[str]] = {"g": [], "d": []}
    players.generator.register_forward_pre_hook(lambda _, given: inputs["g"].append(digest(given[0])))
    players.discriminator.register_forward_pre_hook(lambda _, given: inputs["d"].append(digest(given[0])))
    for step in range(1, steps + 1):
        for seen in inputs.values():
            seen.clear()
        before = trainer.seen
        trainer.step()
        row = trainer.read()
        found |= {
            f"{step}.rates": repr(players.rates()),
            f"{step}.images": repr(trainer.seen - before),
            f"{step}.noise": inputs["g"][0],
            f"{step}.real": inputs["d"][0],
            f"{step}.fake": inputs["d"][1],
            f"{step}.loss_d": row["loss_d"],
            f"{step}.weights_d": digest(list(players.discriminator.parameters())),
            f"{step}.loss_g": repr(row["loss_g"]),
            f"{step}.weights_g": _digest(players.generator),
            f"{step}.evaluation_generator": _digest(players.evaluation_generator),
        }
    return found


def differ(one: str | float, other: str | float) -> bool:
    """D's loss to 1e-5 of it: a few of float32's last bits, by which the same loss through another head is away."""
    return one != (other if isinstance(other, str) else pytest.approx(other, rel=1e-5))
