"""Every level of every factor acts where it should, moves nothing else, and goes on where it was interrupted."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from dcgan import data
from dcgan.experiment import Experiment
from dcgan.training import checkpoint
from dcgan.training.trainer import Trainer
from tests.training.levels import LEVELS, Level

# Where a level is first seen, of the places below in the order in which they come about. Everything before must be as
# it was, bit for bit. `None`: the level is the base's own, and nothing at all may differ.
_PLACES = ("init_g", "init_d", "prepared_g", "prepared_d",
           *(f"{step}.{what}" for step in (1, 2, 3, 4) for what in
             ("rates", "images", "noise", "real", "fake", "loss_d", "weights_d", "loss_g", "weights_g", "kept")))  # fmt: skip

FIRST: dict[str, str | None] = {
    "small_networks:off": None, "small_networks:on": "init_g", "small_networks:shallow": "init_g",
    "he_init:off": None, "he_init:on": "init_g", "he_init:dcgan": "init_g", "he_init:orthogonal": "init_g",
    "he_init:torch": "init_g",
    "batch_norm:off": "init_g", "batch_norm:on": None, "batch_norm:generator_only": "init_d",
    "batch_norm:discriminator_only": "init_g", "batch_norm:layer": "init_g", "batch_norm:instance": "init_g",
    "batch_norm:group": "init_g", "batch_norm:spectral": "init_d",
    "leaky_relu:off": "1.loss_d", "leaky_relu:on": None, "leaky_relu:both_players": "1.fake",
    **{f"gradient_penalty:{kind}": "1.weights_d" for kind in ("on", "dragan", "r1", "r2", "lazy")},
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
    "ema:off": None, "ema:on": "2.kept",  # the first step is copied
    "spectral_norm:off": None, "spectral_norm:on": "init_d",
    "ttur:off": None, "ttur:on": "1.rates",
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
       ("architecture=mlp", "architecture=article_prose", "architecture=veegan", "normalisation=none",
        "normalisation=layer", "normalisation=instance", "normalisation=group", "normalisation=spectral", "init=he",
        "init=dcgan", "init=orthogonal", "init=torch")},
    **{f"discriminator.{choice}": "init_d" for choice in
       ("architecture=mlp", "architecture=article_prose", "architecture=veegan", "normalisation=none",
        "normalisation=layer", "normalisation=instance", "normalisation=group", "normalisation=spectral", "init=he",
        "init=dcgan", "init=orthogonal", "init=torch", "head=two_class")},
    "discriminator.head=sigmoid": "1.weights_d",  # the loss is the same but for epsilon
    "objective.loss=minimax": "1.loss_g",
    "objective.loss=least_squares": "1.loss_d", "objective.loss=hinge": "1.loss_d",
    "objective.loss=wasserstein": "1.loss_d",
    "objective.scale=listing": "1.loss_d",
    **{f"objective.penalty.kind={kind}": "1.weights_d" for kind in ("wgan_gp", "dragan", "r1", "r2")},
    **{f"optimizer.generator.kind={kind}": "1.weights_g" for kind in ("adamw", "rmsprop", "sgd")},
    **{f"optimizer.discriminator.kind={kind}": "1.weights_d" for kind in ("adamw", "rmsprop", "sgd")},
    "schedule.kind=step": None,  # in 4 epochs its 25th never comes: see _BASE_FOR
    "schedule.kind=exponential": "2.rates", "schedule.kind=linear": "2.rates", "schedule.kind=cosine": "2.rates",
    "update.order=simultaneous": "1.loss_g",
    "objective.penalty.every=3": "1.weights_d",
    "update.micro_batch=6": "1.noise",  # the same noise, in parts
    "update.leak=true": "1.weights_g",
    "update.g_steps=2": "1.loss_g",  # the mean of both steps'
    "latent.dim=3": "init_g",
    "objective.epsilon=0.1": "1.loss_d",
    "discriminator.depth=4": "init_d", "generator.depth=2": "init_g",
    "objective.virtual_adversarial.power_iterations=2": "1.weights_d",
}  # fmt: skip

# The streams that a level may move, besides what depends on how many images a step takes.
_OWN = {
    "gradient_penalty:on": {"penalty"}, "gradient_penalty:dragan": {"penalty"}, "gradient_penalty:lazy": {"penalty"},
    "objective.penalty.kind=wgan_gp": {"penalty"}, "objective.penalty.kind=dragan": {"penalty"},
    "virtual_adversarial:on": {"virtual_adversarial"},
    "objective.virtual_adversarial.power_iterations=2": {"virtual_adversarial"},
    "instance_noise:on": {"instance_noise"}, "dropout:on": {"dropout"},
    **{f"diffaugment:{kind}": {"augment"} for kind in ("on", "color", "translation", "cutout")},
    "latent.dim=3": {"noise"}, "update.g_steps=2": {"noise"},
}  # fmt: skip
_OTHER_COUNTS = {"mini_batch:off", "mini_batch:full", "d_first:five_steps"}  # more images in a step
_OTHER_INIT = {"he_init:": "", "generator.init=": "generator", "discriminator.init=": "discriminator"}

# A level that the plain base cannot have, or would not read.
_BASE_FOR: dict[str, dict[str, Any]] = {
    "schedule.kind=step": {"schedule.every_epochs": 1},
    "lr_decay:warmup": {"update.batch": 8},  # a tenth of the 200 images is more than one batch
}
FIRST["schedule.kind=step"] = "4.rates"


@pytest.fixture(scope="module")
def images() -> Tensor:
    return data.load(Experiment().with_({"data.name": "digits", "data.size": 16}).data).images["train"]


@pytest.fixture
def base(tiny: Experiment) -> Experiment:
    return tiny


def _digest(network: torch.nn.Module) -> str:
    return checkpoint.digest(network.state_dict())


def footprints(experiment: Experiment, images: Tensor, steps: int = 4) -> dict[str, str | float]:
    """What is found at each of `_PLACES`: text that is equal for equal bits, and D's loss as it is."""
    trainer = Trainer(experiment, images)
    players = trainer.players
    found: dict[str, str | float] = {
        "init_g": _digest(players.generator),
        "init_d": _digest(players.discriminator),
    }
    trainer.prepare(lambda: False)
    found |= {"prepared_g": _digest(players.generator), "prepared_d": _digest(players.discriminator)}
    inputs: dict[str, list[str]] = {"g": [], "d": []}
    players.generator.register_forward_pre_hook(lambda _, given: inputs["g"].append(checkpoint.digest(given[0])))
    players.discriminator.register_forward_pre_hook(lambda _, given: inputs["d"].append(checkpoint.digest(given[0])))
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
            f"{step}.weights_d": checkpoint.digest(list(players.discriminator.parameters())),
            f"{step}.loss_g": repr(row["loss_g"]),
            f"{step}.weights_g": _digest(players.generator),
            f"{step}.kept": _digest(players.kept),
        }
    return found


