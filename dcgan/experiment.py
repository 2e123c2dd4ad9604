"""Experiment: the one typed, validated, frozen description of a run.

Everything that can change a result is in here, checked once at the door. YAML and overrides come in,
YAML and an id go out; two experiments with the same id are the same run.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from dcgan import places
from dcgan.errors import DcganError, Misuse, did_you_mean
from dcgan.files import checked_name
from dcgan.overrides import merge, nest

Positive = Annotated[int, Field(ge=1)]
Weight = Annotated[float, Field(ge=0)]
Fraction = Annotated[float, Field(ge=0, lt=1)]

# Not part of the id: names, who watches, where it runs and where the files lie.
_OUTSIDE_ID: dict[str, Any] = {
    "name": True,
    "tracking": True,
    "compute": {"device", "threads"},
    "data": {"folder"},
}

CHANNELS = {"digits": 1, "mnist": 1, "fashion-mnist": 1, "cifar10": 3, "folder": 3}


class Section(BaseModel):
    """A part of an experiment: immutable, no unknown keys, no infinities."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Data(Section):
    """The images: which, how large, how many channels."""

    name: Literal["digits", "mnist", "fashion-mnist", "cifar10", "folder"] = "mnist"
    size: Literal[16, 32, 64, 128] = 64
    channels: Literal[1, 3] | None = None  # None: the data set's own (a folder's: colour)
    folder: str | None = None  # for `folder`: where the images are
    fingerprint: str | None = None  # for `folder`: filled in from the files' contents

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.name == "folder") != (self.folder is not None):
            raise ValueError("data.name=folder and data.folder=PATH go together: give both or neither")
        if self.channels is None:
            object.__setattr__(self, "channels", CHANNELS[self.name])
        return self

    @property
    def shape(self) -> tuple[int, int, int]:
        """An image's (channels, height, width)."""
        return self.channels or CHANNELS[self.name], self.size, self.size


class Latent(Section):
    """The noise that the generator turns into images."""

    dim: Positive = 100
    distribution: Literal["normal", "uniform"] = "normal"


class Network(Section):
    """One player's network."""

    width: Positive = 64  # channels at half the image's size (the article's ngf, ndf)
    normalisation: Literal["none", "batch"] = "batch"
    init: Literal["xavier", "he", "dcgan", "torch"] = "xavier"
    slope: Fraction = 0.0  # of the negative side of the activation; 0 is ReLU


class Discriminator(Network):
    """The discriminator's network: the article's listing has LeakyReLU(0.2) here."""

    slope: Fraction = 0.2


class Penalty(Section):
    """A gradient penalty added to the discriminator's loss."""

    kind: Literal["none", "wgan_gp"] = "none"
    weight: Weight = 10.0


class Objective(Section):
    """What the players minimise."""

    loss: Literal["non_saturating"] = "non_saturating"
    penalty: Penalty = Penalty()


class PlayerOptimizer(Section):
    """One player's optimizer; settings that a kind does not have are ignored by it."""

    kind: Literal["adam", "adamw", "rmsprop", "sgd"] = "adam"
    lr: Annotated[float, Field(gt=0)] = 2e-4
    beta1: Fraction = 0.5  # adam, adamw
    beta2: Fraction = 0.999  # adam, adamw
    alpha: Fraction = 0.99  # rmsprop
    momentum: Fraction = 0.0  # rmsprop, sgd


class Optimizers(Section):
    """Both players' optimizers."""

    generator: PlayerOptimizer = PlayerOptimizer()
    discriminator: PlayerOptimizer = PlayerOptimizer()


class Schedule(Section):
    """How the learning rates of both players change over the epochs."""

    kind: Literal["constant", "step"] = "constant"
    every_epochs: Positive = 25  # step: multiply by `factor` once every so many epochs
    factor: Annotated[float, Field(gt=0, le=1)] = 0.5


class Update(Section):
    """Who steps when, on how many images."""

    order: Literal["d_first", "simultaneous"] = "d_first"
    d_steps: Positive = 1
    batch: Annotated[int, Field(ge=2)] = 100


class Replay(Section):
    """The history of generated images from which a share of D's fake batch is drawn."""

    share: Fraction = 0.0
    capacity: Positive = 1000


class Pretrain(Section):
    """Three stages before adversarial training: G makes images, D learns them from real ones, G learns against D."""

    images: Annotated[int, Field(ge=0)] = 0  # 0: no pre-training
    epochs: Positive = 1  # passes over those images in each of the two learning stages


class Budget(Section):
    """How long: an epoch is a number of real images, whatever the data set's size (the article's 10,000)."""

    epochs: Positive = 100
    images_per_epoch: Positive = 10_000

    @property
    def images(self) -> int:
        """Real images that D sees in adversarial training."""
        return self.epochs * self.images_per_epoch


class Score(Section):
    """How the generator is judged. Intermediate scores use the validation split, the final ones `split`."""

    extractor: Literal["classifier", "inception", "none"] = "classifier"
    split: Literal["test", "train"] = "test"
    samples: Annotated[int, Field(ge=2)] | None = None  # None: as many as the split has, at most 10,000
    every_epochs: Annotated[int, Field(ge=0)] = 0  # 0: only at the end


class Tracking(Section):
    """Who watches. Nothing here can change a result."""

    wandb: Literal["auto", "online", "offline", "disabled"] = "auto"  # auto: online when logged in
    project: str = "dcgan-ablations"
    entity: str | None = None
    group: str | None = None
    tick_images: Positive = 2_000  # one row of metrics.csv per so many images
    checkpoint_seconds: Weight = 60.0
    grid: Annotated[int, Field(ge=1, le=400)] = 64  # images in a sample grid


