"""`tune` in a sweep: every arm gets the same small search over nuisance settings before it is compared."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from dcgan.common.errors import did_you_mean
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment, keys
from dcgan.experiment.key_hints import key_hint
from dcgan.sweeps.factors import SweepFactor, first_repeated

SUFFIX = "-tuning"  # of the study that tunes, after the name of the one whose arms it tunes
FIRST_SEED = 1_000_000  # of tuning; those of a study that is tuned lie below
MOST_PATHS = 6
MOST = 200  # candidates or seeds; more are no nuisance search but a study


class TunedPath(BaseModel):
    """A setting that is tuned, in `range`; without one around each arm's own value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str
    range: tuple[float, float] | None = None


class Tune(BaseModel):
    """`trials` candidates for every arm, each on `seeds` seeds; without a range a path's lie between the arm's own
    value divided by `factor` and multiplied by it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    paths: tuple[TunedPath, ...]
    trials: int = 8
    factor: float = 4.0
    seeds: int = 1

    def __str__(self) -> str:
        each = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"
        paths = [one.path if one.range is None else f"{one.path} {list(one.range)}" for one in self.paths]
        return f"{self.trials} candidates of {', '.join(paths)} on {each}, factor {self.factor:g}"

    @property
    def names(self) -> tuple[str, ...]:
        """The dotted keys that are tuned."""
        return tuple(each.path for each in self.paths)


def read_tune(value: Any) -> Any:
    """The `tune` of a sweep file as a mapping that is sound in itself. Raises ValueError with one telling line."""
    if value is None or isinstance(value, Tune):
        return value
    if not isinstance(value, dict):
        raise ValueError("tune: expected {paths: [optimizer.generator.lr, ...], trials: 8}")
    _check_keys("tune", value, Tune)
    paths = value.get("paths")
    if not isinstance(paths, list | tuple) or not paths:
        raise ValueError("tune.paths: expected a list of settings, such as [optimizer.generator.lr]")
    if len(paths) > MOST_PATHS:
        raise ValueError(f"tune.paths: {len(paths)} settings: {MOST_PATHS} at most; more are a study, not a nuisance")
    read = [_path(path) for path in paths]
    if duplicate := first_repeated([path["path"] for path in read]):
        raise ValueError(f"tune.paths: {duplicate} is given twice")
    for key, least, what in (("trials", 2, "candidates"), ("seeds", 1, "seeds")):
        number = value.get(key, Tune.model_fields[key].default)
        if isinstance(number, bool) or not isinstance(number, int) or not least <= number <= MOST:
            raise ValueError(f"tune.{key}={number!r}: expected a number of {what}, {least} to {MOST}")
    factor = _number(value.get("factor", Tune.model_fields["factor"].default))
    if factor is None or factor <= 1:
        raise ValueError(f"tune.factor={value['factor']!r}: expected a number above 1")
    return {**value, "paths": read, "factor": factor}


def _path(given: Any) -> dict[str, Any]:
    """A path with its range, checked against the experiment's settings."""
    entry = {"path": given} if isinstance(given, str) else given
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str):
        raise ValueError(f"tune.paths: {given!r} is neither a setting nor {{path: KEY, range: [LOW, HIGH]}}")
    _check_keys("tune.paths", entry, TunedPath)
    path, ends = entry["path"], entry.get("range")
    if path not in keys():
        raise ValueError(f"tune.paths: no experiment key '{path}'{key_hint(path)}")
    if not isinstance(flatten(Experiment().model_dump())[path], float):
        raise ValueError(f"tune.paths: {path} is not a real number: only such settings, as learning rates, are tuned")
    if ends is None:
        return {"path": path}
    numbers = [_number(end) for end in ends] if isinstance(ends, list | tuple) else []
    low, high = numbers if len(numbers) == 2 else (None, None)
    if low is None or high is None or not 0 < low < high:
        raise ValueError(f"tune.paths: {path}: range={ends!r}: expected [LOW, HIGH] with 0 < LOW < HIGH")
    return {"path": path, "range": [low, high]}


def _check_keys(where: str, given: dict[Any, Any], kind: type[BaseModel]) -> None:
    for key in given:
        if key not in kind.model_fields:
            raise ValueError(f"{where}: unknown key '{key}'{did_you_mean(str(key), kind.model_fields)}")


def _number(value: Any) -> float | None:
    """A finite number; YAML reads 1e-5 as text."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def check(tune: Tune, seeds: Sequence[int], factors: Sequence[SweepFactor]) -> None:
    """Raises ValueError with one telling line for a `tune` that does not fit its sweep with those reported `seeds`."""
    for path in tune.names:
        if any(factor.name == path for factor in factors):
            raise ValueError(f"tune.paths: {path} is a factor of this sweep: what is compared cannot be tuned away")
    if seeds and max(seeds) >= FIRST_SEED:
        raise ValueError(f"seeds: {max(seeds)}: with tune, seeds from {FIRST_SEED} on are those of the tuning")
