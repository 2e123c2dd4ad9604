"""Pre-training: as many passes as told, a warm-up of its own, and nothing of it left in adversarial training."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from dcgan.common.hashing import digest
from dcgan.data import normalise
from dcgan.experiment import Experiment
from dcgan.training.trainer import Trainer


def test_a_warmed_up_generator_makes_other_images_for_pretraining(tiny: Experiment, drawn_images: Tensor) -> None:
    losses = []
    for warmup in (0, 20, 40):  # one step of each player a batch
        trainer = Trainer(tiny.with_({"pretrain.images": 20, "pretrain.warmup_images": warmup}), drawn_images)
        calls: list[str] = []
        trainer.players.optimizer_g.register_step_post_hook(lambda *_, calls=calls: calls.append("g"))
        trainer.players.optimizer_d.register_step_post_hook(lambda *_, calls=calls: calls.append("d"))
        trainer.prepare(lambda: False)
        assert calls == ["d", "g"] * (warmup // 20) + ["d"] + ["g"]
        trainer.step()
        losses.append(trainer.read()["loss_d"])
    assert len(set(losses)) == 3


def test_pretraining_makes_as_many_passes_as_it_is_told(tiny: Experiment, drawn_images: Tensor) -> None:
    for epochs in (1, 3):
        trainer = Trainer(tiny.with_({"pretrain.images": 40, "pretrain.epochs": epochs}), drawn_images)
        calls: list[str] = []
        trainer.players.optimizer_g.register_step_post_hook(lambda *_, calls=calls: calls.append("g"))
        trainer.players.optimizer_d.register_step_post_hook(lambda *_, calls=calls: calls.append("d"))
        trainer.prepare(lambda: False)
        assert calls == ["d"] * 2 * epochs + ["g"] * 2 * epochs
        assert trainer.read()["loss_d"] == 0, "what is reported is adversarial training"


def test_pretrainings_warm_up_keeps_the_experiments_order_and_its_history_empty(
    tiny: Experiment, drawn_images: Tensor
) -> None:
    changes = {"pretrain.images": 20, "pretrain.warmup_images": 120, "update.d_steps": 3, "replay.share": 0.5}
    trainer = Trainer(tiny.with_(changes), drawn_images)
    calls: list[str] = []
    trainer.players.optimizer_g.register_step_post_hook(lambda *_: calls.append("g"))
    trainer.players.optimizer_d.register_step_post_hook(lambda *_: calls.append("d"))
    trainer.prepare(lambda: False)
    assert calls == [*"dddg" * 2, "d", "g"]
    assert trainer.state_dict()["players"]["replay"]["filled"] == 0


# What draws or counts in D's steps, each with the streams that it draws from.
_DRAWING: dict[str, tuple[dict[str, Any], set[str]]] = {
    "nothing": ({}, set()),
    "wgan_gp": ({"objective.penalty.kind": "wgan_gp"}, {"penalty"}),
    "a lazy penalty": ({"objective.penalty.kind": "r1", "objective.penalty.every": 4}, set()),
    "at the image": ({"objective.penalty.kind": "r1", "objective.penalty.at": "image", "augment.color": True},
                     {"penalty", "augment"}),
    "smoothness": ({"objective.virtual_adversarial.weight": 1.0}, {"virtual_adversarial"}),
    "dropout": ({"discriminator.dropout": 0.2}, {"dropout"}),
    "diffaugment": ({"augment.translation": True}, {"augment"}),
    "instance noise": ({"augment.instance_noise": 0.1}, {"instance_noise"}),
}  # fmt: skip


@pytest.mark.parametrize("warmup", [0, 60])
@pytest.mark.parametrize("case", _DRAWING)
def test_pretraining_leaves_adversarial_training_its_chance(
    tiny: Experiment, images: Tensor, case: str, warmup: int
) -> None:
    """Every stream, the data order and the steps counted are as without, though the same things are drawn in it."""
    changes, drawn = _DRAWING[case]
    experiment = tiny.with_(changes)
    plain = Trainer(experiment, images).state_dict()
    trainer = Trainer(experiment.with_({"pretrain.images": 60, "pretrain.warmup_images": warmup}), images)
    trainer.prepare(lambda: False)
    state = trainer.state_dict()
    for part in ("streams", *(name for name in plain["players"] if name.startswith("regulariser"))):
        assert digest(state["players"][part]) == digest(plain["players"][part])
    with trainer.players.separate_streams("pretrain"):
        began = {name: generator.get_state() for name, generator in trainer.players._streams.items()}
        trainer.players.accumulate_discriminator_gradients(normalise(images[:20]), trainer.players.generate(20))
        moved = {
            name
            for name, generator in trainer.players._streams.items()
            if not torch.equal(generator.get_state(), began[name])
        }
    assert moved == drawn | {"noise"}, "within, they are drawn from"


def test_pretraining_changes_the_players_and_can_be_stopped(tiny: Experiment, images: Tensor) -> None:
    from dcgan.common.errors import Interrupted

    trainer = Trainer(tiny.with_({"pretrain.images": 60}), images)
    with pytest.raises(Interrupted):
        trainer.prepare(lambda: True)
    plain = Trainer(tiny, images).state_dict()
    trainer = Trainer(tiny.with_({"pretrain.images": 60}), images)
    trainer.prepare(lambda: False)
    state = trainer.state_dict()
    assert digest(state["order"]) == digest(plain["order"])
    assert digest(state["players"]["streams"]) == digest(plain["players"]["streams"])
    for part in ("generator", "discriminator"):
        assert digest(state["players"][part]) != digest(plain["players"][part])
