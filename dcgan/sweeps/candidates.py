"""The candidates of a tuning: for every arm the same points of one sequence, around or between the same ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.experiment.unused import unused_settings
from dcgan.sweeps.designs import Arm, Factor, level_text
from dcgan.sweeps.tuning import Tune, TunedPath

_PRIMES = (2, 3, 5, 7, 11, 13)  # beyond so many dimensions the sequence is not even
_DIGITS = 4  # of a value: the same on every machine, and readable


@dataclass(frozen=True)
class Candidates:
    """The arms `ARM@K` of a tuning with their experiments; the tuned paths are factors beside the sweep's."""

    arms: list[Arm]
    factors: list[Factor]
    experiments: dict[str, Experiment]


def name(arm: str, candidate: int) -> str:
    """The arm of a candidate, counted from 1."""
    return f"{arm}@{candidate}"


def arm_of(candidate: str) -> str:
    """Whose candidate an arm of a tuning is."""
    return candidate.rpartition("@")[0]


def number_of(candidate: str) -> int:
    """Which candidate of its arm an arm of a tuning is."""
    return int(candidate.rpartition("@")[2])


def points(count: int, dimensions: int) -> list[tuple[float, ...]]:
    """`count` points in the unit cube, evenly spread however many there are; the first is its centre.

    The Halton sequence (Halton 1960, eq. 2.1) from 0 on, moved by 1/2 around the circle in each dimension. More points
    keep the first ones, and no library's version changes them.
    """
    bases = _PRIMES[:dimensions]
    return [tuple((0.5 + _radical_inverse(k, base)) % 1 for base in bases) for k in range(count)]


def _radical_inverse(k: int, base: int) -> float:
    """The digits of k in that base, mirrored at the point."""
    value, share = 0.0, 1.0
    while k:
        k, digit = divmod(k, base)
        share /= base
        value += digit * share
    return value


def cross(
    tune: Tune, arms: Sequence[Arm], factors: Sequence[Factor], experiments: Mapping[str, Experiment]
) -> Candidates:
    """Every arm with every candidate; the first is the arm as it is.

    A path that nothing reads in an arm stays there as it is, and an arm has no candidate twice. Raises Misuse for a
    path that no arm reads, a value that cannot be, and candidates that would make two arms the same experiment.
    """
    for path in tune.names:
        reasons = [unused_settings(experiment).get(path) for experiment in experiments.values()]
        if all(reasons):
            raise Misuse(f"tune.paths: {path} has no effect in any arm: {reasons[0]}")
    spread = points(tune.trials, len(tune.paths))
    by_name: dict[str, Experiment] = {}
    crossed: list[Arm] = []
    owner: dict[str, str] = {}
    for arm in arms:
        for candidate, experiment in _of_arm(tune, spread, arm.name, experiments[arm.name]).items():
            other = owner.setdefault(experiment.id, arm.name)
            if other != arm.name:
                raise Misuse(
                    f"tune: '{candidate}' would be the same experiment as a candidate of arm '{other}': what these "
                    f"arms differ in is tuned away ({', '.join(tune.names)})"
                )
            by_name[candidate] = experiment
            levels = {path: level_text(value) for path, value in settings(tune.names, experiment).items()}
            crossed.append(Arm(candidate, {**arm.levels, **levels}))
    return Candidates(crossed, [*factors, *(_factor(path, by_name) for path in tune.names)], by_name)


def _of_arm(tune: Tune, spread: Sequence[Sequence[float]], arm: str, own: Experiment) -> dict[str, Experiment]:
    """An arm's candidates by name, each experiment once."""
    by_id = {own.id: (name(arm, 1), own)}
    for number, point in enumerate(spread[1:], 2):
        candidate, changes = name(arm, number), _values(tune, point, own, arm)
        try:
            experiment = own.with_(changes)
        except Misuse as refusal:
            reason = str(refusal).removeprefix("change: ")
            raise Misuse(f"tune: arm '{candidate}': {reason}; give a smaller factor, or a range") from None
        by_id.setdefault(experiment.id, (candidate, experiment))
    return dict(by_id.values())


def settings(paths: Sequence[str], experiment: Experiment) -> dict[str, float]:
    """What an experiment has at those paths."""
    content = flatten(experiment.model_dump(mode="json"))
    return {path: content[path] for path in paths}


def _values(tune: Tune, point: Sequence[float], own: Experiment, arm: str) -> dict[str, float]:
    """The settings of a candidate, spread evenly over the logarithms between the ends."""
    unused = unused_settings(own)
    values = {}
    for path, share in zip(tune.paths, point, strict=True):
        if path.path not in unused:
            low, high = _ends(tune, path, own, arm)
            values[path.path] = float(f"{low * (high / low) ** share:.{_DIGITS}g}")
    return values


def _ends(tune: Tune, path: TunedPath, own: Experiment, arm: str) -> tuple[float, float]:
    if path.range is not None:
        return path.range
    value = settings([path.path], own)[path.path]
    if value <= 0:
        raise Misuse(
            f"tune.paths: {path.path} is {value:g} in arm '{arm}', and nothing lies around that: give it a range, "
            f"{{path: {path.path}, range: [LOW, HIGH]}}"
        )
    return value / tune.factor, value * tune.factor


def _factor(path: str, by_name: Mapping[str, Experiment]) -> Factor:
    """A tuned path as a factor, so that the tables have a column of its values."""
    values = {
        level_text(value): value for experiment in by_name.values() for value in settings([path], experiment).values()
    }
    first, *others = values
    return Factor(path, first, tuple(others), values)
