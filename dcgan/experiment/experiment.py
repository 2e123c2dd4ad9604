"""Experiment: the one typed, validated, frozen description of a run.

Every setting that can change a result is in here, checked once at the door. YAML and overrides come in,
YAML and an id go out; two experiments with the same id are the same run.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError, model_validator

from dcgan.common import paths
from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.messages import escaped
from dcgan.common.overrides import flatten, merge, nest
from dcgan.common.yaml_text import read_yaml
from dcgan.experiment.constraints import problem
from dcgan.experiment.description import Description
from dcgan.experiment.key_hints import KEYS, key_hint, nested, section_hint
from dcgan.experiment.recipes import RECIPES, acting
from dcgan.experiment.sections import Data
from dcgan.experiment.sections.images import CHANNELS
from dcgan.experiment.sections.running import WATCHERS, Tracking
from dcgan.experiment.unused import remarks, unused_settings

# Not part of the id: names, who watches, where it runs and where the files lie.
_OUTSIDE_ID: dict[str, Any] = {
    "name": True,
    "tracking": True,
    "compute": {"device", "threads"},
    "data": {"folder"},
}


class Experiment(Description):
    """A complete and sound description of one run."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        """Refuses combinations that cannot be, or in which a key would silently have no effect."""
        if conflict := problem(self):
            raise ValueError(conflict)
        return self

    @property
    def id(self) -> str:
        """Twelve hexadecimal digits of the SHA-256 of what differs from the defaults, of the keys that are read.

        Without names, tracking, device, threads and paths; with the numbers of the recipes that act. A setting that a
        later version adds leaves the ids of the runs that do not use it as they are; the price is that a default may
        never be changed.
        """
        return self.ids([self.seed])[0]

    def former_ids(self) -> list[str]:
        """The ids that earlier versions gave this description, of which they made other runs; oldest first."""
        former = (self.ids([self.seed], recipes)[0] for recipes in range(len(RECIPES)))
        return [run_id for run_id in dict.fromkeys(former) if run_id != self.id]

    def ids(self, seeds: Iterable[int], recipes: int | None = None) -> list[str]:
        """The ids of this experiment with each of those seeds; all but the hash is worked out once.

        `recipes`: as an earlier version hashed them, which had only the first so many.
        """
        content = flatten(self.model_dump(mode="json", exclude=_OUTSIDE_ID))
        unused = unused_settings(self)
        hashed = {key: value for key, value in content.items() if key not in unused and value != _DEFAULTS[key]}
        hashed |= {f"recipe.{recipe.name}": recipe.number for recipe in acting(self, recipes)}
        hashed.pop("seed", None)
        contents = ({**hashed, "seed": seed} if seed != _DEFAULTS["seed"] else hashed for seed in seeds)
        return [hashlib.sha256(json.dumps(one, sort_keys=True).encode()).hexdigest()[:12] for one in contents]

    def notes(self) -> list[str]:
        """What a user should know of this combination: settings without effect, and what is done without asking."""
        content, given = flatten(self.model_dump(mode="json")), flatten(self.given())
        notes = [
            f"{key}={content[key]} has no effect: {why}"
            for key, why in unused_settings(self).items()
            if key in given and content[key] not in {_DEFAULTS[key], "none"}
        ]
        return list(dict.fromkeys([*notes, *remarks(self)]))

    def with_(self, changes: dict[str, Any]) -> Experiment:
        """The experiment with dotted keys changed: `experiment.with_({"update.batch": 50})`. Validated anew."""
        return parse(merge(self.given(), nest(changes)), "change")

    def with_seed(self, seed: int) -> Experiment:
        """The experiment with another seed, in 0..2**31-1, with which nothing else has to agree: not validated anew."""
        return self.model_copy(update={"seed": seed})

    def with_data(self, resolved: Data) -> Experiment:
        """The experiment with its data section as `dcgan.data.resolve` completed it."""
        return self.model_copy(update={"data": resolved})

    def given(self) -> dict[str, Any]:
        """The keys and values that were given, nested; the rest are defaults."""
        return self.model_dump(mode="json", exclude_unset=True)

    def unwatched(self) -> Experiment:
        """The experiment without who watches it, as it is recorded."""
        kept = {key: getattr(self.tracking, key) for key in self.tracking.model_fields_set - set(WATCHERS)}
        return self.model_copy(update={"tracking": Tracking(**kept)}) if "tracking" in self.model_fields_set else self

    def to_yaml(self) -> str:
        """The resolved description; `load` of it gives an equal experiment."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


