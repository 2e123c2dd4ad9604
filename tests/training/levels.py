"""Every level of every factor: the catalogue's, and every other choice that an experiment offers.

`LEVELS` is generated: a tip or a choice that is added stands in it, and the tests over it ask where it acts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from dcgan.experiment import Experiment
from dcgan.experiment.sections import ADVERSARIAL_LOSSES, Section
from dcgan.tips import TIPS, apply

_NO_TRAINING = {"data", "score", "tracking", "compute"}  # sections without a choice that changes how a step is made


@dataclass(frozen=True)
class Level:
    """A level by its name, and the dotted keys that make it of the base where it is no tip's."""

    name: str
    changes: dict[str, Any] = field(default_factory=dict)

    def base(self, plain: Experiment) -> Experiment:
        """What the level is compared with: the plain experiment, or one in which the level is possible and read."""
        return plain.with_(_BASE_FOR.get(self.name, {}))

    def of(self, base: Experiment) -> Experiment:
        """The experiment at this level."""
        if self.changes:
            return base.with_(self.changes)
        tip, level = self.name.split(":")
        return apply(base, {tip: level})


def choices(section: type[Section], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every (dotted key, value) of the Literal settings in a section and the sections in it, but the defaults."""
    for name, info in section.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, Section):
            if prefix or name not in _NO_TRAINING:
                yield from choices(kind, f"{prefix}{name}.")
        elif get_origin(kind) is Literal:
            yield from ((f"{prefix}{name}", value) for value in get_args(kind) if value != info.default)


# Choices that need another setting to be possible, or to be read.
_NEEDS: dict[str, dict[str, Any]] = {
    **{
        f"objective.loss={name}": {"objective.clip": 0.05}
        for name, loss in ADVERSARIAL_LOSSES.items()
        if loss.bounded_slope
    },
    "objective.penalty.at=image": {"objective.penalty.kind": "r1", "augment.color": True, "augment.translation": True},
}

# A level that the plain base cannot have, or would not read.
_BASE_FOR: dict[str, dict[str, Any]] = {
    "schedule.kind=step": {"schedule.every_epochs": 1},
    "lr_decay:warmup": {"update.batch": 8},  # a tenth of the 200 images is more than one batch
}

LEVELS = [
    *(Level(f"{name}:{level}") for name, tip in TIPS.items() for level in tip.levels),
    *(
        Level(f"{key}={value}", {key: value, **_NEEDS.get(f"{key}={value}", {})})
        for key, value in choices(Experiment)
    ),
    # Numbers and switches that no tip has.
    Level("objective.penalty.every=3", {"objective.penalty.kind": "r1", "objective.penalty.every": 3}),
    Level("update.micro_batch=6", {"update.micro_batch": 6}),
    Level("update.leak=true", {"update.leak": True}),
    Level("update.g_steps=2", {"update.g_steps": 2}),
    Level("latent.dim=3", {"latent.dim": 3}),
    Level("objective.epsilon=0.1", {"discriminator.head": "sigmoid", "objective.epsilon": 0.1}),
    Level("discriminator.depth=4", {"discriminator.depth": 4}),
    Level("generator.depth=2", {"generator.depth": 2}),
    Level("objective.virtual_adversarial.power_iterations=2", {
        "objective.virtual_adversarial.weight": 1.0, "objective.virtual_adversarial.power_iterations": 2,
    }),
]  # fmt: skip