class Compute(Section):
    """The arithmetic. `device` and `threads` are not part of the id; `precision` is."""

    device: str = "auto"
    threads: Positive | None = None  # None: all cores, shared between the workers of a study
    precision: Literal["fp32", "bf16"] = "fp32"


class Experiment(Section):
    """A complete description of one run."""

    name: Annotated[str, AfterValidator(lambda name: checked_name(name, "name"))] = "experiment"
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0
    data: Data = Data()
    latent: Latent = Latent()
    generator: Network = Network()
    discriminator: Discriminator = Discriminator()
    objective: Objective = Objective()
    optimizer: Optimizers = Optimizers()
    schedule: Schedule = Schedule()
    update: Update = Update()
    replay: Replay = Replay()
    pretrain: Pretrain = Pretrain()
    budget: Budget = Budget()
    score: Score = Score()
    tracking: Tracking = Tracking()
    compute: Compute = Compute()

    @model_validator(mode="after")
    def _combinations(self) -> Self:
        """Refuses combinations in which one key would be silently void."""
        if self.update.order == "simultaneous" and self.update.d_steps > 1:
            raise ValueError(
                f"update.d_steps={self.update.d_steps} needs update.order=d_first: simultaneous players step once each"
            )
        if self.replay.share and self.replay.capacity < self.update.batch:
            raise ValueError(
                f"replay.capacity={self.replay.capacity} is below update.batch={self.update.batch}: raise the capacity"
            )
        if self.schedule.kind == "step" and self.schedule.every_epochs >= self.budget.epochs:
            raise ValueError(
                f"schedule.every_epochs={self.schedule.every_epochs} never comes within budget.epochs="
                f"{self.budget.epochs}: lower it or use schedule.kind=constant"
            )
        if self.update.batch > self.budget.images:
            raise ValueError(
                f"update.batch={self.update.batch} is larger than the whole budget of {self.budget.images} images "
                "(budget.epochs x budget.images_per_epoch): lower the batch or raise the budget"
            )
        if 0 < self.pretrain.images < self.update.batch:
            raise ValueError(
                f"pretrain.images={self.pretrain.images} is below update.batch={self.update.batch}: "
                "raise pretrain.images"
            )
        return self

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the content's SHA-256, without names, tracking, device and paths."""
        content = self.model_dump(mode="json", exclude=_OUTSIDE_ID)
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def with_(self, changes: dict[str, Any]) -> Experiment:
        """The experiment with dotted keys changed: `experiment.with_({"update.batch": 50})`. Validated anew."""
        return parse(merge(self._given(), nest(changes)), "change")

    def with_data(self, resolved: Data) -> Experiment:
        """The experiment with its data section as `dcgan.data.resolve` completed it."""
        return self.model_copy(update={"data": resolved})

    def _given(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_unset=True)

    def to_yaml(self) -> str:
        """The resolved description; `load` of it gives an equal experiment."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


def parse(content: dict[str, Any], where: str) -> Experiment:
    """An Experiment from nested plain values. Raises Misuse with one line that names `where` and the key."""
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise Misuse(f"{where}: {_one_line(error)}") from None


def load(name: str, changes: dict[str, Any] | None = None) -> Experiment:
    """The experiment of that name or file, with dotted keys changed.

    A YAML file without a `name` is named by its stem. Raises Misuse or DcganError.
    """
    path = places.find("experiments", name)
    content = {"name": path.stem, **read_yaml(path)}
    return parse(merge(content, nest(changes or {})), str(path) if path.is_absolute() else name)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping, by the safe loader. Raises DcganError if it cannot be read and Misuse if it is not one."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DcganError(f"cannot read {path}: {error}") from error
    except yaml.YAMLError as error:
        raise Misuse(f"{path} is not valid YAML: {' '.join(str(error).split())}") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise Misuse(f"{path}: expected a mapping of keys to values")
    return content


def keys() -> list[str]:
    """Every dotted key that an experiment has: `seed`, `data.name`, ..., `objective.penalty.kind`."""
    return list(flatten(Experiment().model_dump()))


def _level(section: str) -> list[str]:
    """The dotted keys and sections directly below a section ('' for the top level)."""
    prefix = f"{section}." if section else ""
    below = [key.removeprefix(prefix).partition(".")[0] for key in keys() if key.startswith(prefix)]
    return [prefix + name for name in dict.fromkeys(below)]


def flatten(content: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one level of dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in content.items():
        if isinstance(value, dict):
            flat.update(flatten(value, f"{prefix}{key}."))
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _one_line(error: ValidationError) -> str:
    """The first of pydantic's complaints as one line with the dotted key and the closest valid name."""
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        section = key.rpartition(".")[0]
        siblings = _level(section)
        return f"unknown key '{key}'" + did_you_mean(key, siblings)
    message = first["msg"].removeprefix("Value error, ")
    if not key or first["type"] == "value_error":
        return message if not key or key in message else f"{key}: {message}"
    value = first["input"]
    hint = ""
    if first["type"] == "literal_error":
        expected = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        message = "expected one of " + ", ".join(expected)
        if isinstance(value, str):
            hint = did_you_mean(value, expected).split("; valid")[0]
    return f"{key}={value!r}: {message[0].lower()}{message[1:]}{hint}"
