"""Every level of every factor acts where it should, moves nothing else, and goes on where it was interrupted."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import torch
from torch import Tensor

from dcgan.common.hashing import digest
from dcgan.experiment import Experiment
from dcgan.experiment.sections import GRADIENT_PENALTIES
from dcgan.training import checkpoint
from dcgan.training.trainer import Trainer
from tests.training.footprints import FIRST, PLACES, differ, footprints
from tests.training.levels import LEVELS, Level

# The streams that a level may move, besides what depends on how many images a step takes.
_OWN = {
    **{name: {"penalty"} for kind, penalty in GRADIENT_PENALTIES.items() if penalty.draws
       for name in (f"objective.penalty.kind={kind}", f"gradient_penalty:{kind}")},
    "gradient_penalty:on": {"penalty"}, "gradient_penalty:lazy": {"penalty"},
    "objective.penalty.at=image": {"penalty", "augment"},
    "virtual_adversarial:on": {"virtual_adversarial"},
    "objective.virtual_adversarial.power_iterations=2": {"virtual_adversarial"},
    "instance_noise:on": {"instance_noise"}, "dropout:on": {"dropout"},
    **{f"diffaugment:{kind}": {"augment"} for kind in ("on", "color", "translation", "cutout")},
    "latent.dim=3": {"noise"}, "update.g_steps=2": {"noise"},
}  # fmt: skip
_OTHER_COUNTS = {"mini_batch:off", "mini_batch:full", "d_first:five_steps"}  # more images in a step
_OTHER_INIT = {"he_init:": "", "generator.init=": "generator", "discriminator.init=": "discriminator"}


@pytest.fixture
def base(tiny: Experiment) -> Experiment:
    return tiny


def _ids(level: Level) -> str:
    return level.name


def test_every_level_is_told_where_it_acts() -> None:
    assert {level.name for level in LEVELS} == FIRST.keys()
    assert {place for place in FIRST.values() if place} <= set(PLACES)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS, ids=_ids)
def test_a_level_acts_first_where_it_should(base: Experiment, images: Tensor, level: Level) -> None:
    start = level.base(base)
    plain, changed = footprints(start, images), footprints(level.of(start), images)
    differing = [place for place in PLACES if differ(plain[place], changed[place])]
    assert (differing[0] if differing else None) == FIRST[level.name]


@pytest.mark.parametrize("level", LEVELS, ids=_ids)
def test_a_level_moves_no_stream_but_its_own(base: Experiment, images: Tensor, level: Level) -> None:
    """Initial weights of layers that keep their shape, the order of the data, and every stream of random numbers."""
    start = level.base(base)
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
    kept = [
        name
        for name in plain_initial.keys() & initial.keys()
        if initial[name].shape == plain_initial[name].shape and not name.startswith(drawn_anew)
    ]
    assert kept or "" in drawn_anew
    for name in kept:
        assert torch.equal(initial[name], plain_initial[name]), name
    counts = {"noise"} if level.name in _OTHER_COUNTS else set()
    assert plain["players"]["streams"].keys() >= {"noise"}
    for purpose, state in plain["players"]["streams"].items():
        moved = not torch.equal(state, changed["players"]["streams"][purpose])
        assert moved == (purpose in _OWN.get(level.name, set()) | counts), purpose
    assert torch.equal(plain["order"]["permutation"], changed["order"]["permutation"])
    assert torch.equal(plain["order"]["generator"], changed["order"]["generator"])
    assert (plain["order"]["position"] == changed["order"]["position"]) == (level.name not in _OTHER_COUNTS)


@pytest.mark.slow
@pytest.mark.parametrize("level", LEVELS, ids=_ids)
def test_interrupted_and_resumed_is_uninterrupted(
    base: Experiment, images: Tensor, level: Level, tmp_path: Path
) -> None:
    """Weights, optimizers, history, averages, schedules, streams and the rows of metrics.csv, from a random step on."""
    chance = random.Random(level.name)
    experiment = level.of(level.base(base))
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
    assert digest(second.state_dict()) == digest(through.state_dict())