def _differ(one: str | float, other: str | float) -> bool:
    """D's loss to 1e-5 of it: a few of float32's last bits, by which the same loss through another head is away."""
    return one != (other if isinstance(other, str) else pytest.approx(other, rel=1e-5))


def _ids(level: Level) -> str:
    return level.name


def test_every_level_is_told_where_it_acts() -> None:
    assert {level.name for level in LEVELS} == FIRST.keys()
    assert {place for place in FIRST.values() if place} <= set(_PLACES)


@pytest.mark.parametrize("level", LEVELS, ids=_ids)
def test_a_level_acts_first_where_it_should(base: Experiment, images: Tensor, level: Level) -> None:
    start = base.with_(_BASE_FOR.get(level.name, {}))
    plain, changed = footprints(start, images), footprints(level.of(start), images)
    differing = [place for place in _PLACES if _differ(plain[place], changed[place])]
    assert (differing[0] if differing else None) == FIRST[level.name]


@pytest.mark.parametrize("level", LEVELS, ids=_ids)
def test_a_level_moves_no_stream_but_its_own(base: Experiment, images: Tensor, level: Level) -> None:
    """Initial weights of layers that keep their shape, the order of the data, and every stream of random numbers."""
    start = base.with_(_BASE_FOR.get(level.name, {}))
    states = []
    for experiment in (start, level.of(start)):
        trainer = Trainer(experiment, images)
        initial = {
            f"{player}.{name}": tensor.clone()
            for player in ("generator", "discriminator")
            for name, tensor in getattr(trainer.players, player).state_dict().items()
        }
        trainer.prepare(lambda: False)
        trainer.step()
        trainer.step()
        states.append((initial, trainer.state_dict()))
    (plain_initial, plain), (initial, changed) = states
    drawn_anew = tuple(player for start, player in _OTHER_INIT.items() if level.name.startswith(start))
    for name in plain_initial.keys() & initial.keys():
        if initial[name].shape == plain_initial[name].shape and not name.startswith(drawn_anew):
            assert torch.equal(initial[name], plain_initial[name]), name
    counts = {"noise"} if level.name in _OTHER_COUNTS else set()
    for purpose, state in plain["players"]["streams"].items():
        moved = not torch.equal(state, changed["players"]["streams"][purpose])
        assert moved == (purpose in _OWN.get(level.name, set()) | counts), purpose
    assert torch.equal(plain["order"]["permutation"], changed["order"]["permutation"])
    assert torch.equal(plain["order"]["generator"], changed["order"]["generator"])
    assert (plain["order"]["position"] == changed["order"]["position"]) == (level.name not in _OTHER_COUNTS)


@pytest.mark.parametrize("level", LEVELS, ids=_ids)
def test_interrupted_and_resumed_is_uninterrupted(
    base: Experiment, images: Tensor, level: Level, tmp_path: Path
) -> None:
    """Weights, optimizers, history, averages, schedules, streams and the rows of metrics.csv, from a random step on."""
    chance = random.Random(level.name)
    experiment = level.of(base.with_(_BASE_FOR.get(level.name, {})))
    steps = 9
    stopped, read = chance.randrange(1, steps), chance.randrange(1, steps)
    rows: list[list[dict[str, float]]] = [[], []]

    def go(trainer: Trainer, until: int, kept: list[dict[str, float]]) -> None:
        while trainer.steps < until:
            trainer.step()
            if trainer.steps in (read, steps):
                kept.append(trainer.read())

    through = Trainer(experiment, images)
    through.prepare(lambda: False)
    go(through, steps, rows[0])
    first = Trainer(experiment, images)
    first.prepare(lambda: False)
    go(first, stopped, rows[1])
    checkpoint.save(tmp_path / "state", first.state_dict())
    second = Trainer(experiment, images)
    second.load_state_dict(checkpoint.load(tmp_path / "state"))
    go(second, steps, rows[1])
    assert rows[0] == rows[1]
    assert checkpoint.digest(second.state_dict()) == checkpoint.digest(through.state_dict())
