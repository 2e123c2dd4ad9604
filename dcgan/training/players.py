"""The two players and what each does in a step.

Static shapes, no synchronisation with the host, every random number from a stream of its own on the device: `judge`,
`discriminator_gradients` and `generator_gradients` can be captured as graphs and vectorised over seeds. Which images
come next and the learning rates are set from outside, between steps.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator
from dcgan.objectives import LOSSES, PENALTIES
from dcgan.sections import Latent
from dcgan.streams import stream
from dcgan.training.meter import Meter
from dcgan.training.optimizers import build_optimizer, rate_multiplier, set_rate
from dcgan.training.replay import Replay


def draw_noise(latent: Latent, count: int, generator: torch.Generator) -> Tensor:
    """Noise (count, dim): standard normal, or uniform on (-1, 1)."""
    shape = (count, latent.dim)
    if latent.distribution == "uniform":
        return torch.rand(shape, generator=generator, device=generator.device) * 2 - 1
    return torch.randn(shape, generator=generator, device=generator.device)


class Players:
    """Generator and discriminator with their optimizers, their noise and the history of generated images."""

    def __init__(self, experiment: Experiment, device: torch.device) -> None:
        self._experiment = experiment
        self._device = device
        reduced = experiment.compute.precision == "bf16"
        self._autocast = torch.autocast(device.type, torch.bfloat16, enabled=reduced)
        # bf16 convolutions want the channels innermost; in fp32 the plain layout is the faster one on CPUs.
        self.memory_format = torch.channels_last if reduced else torch.contiguous_format
        self.generator = build_generator(experiment).to(device, memory_format=self.memory_format)  # type: ignore[call-overload]
        self.discriminator = build_discriminator(experiment).to(device, memory_format=self.memory_format)  # type: ignore[call-overload]
        self.optimizer_g = build_optimizer(experiment.optimizer.generator, self.generator.parameters())
        self.optimizer_d = build_optimizer(experiment.optimizer.discriminator, self.discriminator.parameters())
        self._loss = LOSSES[experiment.objective.loss]
        self._penalty = PENALTIES.get(experiment.objective.penalty.kind)
        seed = experiment.seed
        self._noise = stream(seed, "noise", device=device)
        self._penalty_noise = stream(seed, "penalty", device=device)
        self._replay = self._build_replay()
        self.meter_d = Meter(("loss_d", "penalty", "d_real", "d_fake", "grad_d"), device)
        self.meter_g = Meter(("loss_g", "grad_g"), device)

    def _build_replay(self) -> Replay | None:
        chosen, data = self._experiment.replay, self._experiment.data
        if not chosen.share:
            return None
        generator = stream(self._experiment.seed, "replay", device=self._device)
        return Replay(share=chosen.share, capacity=chosen.capacity, shape=data.shape, generator=generator)

    def fakes(self, count: int, noise: torch.Generator | None = None) -> Tensor:
        """Generated images (count, C, H, W) without a graph, from the training noise or another stream."""
        with torch.no_grad(), self._autocast:
            images: Tensor = self.generator(draw_noise(self._experiment.latent, count, noise or self._noise))
        return images.float()

    def discriminator_gradients(self, real: Tensor) -> None:
        """Sets D's gradients for its loss on `real` (N, C, H, W) and as many generated images."""
        fake = self.fakes(real.shape[0])
        self.judge(real, self._replay.mix(fake) if self._replay else fake)

    def judge(self, real: Tensor, fake: Tensor) -> None:
        """Sets D's gradients for its loss and penalty on given real and generated images, both (N, C, H, W)."""
        fake = fake.contiguous(memory_format=self.memory_format)
        with self._autocast:
            real_logits, fake_logits = self.discriminator(real).float(), self.discriminator(fake).float()
            loss = self._loss.discriminator(real_logits, fake_logits)
            penalty = torch.zeros((), device=self._device)
            if self._penalty:
                penalty = self._penalty(self.discriminator, real, fake, self._penalty_noise)
        weight = self._experiment.objective.penalty.weight
        norm = _differentiate(loss + weight * penalty, self.discriminator)
        certainty = real_logits.sigmoid().mean(), fake_logits.sigmoid().mean()
        self.meter_d.add(loss, penalty, *certainty, norm)

    def generator_gradients(self, count: int, noise: torch.Generator | None = None) -> None:
        """Sets G's gradients for its loss on `count` new images; leaves D's gradients alone."""
        drawn = draw_noise(self._experiment.latent, count, noise or self._noise)
        with self._autocast:
            loss = self._loss.generator(self.discriminator(self.generator(drawn)).float())
        self.meter_g.add(loss, _differentiate(loss, self.generator))

    def set_rates(self, epoch: int) -> None:
        """Sets both learning rates for that epoch (from 0)."""
        chosen = self._experiment.optimizer
        multiplier = rate_multiplier(self._experiment.schedule, epoch)
        set_rate(self.optimizer_d, chosen.discriminator.lr * multiplier)
        set_rate(self.optimizer_g, chosen.generator.lr * multiplier)

    def rates(self) -> tuple[float, float]:
        """The learning rates now: (D's, G's)."""
        return self.optimizer_d.param_groups[0]["lr"], self.optimizer_g.param_groups[0]["lr"]

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on bit for bit."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "optimizer_g": self.optimizer_g.state_dict(),
            "optimizer_d": self.optimizer_d.state_dict(),
            "noise": self._noise.get_state(),
            "penalty_noise": self._penalty_noise.get_state(),
            "replay": self._replay.state_dict() if self._replay else None,
            "meter_d": self.meter_d.state_dict(),
            "meter_g": self.meter_g.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        for part in ("generator", "discriminator", "optimizer_g", "optimizer_d", "meter_d", "meter_g"):
            getattr(self, part).load_state_dict(state[part])
        self._noise.set_state(state["noise"].cpu())
        self._penalty_noise.set_state(state["penalty_noise"].cpu())
        if self._replay:
            self._replay.load_state_dict(state["replay"])


def _differentiate(loss: Tensor, network: nn.Module) -> Tensor:
    """Puts d loss / d parameter in place of the network's gradients; returns their total Euclidean norm."""
    parameters = list(network.parameters())
    for parameter in parameters:
        parameter.grad = None
    loss.backward(inputs=parameters)  # type: ignore[no-untyped-call]
    return get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None])
