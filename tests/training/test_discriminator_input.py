"""What is done to images on their way to the discriminator."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Augment
from dcgan.training.discriminator_input import DiscriminatorInput
from dcgan.training.trainer import Trainer


def _input(pack: int = 1, **chosen: object) -> DiscriminatorInput:
    return DiscriminatorInput(
        Augment.model_validate(chosen), pack, changes=stream(0, "augment"), noise=stream(0, "instance_noise")
    )


def test_d_sees_images_as_they_are_unless_told() -> None:
    images = torch.rand(4, 3, 16, 16)
    assert _input()(images) is images


def test_instance_noise_fades_to_nothing() -> None:
    d_input, images = _input(instance_noise=0.5), torch.zeros(20, 1, 16, 16)
    deviations = []
    for share in (0.0, 0.5, 1.0, 1.01):
        d_input.set_progress(share)
        deviations.append(d_input(images).std().item())
    assert deviations == pytest.approx([0.5, 0.25, 0, 0], rel=0.05)


def test_a_pack_holds_images_that_follow_each_other() -> None:
    images = torch.arange(6.0).reshape(6, 1, 1, 1).expand(6, 2, 3, 3)
    packs = _input(pack=3)(images)
    assert packs.shape == (2, 6, 3, 3)
    assert packs[:, ::2, 0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert packs[:, 1::2, 0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_augmentation_is_differentiable_and_its_chance_its_own() -> None:
    images = torch.rand(8, 3, 16, 16).requires_grad_()
    seen = _input(translation=True, cutout=True)(images)
    seen.sum().backward()  # type: ignore[no-untyped-call]
    assert images.grad is not None
    assert 0 < (images.grad != 0).double().mean() < 1  # cut out or moved away: no gradient there
    assert torch.equal(seen, _input(translation=True, cutout=True)(images))


def test_instance_noise_fades_with_the_training(tiny: Experiment, drawn_images: Tensor) -> None:
    trainer = Trainer(tiny.with_({"augment.instance_noise": 0.5}), drawn_images)
    beyond: list[float] = []
    trainer.players.discriminator.register_forward_pre_hook(
        lambda _, given: beyond.append((given[0].abs() - 1).clamp(min=0).max().item())  # no image is beyond 1
    )
    noisy = []
    while not trainer.done:
        beyond.clear()
        trainer.step()
        noisy.append(max(beyond))
    assert noisy[-1] < 0.3 * noisy[0]
    assert noisy[5] < 0.8 * noisy[0]
