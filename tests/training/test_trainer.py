"""The trainer: every tip acts where it should and nowhere else; interrupted and resumed is uninterrupted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from dcgan import data
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.hashing import digest
from dcgan.data import normalise
from dcgan.experiment import Experiment
from dcgan.tips import apply
from dcgan.training import checkpoint
from dcgan.training.sampling import sample
from dcgan.training.trainer import Trainer


@pytest.fixture(scope="module")
def images() -> Tensor:
    return data.load(Experiment().with_({"data.name": "digits", "data.size": 16}).data).images["train"]


def _trained(experiment: Experiment, images: Tensor, steps: int) -> Trainer:
    trainer = Trainer(experiment, images)
    trainer.prepare(lambda: False)
    for _ in range(steps):
        trainer.step()
    return trainer


def test_the_same_seed_gives_the_same_bits_and_another_does_not(tiny: Experiment, images: Tensor) -> None:
    digests = [digest(_trained(each, images, 5).state_dict()) for each in (tiny, tiny, tiny.with_({"seed": 1}))]
    assert digests[0] == digests[1] != digests[2]


def test_d_first_answers_the_new_discriminator(tiny: Experiment, images: Tensor) -> None:
    """Both orders take the same first D step; only G's gradient tells them apart."""
    first, both = (_trained(apply(tiny, {"d_first": level}), images, 1) for level in ("on", "off"))
    assert all(
        torch.equal(mine, theirs)
        for mine, theirs in zip(
            first.players.discriminator.parameters(), both.players.discriminator.parameters(), strict=True
        )
    )
    rows = first.read(), both.read()
    assert rows[0]["loss_d"] == rows[1]["loss_d"]
    assert rows[0]["loss_g"] != rows[1]["loss_g"]


def test_simultaneous_is_gradient_descent_on_both_losses_at_once(tiny: Experiment, images: Tensor) -> None:
    """With plain SGD, one step against autograd on the two losses written out here."""
    from torch.nn.functional import logsigmoid

    from dcgan.common.rng import stream
    from dcgan.networks import build_discriminator, build_generator

    sgd = {f"optimizer.{player}.{key}": value for player in ("generator", "discriminator")
           for key, value in {"kind": "sgd", "lr": 0.1}.items()}  # fmt: skip
    experiment = tiny.with_({**sgd, "update.order": "simultaneous"})
    trainer = _trained(experiment, images, 1)
    generator, discriminator = build_generator(experiment), build_discriminator(experiment)
    noise = stream(0, "noise")
    order = torch.randperm(len(images), generator=stream(0, "data"))[:20]
    real = images[order].float() / 127.5 - 1
    with torch.no_grad():
        fake = generator(torch.randn(20, 8, generator=noise))
    loss_d = -logsigmoid(discriminator(real)).mean() - logsigmoid(-discriminator(fake)).mean()
    gradients_d = torch.autograd.grad(loss_d, list(discriminator.parameters()))
    loss_g = -logsigmoid(discriminator(generator(torch.randn(20, 8, generator=noise)))).mean()
    gradients_g = torch.autograd.grad(loss_g, list(generator.parameters()))
    for network, trained, gradients in (
        (discriminator, trainer.players.discriminator, gradients_d),
        (generator, trainer.players.generator, gradients_g),
    ):
        for old, new, gradient in zip(network.parameters(), trained.parameters(), gradients, strict=True):
            torch.testing.assert_close(new, old - 0.1 * gradient, rtol=1e-5, atol=1e-6)


def test_sampling_leaves_training_as_it_was(tiny: Experiment, images: Tensor) -> None:
    watched, alone = _trained(tiny, images, 2), _trained(tiny, images, 2)
    taken = sample(watched.players.generator, tiny.latent, 30, torch.Generator().manual_seed(0))
    assert taken.shape == (30, 1, 16, 16)
    assert taken.dtype == torch.uint8
    for trainer in (watched, alone):
        trainer.step()
    assert watched.players.generator.training
    assert digest(watched.state_dict()) == digest(alone.state_dict())


def test_samples_do_not_depend_on_their_company(tiny: Experiment, images: Tensor) -> None:
    """Evaluation mode: an image depends on its own noise only."""
    from dcgan.training.sampling import render

    generator = _trained(tiny, images, 2).players.generator
    noise = torch.randn(300, 8, generator=torch.Generator().manual_seed(0))
    together, alone = render(generator, noise), render(generator, noise[:3])
    assert (together[:3].int() - alone.int()).abs().max() <= 1


def test_epochs_and_the_rate_follow_the_images(tiny: Experiment, images: Tensor) -> None:
    experiment = tiny.with_({"schedule.kind": "step", "schedule.every_epochs": 1, "schedule.factor": 0.1})
    trainer = Trainer(experiment, images)
    rates = []
    while not trainer.done:
        trainer.step()
        rates.append(trainer.players.rates()[0] / 2e-4)
    assert trainer.seen == 200
    expected = [1] * 3 + [0.1] * 2 + [0.01] * 3 + [0.001] * 2  # 50 images an epoch in batches of 20
    assert rates == pytest.approx(expected)


def test_d_steps_see_images_of_their_own(tiny: Experiment, images: Tensor) -> None:
    trainer = _trained(tiny.with_({"update.d_steps": 3}), images, 2)
    assert (trainer.steps, trainer.seen) == (2, 120)


def test_trouble_is_named(tiny: Experiment, images: Tensor) -> None:
    trainer = _trained(tiny, images, 1)
    row = trainer.read()
    assert trainer.divergence(row) is None
    assert trainer.divergence({**row, "loss_d": float("nan")}) == "loss_d is nan after 20 images (step 1)"
    with torch.no_grad():
        trainer.players.discriminator.main.logit.weight[0, 0, 0, 0] = float("inf")
    assert "the discriminator's main.logit.weight is not finite" in str(trainer.divergence(row))


def test_a_batch_larger_than_the_data_is_refused(tiny: Experiment, images: Tensor) -> None:
    with pytest.raises(
        Misuse, match="update.batch=150 is larger than the training split of data.name=digits, 100 images"
    ):
        Trainer(tiny.with_({"update.batch": 150}), images[:100])


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


def test_bf16_trains_close_to_fp32(tiny: Experiment, images: Tensor) -> None:
    rows = [_trained(tiny.with_({"compute.precision": kind}), images, 3).read() for kind in ("fp32", "bf16")]
    assert rows[0]["loss_d"] != rows[1]["loss_d"]
    assert rows[0]["loss_d"] == pytest.approx(rows[1]["loss_d"], rel=0.05)


def test_a_damaged_checkpoint_is_refused(tiny: Experiment, images: Tensor, tmp_path: Path) -> None:
    file = tmp_path / "checkpoint.pt"
    checkpoint.save(file, _trained(tiny, images, 1).state_dict())
    whole = file.read_bytes()
    for damaged in (b"", b"not a checkpoint", whole[: len(whole) // 2], whole.replace(whole[5000:5064], bytes(64))):
        file.write_bytes(damaged)
        with pytest.raises(DcganError, match="is damaged: delete it to train this run from the start"):
            checkpoint.load(file)


def test_a_checkpoint_runs_no_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return (print, ("run",))

    torch.save({"x": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(DcganError, match="damaged"):
        checkpoint.load(tmp_path / "evil.pt")
