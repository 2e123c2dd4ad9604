"""run.json: what became of a run, the one record that resuming, reports, queues and scripts read."""

from __future__ import annotations

import datetime
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

import dcgan
from dcgan.common.errors import DcganError
from dcgan.common.files import read_json, write_json
from dcgan.records.plain_values import is_count, is_finite, is_plain
from dcgan.records.protocol import Protocol

Status = Literal["running", "finished", "diverged", "pruned", "failed"]
Environment = Mapping[str, str | int]

NAME = "run.json"  # in the folder of the run
_MEND = "delete it, or its folder, to start over"
FINAL = ("finished", "diverged", "pruned")  # a run with such a status is not trained again


@dataclass(frozen=True)
class SplitScores:
    """Scores against one split, how they were taken, and what else was seen of the images."""

    split: str
    scores: Mapping[str, float]
    protocol: Protocol
    details: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run as it stands, begun or over.

    `seconds` are those of training, `scoring_seconds` those of scoring. `scores` are the final ones, of the split that
    is reported, under `protocol`; `also` has those against the other split, `details` what else was seen of the images,
    `curve` what the scores along the way came to. `environment` is the machine that it was last trained on,
    `earlier_environments` those before. `digest` is the checkpoint's. A run that was scored again has `scored` (when,
    where) and `earlier_scores`.

    `protocol` is as it was written: a version that cannot read it still knows that the run is over, and `scored_under`
    says why its scores do not compare.
    """

    id: str
    status: Status
    name: str = ""
    seed: int = 0
    attempts: int = 0
    started: str | None = None  # ISO 8601, UTC
    seconds: float = 0.0
    images: int = 0
    images_per_second: float | None = None
    scores: Mapping[str, float] = field(default_factory=dict)
    protocol: Mapping[str, Any] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[Mapping[str, Any], ...] = ()
    curve: Mapping[str, Any] | None = None
    scoring_seconds: float = 0.0
    failure: str | None = None
    environment: Environment = field(default_factory=dict)
    earlier_environments: tuple[Environment, ...] = ()
    version: str | None = None  # of dcgan
    digest: str | None = None
    scored: Mapping[str, Any] | None = None
    earlier_scores: tuple[Mapping[str, Any], ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether the run is not trained again."""
        return self.status in FINAL

    @property
    def total_seconds(self) -> float:
        """Of training and scoring."""
        return self.seconds + self.scoring_seconds

    def score(self, metric: str) -> float | None:
        """The final score of that name of a finished run."""
        value = self.scores.get(metric)
        return None if value is None or self.status != "finished" else float(value)

    def scored_under(self) -> Protocol:
        """How the scores were taken. Raises DcganError for a protocol that this version cannot read."""
        return Protocol.from_dict(self.protocol)

    def with_scores(self, reported: SplitScores, *others: SplitScores) -> RunRecord:
        """With the final scores, those of the split that is reported first."""
        return replace(
            self,
            scores=reported.scores,
            protocol=reported.protocol.to_dict(),
            details=reported.details,
            also=tuple(other.to_json() for other in others),
        )

    def scored_again(self, scored: Mapping[str, Any], seconds: float, *new: SplitScores) -> RunRecord:
        """With new scores, taken in so many seconds, and the old ones beside them. The curve is kept if it was taken
        with the same extractor. A field that says something of the scores belongs among those that `before` has."""
        before = {key: getattr(self, key) for key in ("scores", "protocol", "curve", "scored")}
        same = self.protocol.get("extractor_hash") == new[0].protocol.extractor_hash
        return replace(
            self.with_scores(*new),
            curve=self.curve if same else None,
            scoring_seconds=self.scoring_seconds + seconds,
            earlier_scores=(*self.earlier_scores, before),
            scored=scored,
        )

    def to_json(self) -> dict[str, Any]:
        """As it stands in the file, and as `dcgan train --json` prints it."""
        content = {name: getattr(self, name) for name in _ORDER}
        content |= {name: value for name in _UNLESS_DEFAULT if (value := getattr(self, name)) != _DEFAULTS[name]}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in content.items()}

    @classmethod
    def from_json(cls, content: Mapping[str, Any], where: str, mend: str = _MEND) -> RunRecord:
        """What `to_json` gave, here or in an earlier version. Raises DcganError, naming `where` and how to `mend` it,
        for what is no record of a run."""
        known = {each.name for each in fields(cls)}
        values = {name: value for name, value in content.items() if name in known and value is not None}
        if wrong := next((key for key, fits in _KINDS.items() if key in values and not fits(values[key])), None):
            trouble = f"{wrong} is {reprlib.repr(values[wrong])}"
        elif absent := next((key for key in _REQUIRED if key not in values), None):
            trouble = f"no {absent}"
        else:
            lists = {name: tuple(values[name]) for name in _LISTS if name in values}
            return cls(**{"id": "", **values, **lists})
        raise DcganError(f"{where} is damaged (not a run's record): {trouble}: {mend}")


