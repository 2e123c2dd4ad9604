"""The factors of a sweep as they are written in its file: tips of the catalogue, and any keys of the experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, field_validator, model_serializer, model_validator

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.experiment import Experiment, keys
from dcgan.experiment.key_hints import key_hint, meant
from dcgan.sweeps.designs import Design, Factor, level_text, own_factor, path_factor, tip_factor
from dcgan.sweeps.designs.factor import varies
from dcgan.tips import TIPS, Fragment


class PathFactor(BaseModel):
    """A factor that is not in the catalogue: a dotted key of the experiment and its values, the baseline's
    first."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    path: str
    levels: Annotated[tuple[str | bool | int | float | None, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _known(self) -> Self:
        _check_path(self.path)
        texts = [level_text(level) for level in self.levels]
        if duplicate := first_repeated(texts):
            raise ValueError(f"factor '{self.path}' has level {duplicate} twice")
        return self

    @property
    def name(self) -> str:
        """What the factor is called."""
        return self.path

    def fragments(self) -> list[Fragment]:
        """What its levels put into an experiment."""
        return [{self.path: level} for level in self.levels]

    def factor(self, _start: str, _base: Experiment, _design: Design, _typed: Collection[str]) -> Factor:
        """As designs take it, wherever they start."""
        return path_factor(self.path, self.levels)


class RangeFactor(BaseModel):
    """A dotted key of the experiment with a range of numbers, both ends included, from which a search draws.

    `log`: evenly by order of magnitude. Whole numbers where the key takes such. The baseline has the experiment's own
    value.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    path: str
    range: tuple[StrictInt | float, StrictInt | float]
    log: bool = False

    @model_validator(mode="after")
    def _sound(self) -> Self:
        _check_path(self.path)
        low, high = self.range
        if not low < high:
            raise ValueError(f"factor '{self.path}': range [{low}, {high}] is empty: give the lower end first")
        if self.log and low <= 0:
            raise ValueError(f"factor '{self.path}': log takes a range above 0, and this one begins at {low}")
        return self

    @property
    def name(self) -> str:
        """What the factor is called."""
        return self.path

    def fragments(self) -> list[Fragment]:
        """What its ends put into an experiment."""
        return [{self.path: end} for end in self.range]

    def factor(self, _start: str, _base: Experiment, _design: Design, _typed: Collection[str]) -> Factor:
        """Raises Misuse: only a search draws from a range."""
        raise Misuse(f"factor '{self.path}' is a range, which only design=search draws from: give levels")


class TipFactor(BaseModel):
    """A tip of the catalogue; `levels` are those compared, the baseline's first, and without it `off` and `on`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tip: str
    levels: tuple[str, ...] = ()

    @field_validator("levels", mode="before")
    @classmethod
    def _switches(cls, levels: Any) -> Any:
        """YAML reads a bare `on` as true and a bare `off` as false."""
        if not isinstance(levels, list | tuple):
            return levels
        return ["on" if level is True else "off" if level is False else level for level in levels]

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.tip not in TIPS:
            raise ValueError(f"no tip named '{self.tip}'{_tip_hint(self.tip)}")
        offered = TIPS[self.tip].levels
        for level in self.levels:
            if level not in offered:
                raise ValueError(f"tip '{self.tip}' has no level '{level}'{did_you_mean(level, offered)}")
        if len(self.levels) == 1 or first_repeated(list(self.levels)):
            raise ValueError(f"factor '{self.tip}': give two or more different levels, the baseline's first")
        return self

    @property
    def name(self) -> str:
        """What the factor is called."""
        return self.tip

    def fragments(self) -> list[Fragment]:
        """What its levels put into an experiment."""
        return [TIPS[self.tip].levels[level] for level in self.levels or ("off", "on")]

    def factor(self, start: str, base: Experiment, design: Design, typed: Collection[str]) -> Factor:
        """As designs take it, of a sweep whose arms begin from `base`, which has the keys `typed` for every arm.
        Raises Misuse as `own_factor`."""
        if start == "experiment" and not self.levels:
            return own_factor(self.tip, base, switched_on=design.switched_on, typed=typed)
        return tip_factor(self.tip, start, self.levels)

    @model_serializer
    def _short(self) -> str | dict[str, Any]:
        return {"tip": self.tip, "levels": list(self.levels)} if self.levels else self.tip


SweepFactor = TipFactor | PathFactor | RangeFactor


def read_factor(given: Any) -> SweepFactor:
    """A factor from a tip's name or from a mapping with `tip`, or with `path` and `levels` or `range`."""
    if isinstance(given, SweepFactor):
        return given
    if isinstance(given, str):
        return TipFactor(tip=given)
    if isinstance(given, dict):
        kind = TipFactor if "tip" in given else RangeFactor if "range" in given else PathFactor
        for key in given:
            if key not in kind.model_fields:
                raise ValueError(f"factors: unknown key '{key}'{did_you_mean(str(key), kind.model_fields)}")
        return kind.model_validate(given)
    raise ValueError(f"factors: {given!r} is neither a tip's name nor {{path: KEY, levels: [...]}}")


def _tip_hint(name: str) -> str:
    """The closest tip; of a setting, how it is varied."""
    settings = [key for key in meant(name) if key.endswith(name)]
    if settings and name not in TIPS:
        return f": it is a setting, which a factor names with its levels: {{path: {settings[0]}, levels: [...]}}"
    return did_you_mean(name, TIPS)


def _check_path(path: str) -> None:
    if path not in keys():
        raise ValueError(f"no experiment key '{path}'{key_hint(path)}")
    if path == "seed":
        raise ValueError("'seed' is not a factor: every arm runs on every one of `seeds`")


def check_paths(factors: Sequence[SweepFactor]) -> None:
    """Refuses a factor given twice and two factors that would write over each other."""
    owner: dict[str, str] = {}
    for factor in factors:
        if factor.name in owner.values():
            raise ValueError(f"factor '{factor.name}' is given twice")
        for path in {path: None for fragment in factor.fragments() for path in fragment}:
            if other := owner.get(path):
                raise ValueError(f"factors '{other}' and '{factor.name}' both vary {path}: leave one out")
            owner[path] = factor.name


def check_setting(key: str, factors: Sequence[SweepFactor], start: str) -> None:
    """Refuses a setting for all arms that a level of a factor would take away; a tip that is compared with what the
    experiment has takes it for the experiment's."""
    if key not in keys():
        raise ValueError(f"set: unknown key '{key}'{key_hint(key)}")
    if key == "seed":
        raise ValueError("'seed' cannot be set: every arm runs on every one of 'seeds'; did you mean 'seeds'?")
    for factor in factors:
        varied = f"{key} is what the factor '{factor.name}' varies: it cannot be set for all arms"
        if not isinstance(factor, TipFactor):
            if factor.path == key:
                raise ValueError(f"{varied}: give the baseline's value among the factor's own")
        elif any(varies(factor.tip, level, key) for level in factor.levels or ("off", "on")):
            if start != "experiment":
                raise ValueError(f"{varied} with start={start}, where the tip says it: with start=experiment it can")
            if factor.levels:
                instead = f"{{path: {key}, levels: [A, B]}}"
                raise ValueError(f"{varied} beside levels: list {factor.tip} alone, or compare values by {instead}")


def first_repeated(texts: list[str]) -> str | None:
    counts = Counter(texts)
    return next((text for text in texts if counts[text] > 1), None)
