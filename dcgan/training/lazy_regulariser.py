"""The terms beside the adversarial one in D's loss: a penalty each, with its weight, its interval and its stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from dcgan.experiment import Experiment
from dcgan.objectives import PENALTIES, Penalty, build_smoothness
from dcgan.objectives.penalties import Critic


class LazyRegulariser:
    """`penalty` at every `every`-th step, with a weight `every` times as large.

    StyleGAN2's lazy regularisation: Karras et al. 2020, appendix B.
    """

    def __init__(self, penalty: Penalty, *, weight: float, every: int, generator: torch.Generator) -> None:
        self._penalty = penalty
        self._every = every
        self._generator = generator
        self._steps = 0
        self.weight = weight * every

    @property
    def due(self) -> bool:
        """Whether the current step has this term."""
        return self._steps % self._every == 0

    def __call__(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
        """The penalty itself, a scalar, without its weight."""
        return self._penalty(critic, real, fake, self._generator)

    def count_step(self) -> None:
        """One step of D is over."""
        self._steps += 1

    def state_dict(self) -> dict[str, Any]:
        """The steps so far; the stream is kept by its owner."""
        return {"steps": self._steps}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Goes on where `state_dict` was taken."""
        self._steps = state["steps"]


def build_regularisers(experiment: Experiment, streams: Mapping[str, torch.Generator]) -> dict[str, LazyRegulariser]:
    """The terms that the experiment has, by the name of their column in metrics.csv: `penalty`, `smoothness`."""
    chosen, smoothness = experiment.objective.penalty, experiment.objective.virtual_adversarial
    terms = {}
    if chosen.kind != "none":
        terms["penalty"] = LazyRegulariser(
            PENALTIES[chosen.kind], weight=chosen.weight, every=chosen.every, generator=streams["penalty"]
        )
    if smoothness.weight:
        terms["smoothness"] = LazyRegulariser(
            build_smoothness(smoothness, experiment.discriminator.head),
            weight=smoothness.weight,
            every=1,
            generator=streams["virtual_adversarial"],
        )
    return terms
