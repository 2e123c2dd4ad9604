"""Experiment: the one typed, validated, frozen description of a run.

Everything that can change a result is in here, checked once at the door. YAML and overrides come in,
YAML and an id go out; two experiments with the same id are the same run.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import AfterValidator, Field, ValidationError, model_validator

from dcgan import places
from dcgan.errors import DcganError, Misuse, did_you_mean
from dcgan.files import checked_name
from dcgan.overrides import merge, nest
from dcgan.sections import (
    Budget,
    Compute,
    Data,
    Discriminator,
    Latent,
    Network,
    Objective,
    Optimizers,
    Pretrain,
    Replay,
    Schedule,
    Score,
    Section,
    Tracking,
    Update,
)

# Not part of the id: names, who watches, where it runs and where the files lie.
_OUTSIDE_ID: dict[str, Any] = {
    "name": True,
    "tracking": True,
    "compute": {"device", "threads"},
    "data": {"folder"},
}


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
        if self.replay.share and not round(self.replay.share * self.update.batch):
            raise ValueError(
                f"replay.share={self.replay.share} of update.batch={self.update.batch} is less than one image: "
                "raise the share"
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
        for key in self._void():
            *sections, last = key.split(".")
            inner = content
            for section in sections:
                inner = inner[section]
            del inner[last]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]

    def _void(self) -> list[str]:
        """The keys that nothing reads in this experiment: two that differ in these only are the same run."""
        void = []
        if self.objective.penalty.kind == "none":
            void.append("objective.penalty.weight")
        if self.schedule.kind == "constant":
            void += ["schedule.every_epochs", "schedule.factor"]
        if not self.replay.share:
            void.append("replay.capacity")
        if not self.pretrain.images:
            void.append("pretrain.epochs")
        for player in ("generator", "discriminator"):
            kind = getattr(self.optimizer, player).kind
            used = {"sgd": {"momentum"}, "rmsprop": {"alpha", "momentum"}}.get(kind, {"beta1", "beta2"})
            void += [f"optimizer.{player}.{key}" for key in ("beta1", "beta2", "alpha", "momentum") if key not in used]
        return void

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