# The fields as they stand in the file, each in one of the two tuples. A new one belongs in the second: it is left out
# at its default, so that a record of an earlier version, which has not got it, is written back as it was.
_ORDER = (
    *("id", "name", "status", "seed", "attempts", "started", "seconds", "images", "images_per_second", "scores"),
    *("protocol", "details", "also", "curve", "scoring_seconds", "failure", "environment", "earlier_environments"),
    *("version", "digest"),
)
_UNLESS_DEFAULT = ("scored", "earlier_scores")
_DEFAULTS = {
    each.name: each.default if each.default_factory is MISSING else each.default_factory() for each in fields(RunRecord)
}
_LISTS = tuple(name for name, default in _DEFAULTS.items() if default == ())  # which are tuples here
_REQUIRED = ("status", "seed", "attempts", "seconds", "images", "scores")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_amount(value: Any) -> bool:
    return is_finite(value) and value >= 0


def _is_share(value: Any) -> bool:
    return _is_amount(value) and value <= 1


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and is_plain(value)


def _are_mappings(value: object) -> bool:
    return isinstance(value, list) and all(map(_is_mapping, value))


def _is_flat(value: object) -> bool:
    """A mapping of texts and numbers, as a protocol and an environment are."""
    return isinstance(value, Mapping) and all(not isinstance(each, Mapping | list) for each in value.values())


def _is_protocol(value: object) -> bool:
    numbers = (value.get(name) for name in ("real", "training")) if isinstance(value, Mapping) else ()
    return _is_mapping(value) and _is_flat(value) and all(number is None or is_finite(number) for number in numbers)


def _is_environment(value: object) -> bool:
    return _is_mapping(value) and _is_flat(value)


def _is_details(value: object) -> bool:
    """What is read of the details is where it belongs: whether images were copied, and the shares of the classes."""
    if not isinstance(value, Mapping) or not _is_mapping(value):
        return False
    read = [value.get(name) or {} for name in ("memorisation", "modes")]
    shares = read[1].get("shares") or {} if isinstance(read[1], Mapping) else None
    real = shares.get("real") or [] if isinstance(shares, Mapping) else None
    return isinstance(read[0], Mapping) and isinstance(real, list) and all(map(_is_share, real))


def _are_splits(value: object) -> bool:
    return isinstance(value, list) and all(
        _is_mapping(each) and _is_protocol(each.get("protocol", {})) for each in value
    )


def _is_curve(value: object) -> bool:
    return isinstance(value, Mapping) and _is_mapping(value) and isinstance(value.get("best", {}), Mapping)


def _are_scores(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(is_finite, value.values()))


# What the value of a key must be, where there is one. What is in a protocol is judged by `RunRecord.scored_under`.
_KINDS: Mapping[str, Callable[[object], bool]] = {
    "status": lambda value: value in get_args(Status),
    **dict.fromkeys(("seed", "attempts", "images"), is_count),
    **dict.fromkeys(("seconds", "images_per_second", "scoring_seconds"), _is_amount),
    **dict.fromkeys(("id", "name", "started", "failure", "version", "digest"), _is_text),
    "protocol": _is_protocol,
    "details": _is_details,
    "curve": _is_curve,
    "environment": _is_environment,
    "scored": _is_mapping,
    "also": _are_splits,
    "earlier_environments": lambda value: isinstance(value, list) and all(map(_is_environment, value)),
    "earlier_scores": _are_mappings,
    "scores": _are_scores,
}


def begun(run: str, name: str, seed: int, before: RunRecord | None, where: Environment) -> RunRecord:
    """The record of a run that is begun, or goes on after `before`, on the machine that `where` describes.

    Of `before` only what is named here is kept: a field that a resumed run keeps must be added.
    """
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    record = RunRecord(id=run, name=name, status="running", seed=seed, version=dcgan.__version__, environment=where)
    if before is None:
        return replace(record, attempts=1, started=now)
    return replace(
        record,
        attempts=before.attempts + 1,
        started=before.started or now,
        seconds=before.seconds,
        scoring_seconds=before.scoring_seconds,
        earlier_environments=_earlier(before, where),
    )


def _earlier(before: RunRecord, where: Environment) -> tuple[Environment, ...]:
    """Where else the run was trained, if it was resumed somewhere else."""
    places = (*before.earlier_environments, before.environment)
    there = tuple(place for place in places if place and place != where)  # none where its worker died before it began
    return tuple(place for number, place in enumerate(there) if place not in there[:number])


def read(folder: Path) -> RunRecord | None:
    """The record of the run in that folder; None for one that never began. Raises DcganError for a damaged file."""
    path = folder / NAME
    return RunRecord.from_json(read_json(path), str(path)) if path.exists() else None


def write(folder: Path, record: RunRecord) -> None:
    """Replaces the record in that folder."""
    write_json(folder / NAME, record.to_json())