CURVE_POINTS = 5  # scores along a budget that nobody said more of
_OF_SWEEPS = {"study", "factors", "design", "seeds"}  # keys that tell a sweep's file
_DEFAULTS = flatten(Description().model_dump(mode="json"))


def parse(content: dict[str, Any], where: str) -> Experiment:
    """An Experiment from nested plain values. Raises Misuse with one line that names `where` and the key."""
    try:
        return Experiment.model_validate(content)
    except ValidationError as error:
        raise Misuse(f"{where}: {_one_line(error, where)}") from None


def load(name: str, changes: dict[str, Any] | None = None) -> Experiment:
    """The experiment of that name or file, with dotted keys changed.

    A YAML file without a `name` is named by its stem. Where nobody says how often to score, five scores make a curve.
    Raises Misuse or DcganError.
    """
    try:
        path = paths.find("experiments", name)
    except Misuse as error:
        raise Misuse(_for_a_folder(name) or _for_a_data_set(name) or str(error)) from None
    given, changed = {"name": path.stem, **read_yaml(path)}, nest(changes or {})
    if _OF_SWEEPS & given.keys():
        raise Misuse(f"{name}: that is a sweep, no experiment: dcgan sweep {shlex.quote(name)}")
    content = merge(given, changed)
    if not _says_how_often(given, changed):
        content = merge(content, {"tracking": {"curve_points": CURVE_POINTS}})
    return parse(content, name)


def _says_how_often(given: dict[str, Any], changed: dict[str, Any]) -> bool:
    """Whether scores along the training are asked for, or against, knowing the budget: a file that says after how many
    epochs does not mean a budget that was changed beside it."""
    of_file, of_changes = flatten(given), flatten(changed)
    if {**of_file, **of_changes}.get("score.extractor") == "none" or "tracking.curve_points" in of_file:
        return True
    if not any(key.startswith("budget.") for key in of_changes) and "score.every_epochs" in of_file:
        return True
    return bool({"tracking.curve_points", "score.every_epochs"} & of_changes.keys())


def _for_a_data_set(name: str) -> str:
    """What to say to those who gave a data set that no experiment is named after; else nothing."""
    others = [data_set for data_set in CHANNELS if data_set not in paths.named("experiments")]
    close = difflib.get_close_matches(name, others, n=1, cutoff=0.8)
    return f"no experiment named '{name}'; for the data set {close[0]}: mnist data.name={close[0]}" if close else ""


def _for_a_folder(name: str) -> str:
    """What to say to those who gave a folder of images; else nothing."""
    if not Path(name).is_dir():
        return ""
    return f"{name} is a folder, no experiment; for the images in it: folder data.folder={shlex.quote(name)}"


def keys() -> list[str]:
    """Every dotted key that an experiment has: `seed`, `data.name`, ..., `objective.penalty.kind`."""
    return list(KEYS)


def _one_line(error: ValidationError, where: str) -> str:
    """The first of pydantic's complaints as one line with the dotted key and the closest valid name."""
    first = error.errors()[0]
    value, key = first["input"], ".".join(str(part) for part in first["loc"])
    unknown = first["type"] == "extra_forbidden"
    if isinstance(value, dict) and value and (unknown or key in KEYS):  # `generater.width=3`, `update.batch.size=3`
        key, value = next(iter(flatten({key: value}).items()))
        unknown = True
    if unknown and key in KEYS:
        return f"'{key}' is one key per section in a file: {nested(key, value)}"
    if unknown:
        return f"unknown key '{escaped(key)}'" + key_hint(key, value, experiment=where)
    message = first["msg"].removeprefix("Value error, ")
    if not key or first["type"] == "value_error":
        return message if not key or key in message else f"{key}: {message}"
    if first["type"] == "model_type":
        return f"{key}={value!r}" + section_hint(key, value)
    hint = ""
    if first["type"] == "literal_error":
        expected = first["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        message = "expected one of " + ", ".join(expected)
        if isinstance(value, str) and value not in expected:
            hint = did_you_mean(value, expected).split("; valid")[0]
    return f"{key}={value!r}: {message[0].lower()}{message[1:]}{hint}"
