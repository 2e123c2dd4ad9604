"""What the values in a storage must be: whoever may write to a shared storage writes them, so none is taken on trust.

A value that is not sound is left out, as if it had never been written. All that follows from the values can be made
again: a trial without an owner is requeued after a lease, and one without an outcome is trained again, or taken from
its run directory where that is here.
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from dcgan.common.errors import DcganError
from dcgan.records.plain_values import is_count, is_finite, is_plain
from dcgan.records.run_record import RunRecord

Check = Callable[[Any], bool]

UNKNOWN = "unknown"  # the status of an outcome that is damaged
_LARGEST_COUNT = 2**53
SHORTEST_LEASE, LONGEST_LEASE = 0.01, 1e6  # seconds
_LONGEST_TIME = 1e9  # seconds
_NAME = re.compile(r"[^/\x00-\x1f]{1,300}")  # part of a file's name: a worker's lock has its host's
_OF_A_SEED = re.compile(r"run -?\d+")  # a seed's record among the attributes of a combination


def _is_count(value: Any) -> bool:
    return is_count(value, _LARGEST_COUNT)


def is_lease(value: Any) -> bool:
    """Whether it is a number of seconds that workers can keep to."""
    return is_finite(value) and SHORTEST_LEASE <= value <= LONGEST_LEASE


def _is_time(value: Any) -> bool:
    return is_finite(value) and abs(value) <= _LONGEST_TIME


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_name(value: Any) -> bool:
    """Whether it can be part of the name of a file, as a worker's id is."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _is_texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value.values()))


def _each(checks: Mapping[str, Check], *required: str) -> Check:
    """A mapping of which each value that is there, and is not None, passes its check; what is `required` is there."""

    def check(value: Any) -> bool:
        if not isinstance(value, Mapping) or any(value.get(key) is None for key in required):
            return False
        return all(fits(value[key]) for key, fits in checks.items() if value.get(key) is not None)

    return check


def _is_scores(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(is_finite, value.values()))


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(map(is_finite, value))


_IS_SUMMARY = _each(
    {"status": _is_text, "failure": _is_text, "seconds": is_finite, "scores": _is_scores, "values": _is_numbers},
    "status",
)


def _is_record(value: Any) -> bool:
    try:
        RunRecord.from_json(value, "")
    except (DcganError, AttributeError):
        return False
    return True


def _is_outcome(value: Any) -> bool:
    return _IS_SUMMARY(value) and is_plain(value) and ("attempts" not in value or _is_record(value))


_TRIAL: Mapping[str, Check] = {
    "entry": _each({"after": lambda value: value == -1 or _is_count(value), "deaths": _is_count, "of": _is_count}),
    "owner": _each({"id": is_name, "host": _is_text, "pid": _is_count, "place": is_name}, "id", "host"),
    "beat": _is_count,
    "progress": _each({"images": _is_count, "score": is_finite}),
    "outcome": _is_outcome,
    "levels": _is_texts,
    "run": is_name,
    "files": _is_texts,
    "extractor": lambda value: isinstance(value, Mapping) and is_plain(value),
}

_STUDY: Mapping[str, Check] = {
    "lease": is_lease,
    "version": _is_text,
    "place": is_name,
    "plan": is_name,
    "planned": lambda value: _each({"sweep": _is_text}, "sweep", "plan")(value) and isinstance(value["plan"], Mapping),
    "data": _is_texts,
    "time": _each({"token": is_name, "seconds": _is_time, "workers": _is_count}, "token", "seconds", "workers"),
    "time left": _each({"token": is_name, "seconds": _is_time}, "token", "seconds"),
}


def unsound(attributes: Mapping[str, Any], of_study: bool = False) -> Iterator[str]:
    """The names of the attributes of a trial, or of a study, that are not what this program writes."""
    checks = _STUDY if of_study else _TRIAL
    for name, value in attributes.items():
        check = checks.get(name) or (_is_record if not of_study and _OF_A_SEED.fullmatch(name) else None)
        if value is not None and check is not None and not check(value):
            yield name


def shown(value: Any) -> str:
    """A value as it may stand in a message: cut short."""
    return reprlib.repr(value)


def is_seed(value: Any) -> bool:
    """Whether it can be the seed among the parameters of a trial: a whole number, whatever type it was stored as."""
    return is_finite(value) and value == int(value)


def are_numbers(values: Any) -> bool:
    """Whether the values of a finished trial are numbers that a sampler can compare."""
    return all(isinstance(value, int | float) and not math.isnan(value) for value in values or ())
