"""The two players and what each does in a step: generate, accumulate gradients, step.

`generate`                            noise -> G, then earlier images from the replay buffer in place of some
`accumulate_discriminator_gradients`  real and generated images -> augmented -> D -> adversarial loss
                                      + gradient penalty and smoothness, where due -> backward, part by part
`step_discriminator`                  D's optimizer, zero gradients, clipped weights
`accumulate_generator_gradients`      noise -> G -> augmented -> D -> G's loss + feature matching -> backward;
                                      where these compare with real images: real -> augmented -> D, without a graph
`step_generator`                      G's optimizer, zero gradients, the average of G's weights follows

`dcgan.training.step` says in which order. Static shapes, no synchronisation with the host, every random number from a
stream of its own on the device: gradients can be captured as graphs and vectorised over seeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import get_total_norm

from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.networks import build_discriminator, build_generator, set_stream
from dcgan.objectives import build_loss, feature_matching
from dcgan.training.average_meter import AverageMeter
from dcgan.training.discriminator_input import DiscriminatorInput
from dcgan.training.latent import draw_noise
from dcgan.training.lazy_regulariser import build_regularisers
from dcgan.training.optimizers import build_optimizer, rate_multiplier, set_rate
from dcgan.training.replay_buffer import ReplayBuffer
from dcgan.training.weight_average import WeightAverage

_PURPOSES = ("noise", "penalty", "virtual_adversarial", "dropout", "augment", "instance_noise")


class Players:
    """Generator and discriminator with all that their steps need and leave behind.

    Gradients are added up until `step_discriminator` or `step_generator` uses and clears them.
    """

    def __init__(self, experiment: Experiment, device: torch.device) -> None:
        self._experiment = experiment
        self._device = device
        reduced = experiment.compute.precision == "bf16"
        self._autocast = torch.autocast(device.type, torch.bfloat16, enabled=reduced)
        # bf16 convolutions want the channels innermost; in fp32 the plain layout is the faster one on CPUs.
        self.memory_format = torch.channels_last if reduced else torch.contiguous_format
        self._streams = {purpose: stream(experiment.seed, purpose, device=device) for purpose in _PURPOSES}
        self.generator = build_generator(experiment).to(device, memory_format=self.memory_format)  # type: ignore[call-overload]
        self.discriminator = build_discriminator(experiment).to(device, memory_format=self.memory_format)  # type: ignore[call-overload]
        set_stream(self.discriminator, self._streams["dropout"])
        self.optimizer_g = build_optimizer(experiment.optimizer.generator, self.generator.parameters())
        self.optimizer_d = build_optimizer(experiment.optimizer.discriminator, self.discriminator.parameters())
        self._loss = build_loss(experiment.objective, experiment.discriminator.head)
        self._paired = experiment.objective.chosen_loss.paired
        self._scale = 1 / experiment.update.batch if experiment.objective.scale == "listing" else 1.0
        self._regularisers = build_regularisers(experiment, self._streams)
        build_input = partial(DiscriminatorInput, experiment.augment, experiment.discriminator.pack)
        self._input = build_input(changes=self._streams["augment"], noise=self._streams["instance_noise"])
        own = self._streams["penalty"]
        at_image = experiment.objective.penalty.at == "image" and experiment.augment.changes
        self._penalty_input = build_input(changes=own, noise=own) if at_image else None
        self._replay = self._build_replay()
        self._average = self._build_average()
        self.meter_d = AverageMeter(("loss_d", "d_real", "d_fake", "grad_d"), device)
        self.meter_g = AverageMeter(("loss_g", "grad_g"), device)
        self.meters = {name: AverageMeter((name,), device) for name in ("penalty", "smoothness")}

    def _build_replay(self) -> ReplayBuffer | None:
        chosen, data = self._experiment.replay, self._experiment.data
        if not chosen.share:
            return None
        generator = stream(self._experiment.seed, "replay", device=self._device)
        return ReplayBuffer(share=chosen.share, capacity=chosen.capacity, shape=data.shape, generator=generator)

    def _build_average(self) -> WeightAverage | None:
        half_life = self._experiment.average.half_life
        images = self._experiment.images_per_step / self._experiment.update.g_steps
        return WeightAverage(self.generator, half_life=half_life, images=images) if half_life else None

    @property
    def evaluation_generator(self) -> nn.Module:
        """The generator that is scored, sampled and saved: the average of G's weights if there is one, else G."""
        return self._average.network if self._average else self.generator

    def generate(self, count: int, noise: torch.Generator | None = None) -> Tensor:
        """Generated images (count, C, H, W) for D, from the training noise or another stream.

        Only images of the training noise go into the replay buffer and have earlier ones among them. Without a graph,
        unless the experiment lets D's gradient leak into G.
        """
        drawn = draw_noise(self._experiment.latent, count, noise or self._streams["noise"])
        with torch.set_grad_enabled(self._experiment.update.leak), self._autocast:
            fake = _full(torch.cat([self.generator(part) for part in self._split(drawn)]))
        return self._replay.mix(fake) if self._replay and noise is None else fake

    def accumulate_discriminator_gradients(self, real: Tensor, fake: Tensor) -> None:
        """Adds D's gradients for its whole loss on given real and generated images, both (N, C, H, W).

        Where `fake` carries a graph, those of the adversarial loss go on into G: the listing's leak.
        """
        learners = [*self.discriminator.parameters()]
        if fake.requires_grad:
            learners += self.generator.parameters()
        readings: dict[str, list[Tensor]] = defaultdict(list)
        for some_real, some_fake in zip(self._split(real), self._split(fake), strict=True):
            share = some_real.shape[0] / real.shape[0]
            loss, reported = self._discriminator_loss(some_real, some_fake)
            (share * loss).backward(inputs=learners)  # type: ignore[no-untyped-call]
            for name, reading in reported.items():
                readings[name].append(share * reading.detach())
        self._meter(readings)
        for term in self._regularisers.values():
            term.count_step()

    def _discriminator_loss(self, real: Tensor, fake: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """D's whole loss on a part of the batch, and what is reported of it."""
        seen_real = self._input(real).contiguous(memory_format=self.memory_format)
        seen_fake = self._input(fake).contiguous(memory_format=self.memory_format)
        with self._autocast:
            real_outputs, fake_outputs = _full(self.discriminator(seen_real)), _full(self.discriminator(seen_fake))
            loss = self._loss.discriminator(real_outputs, fake_outputs)
            due = {name: term for name, term in self._regularisers.items() if term.due}
            terms = {name: self._term(name, (real, fake), (seen_real, seen_fake)) for name in due}
        reported = {"loss_d": loss * self._scale, **terms}
        reported |= {
            "d_real": self._loss.reported_output(real_outputs).mean(),
            "d_fake": self._loss.reported_output(fake_outputs).mean(),
        }
        for name, term in due.items():
            loss = loss + term.weight * terms[name]
        return loss * self._scale, reported

    def _term(self, name: str, images: tuple[Tensor, Tensor], seen: tuple[Tensor, Tensor]) -> Tensor:
        """A regulariser's value on real and generated images, of which D has `seen` this.

        With `objective.penalty.at=image` the gradient is taken at the images before they are augmented: they are then
        augmented again on the way to D, by random numbers of the penalty's own stream.
        """
        penalty_input = self._penalty_input
        if name != "penalty" or penalty_input is None:
            return self._regularisers[name](self.discriminator, *seen)

        def critic(packs: Tensor) -> Tensor:
            outputs: Tensor = self.discriminator(
                penalty_input.of_packs(packs).contiguous(memory_format=self.memory_format)
            )
            return outputs

        return self._regularisers[name](critic, *map(penalty_input.pack, images))

    def _meter(self, readings: dict[str, list[Tensor]]) -> None:
        """Adds D's readings, each given for the parts of the batch; a term that was not due is not counted."""
        sums = {name: torch.stack(shares).sum() for name, shares in readings.items()}
        self.meter_d.add(sums.pop("loss_d"), sums.pop("d_real"), sums.pop("d_fake"), _norm(self.discriminator))
        for name, value in sums.items():
            self.meters[name].add(value)

    def accumulate_generator_gradients(self, real: Tensor, noise: torch.Generator | None = None) -> None:
        """Adds G's gradients for its loss on as many new images as `real` (N, C, H, W) has; leaves D's alone.

        The real images are for what compares with them: a paired loss and feature matching.
        """
        drawn = draw_noise(self._experiment.latent, real.shape[0], noise or self._streams["noise"])
        losses = []
        for some_real, some_drawn in zip(self._split(real), self._split(drawn), strict=True):
            loss = self._generator_loss(some_real, some_drawn) * (some_real.shape[0] / real.shape[0])
            loss.backward(inputs=[*self.generator.parameters()])  # type: ignore[no-untyped-call]
            losses.append(loss.detach())
        self.meter_g.add(torch.stack(losses).sum(), _norm(self.generator))

    def _generator_loss(self, real: Tensor, drawn: Tensor) -> Tensor:
        weight = self._experiment.objective.feature_matching
        with self._autocast:
            fake = self._input(_full(self.generator(drawn))).contiguous(memory_format=self.memory_format)
            outputs, features = self.discriminator.outputs_and_features(fake)
            real_outputs, wanted = self._judge_real(real)
            loss = self._loss.generator(_full(real_outputs), _full(outputs))
            if weight:
                loss = loss + weight * feature_matching(_full(wanted), _full(features))
        return loss * self._scale

    @torch.no_grad()
    def _judge_real(self, real: Tensor) -> tuple[Tensor, Tensor]:
        """D's outputs and features on real images, of what G's loss compares with: empty where it does not."""
        nothing = real.new_empty(0)
        if not (self._paired or self._experiment.objective.feature_matching):
            return nothing, nothing
        seen = self._input(real).contiguous(memory_format=self.memory_format)
        if self._paired:
            outputs, features = self.discriminator.outputs_and_features(seen)
            return outputs, features
        return nothing, self.discriminator.features(seen)

    def step_discriminator(self) -> None:
        """D's optimizer uses and clears its gradients; then its weights are clipped, if they are to be."""
        self.optimizer_d.step()
        self.optimizer_d.zero_grad()
        if self._experiment.clipped:
            clip = self._experiment.objective.clip
            with torch.no_grad():
                for parameter in self.discriminator.parameters():
                    parameter.clamp_(-clip, clip)

    def step_generator(self) -> None:
        """G's optimizer uses and clears its gradients; then the average follows."""
        self.optimizer_g.step()
        self.optimizer_g.zero_grad()
        if self._average:
            self._average.update(self.generator)

    def set_progress(self, seen: int) -> None:
        """Sets what changes over the training, for the step after `seen` real images: learning rates and noise."""
        chosen, budget = self._experiment.optimizer, self._experiment.budget
        multiplier = rate_multiplier(self._experiment.schedule, budget, seen, self._experiment.images_per_step)
        set_rate(self.optimizer_d, chosen.discriminator.lr * multiplier)
        set_rate(self.optimizer_g, chosen.generator.lr * multiplier)
        for its_input in filter(None, (self._input, self._penalty_input)):
            its_input.set_progress(seen / budget.images)

    def rates(self) -> tuple[float, float]:
        """The learning rates now: (D's, G's)."""
        return self.optimizer_d.param_groups[0]["lr"], self.optimizer_g.param_groups[0]["lr"]

    def read(self) -> dict[str, float]:
        """Means of what was measured since the last reading, a penalty's over the steps that had it."""
        means: dict[str, float] = {}
        for meter in (self.meter_d, self.meter_g, *self.meters.values()):
            means |= meter.read()
        return means

    @contextmanager
    def separate_streams(self, purpose: str) -> Iterator[None]:
        """For steps before those of adversarial training, which then begins as if there had been none.

        All random numbers within come from streams of that purpose; afterwards the streams and the counts of steps are
        what they were before.
        """
        before = {name: generator.get_state() for name, generator in self._streams.items()}
        counts = {name: term.state_dict() for name, term in self._regularisers.items()}
        for name, generator in self._streams.items():
            generator.set_state(stream(self._experiment.seed, purpose, "step", name, device=self._device).get_state())
        yield
        for name, generator in self._streams.items():
            generator.set_state(before[name])
        for name, term in self._regularisers.items():
            term.load_state_dict(counts[name])

    def _split(self, batch: Tensor) -> tuple[Tensor, ...]:
        """A batch in the parts that go through the networks at once."""
        return torch.split(batch, self._experiment.parts)

    def _parts(self) -> dict[str, Any]:
        """What has a state of its own, by name."""
        parts = {
            name: getattr(self, name)
            for name in ("generator", "discriminator", "optimizer_g", "optimizer_d", "meter_d", "meter_g")
        }
        parts |= {"replay": self._replay, "average": self._average}
        parts |= {f"regulariser_{name}": term for name, term in self._regularisers.items()}
        parts |= {f"meter_{name}": meter for name, meter in self.meters.items()}
        return {name: part for name, part in parts.items() if part is not None}

    def state_dict(self) -> dict[str, Any]:
        """All that is needed to go on bit for bit, between steps."""
        streams = {purpose: generator.get_state() for purpose, generator in self._streams.items()}
        return {"streams": streams, **{name: part.state_dict() for name, part in self._parts().items()}}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        for purpose, generator in self._streams.items():
            generator.set_state(state["streams"][purpose].cpu())


def _full(numbers: Tensor) -> Tensor:
    """Out of reduced precision: what losses are computed from."""
    return numbers.float() if numbers.dtype == torch.bfloat16 else numbers


def _norm(network: nn.Module) -> Tensor:
    """The total Euclidean norm of a network's gradients."""
    return get_total_norm([parameter.grad for parameter in network.parameters() if parameter.grad is not None])
