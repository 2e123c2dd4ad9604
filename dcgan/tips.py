"""The catalogue: each tip is a name, its source, a plain sentence, and its levels as fragments of an Experiment.

A tip is data. No code elsewhere asks whether a tip is on; it reads the experiment. Adding a tip is one
component plus one entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dcgan.errors import Misuse, did_you_mean
from dcgan.experiment import Experiment
from dcgan.overrides import flatten


@dataclass(frozen=True)
class Times:
    """A value relative to the experiment it is applied to: `factor` x the value of `key`, rounded, at least 1."""

    key: str
    factor: float

    def of(self, experiment: Experiment) -> int:
        """The number for that experiment."""
        value = float(flatten(experiment.model_dump())[self.key])
        return max(1, round(value * self.factor))

    def __str__(self) -> str:
        return f"{self.factor:g} x {self.key}"


Fragment = Mapping[str, Any]


@dataclass(frozen=True)
class Tip:
    """A factor from the catalogue. `levels` maps `off`, `on` and others to dotted keys and their values."""

    name: str
    sentence: str
    source: str
    levels: Mapping[str, Fragment]

    def fragment(self, level: str, experiment: Experiment) -> dict[str, Any]:
        """The dotted keys and plain values of a level, for that experiment. Raises Misuse for an unknown level."""
        if level not in self.levels:
            raise Misuse(f"tip '{self.name}' has no level '{level}'" + did_you_mean(level, self.levels))
        return {
            key: value.of(experiment) if isinstance(value, Times) else value
            for key, value in self.levels[level].items()
        }

    def level_of(self, experiment: Experiment) -> str | None:
        """The level that an experiment is at, or None if it is at none of them."""
        return next((level for level in self.levels if self._is_at(experiment, level)), None)

    def _is_at(self, experiment: Experiment, level: str) -> bool:
        return experiment.with_(self.fragment(level, experiment)).id == experiment.id


def _both(key: str, value: Any) -> dict[str, Any]:
    return {f"generator.{key}": value, f"discriminator.{key}": value}


_ALL = [
    Tip(
        "small_networks",
        "Use smaller networks: half as many channels in every layer of both players.",
        "article, tip 1",
        {"off": {}, "on": {key: Times(key, 0.5) for key in _both("width", None)}},
    ),
    Tip(
        "he_init",
        "Initialise the weights with He's variance, which allows for the activation, instead of Xavier's.",
        "article, tip 2; He et al. 2015; Glorot and Bengio 2010",
        {"off": _both("init", "xavier"), "on": _both("init", "he")},
    ),
    Tip(
        "batch_norm",
        "Normalise each channel over the batch after a convolution and before its activation.",
        "article, tip 3; Ioffe and Szegedy 2015; Radford et al. 2016",
        {"off": _both("normalisation", "none"), "on": _both("normalisation", "batch")},
    ),
    Tip(
        "leaky_relu",
        "Let the discriminator's activations pass a fifth of their negative side, instead of nothing.",
        "article, tip 4; Maas et al. 2013; Radford et al. 2016",
        {"off": {"discriminator.slope": 0.0}, "on": {"discriminator.slope": 0.2}},
    ),
    Tip(
        "gradient_penalty",
        "Keep the length of the discriminator's gradient near 1 between real and generated images. Its authors leave "
        "BatchNorm out of the discriminator with it, since the gradients of a batch are then not each image's own.",
        "article, tip 5; Gulrajani et al. 2017, equation 3",
        {
            "off": {"objective.penalty.kind": "none"},
            "on": {"objective.penalty.kind": "wgan_gp", "objective.penalty.weight": 10.0},
        },
    ),
    Tip(
        "lr_decay",
        "Halve both learning rates after every quarter of the epochs, rounded to whole epochs.",
        "article, tip 6",
        {
            "off": {"schedule.kind": "constant"},
            "on": {
                "schedule.kind": "step",
                "schedule.every_epochs": Times("budget.epochs", 0.25),
                "schedule.factor": 0.5,
            },
        },
    ),
    Tip(
        "mini_batch",
        "Update on the experiment's mini-batch instead of a batch ten times as large, for the same number of images.",
        "article, tip 7",
        {"off": {"update.batch": Times("update.batch", 10)}, "on": {}},
    ),
    Tip(
        "replay",
        "Draw half of the discriminator's generated images from a history of earlier ones.",
        "article, tip 8; Shrivastava et al. 2017, section 2.3",
        {
            "off": {"replay.share": 0.0},
            "on": {"replay.share": 0.5, "replay.capacity": Times("update.batch", 50)},
        },
    ),
    Tip(
        "d_first",
        "Let the discriminator step first and the generator answer the new one, instead of both stepping at once.",
        "article, tip 9; Goodfellow et al. 2014, algorithm 1",
        {"off": {"update.order": "simultaneous"}, "on": {"update.order": "d_first"}},
    ),
    Tip(
        "pretrain",
        "Before adversarial training: the generator makes images, the discriminator learns to tell them from real "
        "ones, then the generator learns against it.",
        "article, tip 10",
        {
            "off": {"pretrain.images": 0},
            "on": {"pretrain.images": Times("budget.images_per_epoch", 1.0), "pretrain.epochs": 1},
        },
    ),
    Tip(
        "optimizer",
        "Adam for the discriminator and RMSprop for the generator, instead of Adam for both.",
        "article, section 4 (2.2); Kingma and Ba 2015; Tieleman and Hinton 2012",
        {
            "off": {"optimizer.discriminator.kind": "adam", "optimizer.generator.kind": "adam"},
            "on": {"optimizer.discriminator.kind": "adam", "optimizer.generator.kind": "rmsprop"},
        },
    ),
]

TIPS: dict[str, Tip] = {tip.name: tip for tip in _ALL}


def tip(name: str) -> Tip:
    """The tip of that name. Raises Misuse with the closest name."""
    if name not in TIPS:
        raise Misuse(f"no tip named '{name}'" + did_you_mean(name, TIPS))
    return TIPS[name]


def apply(experiment: Experiment, levels: Mapping[str, str]) -> Experiment:
    """The experiment with each named tip at its level: `apply(e, {"he_init": "on"})`.

    Relative values refer to `experiment` as given. Raises Misuse for unknown names, and for a combination that
    the experiment refuses.
    """
    changes: dict[str, Any] = {}
    for name, level in levels.items():
        changes.update(tip(name).fragment(level, experiment))
    return experiment.with_(changes)
