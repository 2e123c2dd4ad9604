"""On what the runs were made: the kinds of all that decides a result's bits, and how the arms are spread over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_HARDWARE = ("device", "model", "instructions", "system")
_VERSIONS = ("torch", "torchvision", "torch-fidelity", "numpy", "dcgan")
FIELDS = (*_HARDWARE, "threads", *_VERSIONS)  # what decides the bits, as the environment of a run's record calls it
_LABELS = {"device": "processor", "model": "processor's model", "instructions": "instruction set"}

Kind = tuple[str | None, ...]  # the values of FIELDS, None where a record does not have one
Place = tuple[Kind, ...]  # where a run was made: one kind, or several in turn
Cell = tuple[str, int]  # arm and seed


@dataclass(frozen=True)
class Pairs:
    """The pairs of one arm with the baseline: of one seed, and both finished.

    `across` were made on two kinds; of `unclear` ones the records do not tell.
    """

    arm: str
    pairs: int
    across: int
    unclear: int


@dataclass(frozen=True)
class Spread:
    """How the finished runs of a study are spread over kinds of processors and libraries.

    `kinds`: all there are; `places`: where runs were made, most runs first, the columns of `runs` (by arm, in the order
    of the report). `differ`: the FIELDS that tell the kinds apart. `whole` of `seeds` have all their runs on one kind.
    """

    kinds: tuple[Kind, ...]
    differ: tuple[str, ...]
    places: tuple[Place, ...]
    runs: Mapping[str, tuple[int, ...]]
    pairs: tuple[Pairs, ...]
    seeds: int
    whole: int

    @property
    def mixed(self) -> bool:
        """Whether some runs were made otherwise than others."""
        return bool(self.differ)

    @property
    def differs_by(self) -> frozenset[str]:
        """By what sort of thing the kinds differ: processors, threads, versions."""
        sorts = {**dict.fromkeys(_HARDWARE, "processors"), "threads": "threads"}
        return frozenset(sorts.get(field, "versions") for field in self.differ)

    @property
    def told_apart(self) -> int:
        """How many kinds there are for certain: without those that may be one of the others."""
        return sum(not any(_fills(kind, other) for other in self.kinds) for kind in self.kinds)

    def total(self, place: Place) -> int:
        """How many runs were made there."""
        return sum(counts[self.places.index(place)] for counts in self.runs.values())

    def name(self, place: Place) -> str:
        """A place in words: `AMD EPYC, AVX2, 1 thread`; what is the same everywhere is left out."""
        return ", then ".join(self._name(kind) for kind in place)

    def _name(self, kind: Kind) -> str:
        values = dict(zip(FIELDS, kind, strict=True))
        others = [dict(zip(FIELDS, other, strict=True)) for other in self.kinds if _agree(kind, other)]
        alike = [other for other in self.kinds if other[0] == kind[0]]  # with the same name
        parts = [values["device"] or values["system"] or "processor not recorded"]
        for index, field in enumerate(FIELDS[1:], start=1):
            value = values[field]
            usual = field in {"instructions", "threads"}
            asked = field in self.differ if field in _VERSIONS else len({other[index] for other in alike}) > 1
            if value is not None and (usual or asked) and value not in parts:
                parts.append(_worded(field, value))
            elif value is None and any(other[field] is not None for other in others):
                parts.append(f"{_LABELS.get(field, field)} not recorded")
        return ", ".join(parts)


def spread_over_places(
    made: Mapping[Cell, Sequence[Mapping[str, Any]]],
    arms: Sequence[str],
    baseline: str,
    pairs: Mapping[str, Collection[int]],
) -> Spread:
    """The spread of the runs in `made`, each with its environments in turn (those of run.json, and dcgan's version).

    `pairs`: the seeds that each arm is compared on with the baseline. Records of earlier versions lack some fields: a
    run without one is taken to be of the kind that agrees with all that it says, if there is only one such kind.
    """
    known = {cell: [_kind(each) for each in environments] for cell, environments in made.items()}
    every = {kind for kinds in known.values() for kind in kinds}
    full = {kind: _filled(kind, every) for kind in every}
    there = {cell: tuple(dict.fromkeys(full[kind] for kind in kinds)) for cell, kinds in known.items() if kinds}
    kinds = sorted(set(full.values()), key=_order)
    values = [{kind[index] for kind in kinds} - {None} for index in range(len(FIELDS))]
    counts = Counter(there.values())
    places = sorted(counts, key=lambda place: (-counts[place], [_order(kind) for kind in place]))
    blocks: dict[int, set[Place]] = {}
    for (_, seed), place in there.items():
        blocks.setdefault(seed, set()).add(place)
    by_arm = {arm: Counter(place for (of, _), place in there.items() if of == arm) for arm in arms}
    return Spread(
        kinds=tuple(kinds),
        differ=tuple(field for field, there_are in zip(FIELDS, values, strict=True) if len(there_are) > 1),
        places=tuple(places),
        runs={arm: tuple(found[place] for place in places) for arm, found in by_arm.items()},
        pairs=tuple(_pairs(arm, baseline, seeds, there) for arm, seeds in pairs.items()),
        seeds=len(blocks),
        whole=sum(len(block) == 1 and all(len(place) == 1 for place in block) for block in blocks.values()),
    )


def _kind(environment: Mapping[str, Any]) -> Kind:
    """What decides the bits; a `device` that only repeats the system's machine (`aarch64`) tells nothing more."""
    kind = [None if environment.get(field) is None else str(environment[field]) for field in FIELDS]
    if kind[0] and str(environment.get("system", "")).endswith(f" {kind[0]}"):
        kind[0] = None
    return tuple(kind)


def _agree(one: Kind, other: Kind) -> bool:
    """Whether nothing that both know tells them apart."""
    return all(a is None or b is None or a == b for a, b in zip(one, other, strict=True))


def _fills(kind: Kind, other: Kind) -> bool:
    """Whether a kind may be that other one, which knows more."""
    return _agree(kind, other) and any(a is None and b is not None for a, b in zip(kind, other, strict=True))


def _filled(kind: Kind, every: Iterable[Kind]) -> Kind:
    """With what it lacks, where all kinds that agree with it have the same there."""
    agreeing = [other for other in every if _agree(kind, other)]
    values = [{other[index] for other in agreeing} - {None} for index in range(len(FIELDS))]
    return tuple(next(iter(found)) if len(found) == 1 else None for found in values)


def _pairs(arm: str, baseline: str, seeds: Collection[int], there: Mapping[Cell, Place]) -> Pairs:
    across = unclear = 0
    for seed in seeds:
        both = [*there.get((arm, seed), ()), *there.get((baseline, seed), ())]
        if not all(_agree(one, other) for one in both for other in both):
            across += 1
        elif len(set(both)) > 1 or (arm, seed) not in there or (baseline, seed) not in there:
            unclear += 1
    return Pairs(arm, len(seeds), across, unclear)


def _worded(field: str, value: str) -> str:
    if field == "threads":
        return "1 thread" if value == "1" else f"{value} threads"
    return f"{field} {value}" if field in _VERSIONS else value


def _order(kind: Kind) -> tuple[str, ...]:
    return tuple(value or "" for value in kind)
