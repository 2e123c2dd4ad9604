"""Every level trains on the device: it acts there where it acts on a CPU, stays finite, and goes on to the same bits."""

from __future__ import annotations

from pathlib import Path

import pytest
from torch import Tensor

from dcgan.common.hashing import digest
from dcgan.experiment import Experiment
from dcgan.training import checkpoint
from dcgan.training.trainer import Trainer
from tests.gpu.device import here
from tests.training.footprints import FIRST, PLACES, differ, footprints
from tests.training.levels import LEVELS, Level

DEVICE = here()
STEPS = 20
_TOLD = ("loss_d", "loss_g")  # told to some digits: two ways to the same sum may differ in the last


def _name(level: Level) -> str:
    return level.name


def _long_enough(experiment: Experiment) -> Experiment:
    """With a budget for the steps of these tests."""
    epochs = -(-STEPS * experiment.images_per_step // experiment.budget.images_per_epoch)
    return experiment.with_({"budget.epochs": max(epochs, experiment.budget.epochs)})


@pytest.fixture(scope="module")
def plain() -> dict[str, dict[str, str | float]]:
    """The footprints of what levels are compared with, by its id."""
    return {}


@pytest.mark.parametrize("level", LEVELS, ids=_name)
def test_a_level_acts_where_it_does_on_a_cpu(
    tiny: Experiment, images: Tensor, level: Level, plain: dict[str, dict[str, str | float]]
) -> None:
    base = level.base(tiny)
    if base.id not in plain:
        plain[base.id] = footprints(base, images)
    found, first = footprints(level.of(base), images), FIRST[level.name]
    differing = [place for place in PLACES if differ(plain[base.id][place], found[place])]
    if first is None:
        assert differing == []
    else:
        assert first in differing
        early = differing[: differing.index(first)]
        assert [place for place in early if not place.endswith(_TOLD)] == []


@pytest.mark.parametrize("level", LEVELS, ids=_name)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_a_level_stays_finite_and_resumes_to_the_same_bits(
    tiny: Experiment, images: Tensor, level: Level, precision: str, tmp_path: Path
) -> None:
    experiment = _long_enough(level.of(level.base(tiny)).with_({"compute.precision": precision}))

    def trained(trainer: Trainer, steps: int) -> Trainer:
        while trainer.steps < steps:
            trainer.step()
        return trainer

    def begun() -> Trainer:
        trainer = Trainer(experiment, images)
        trainer.prepare(lambda: False)
        return trainer

    through = trained(begun(), STEPS)
    checkpoint.save(tmp_path / "state", trained(begun(), STEPS // 2).state_dict())
    resumed = Trainer(experiment, images)
    resumed.load_state_dict(checkpoint.load(tmp_path / "state"))
    trained(resumed, STEPS)
    assert digest(resumed.state_dict()) == digest(through.state_dict())
    assert through.divergence(through.read()) is None
    networks = through.players.generator, through.players.discriminator, through.players.evaluation_generator
    assert {tensor.device.type for each in networks for tensor in each.state_dict().values()} == {DEVICE.type}
