"""Filters of runs as they are typed: `state=failed`, `study=mnist-*`, `fid<50`, `update.batch=50`."""

from __future__ import annotations

import operator
import re
import shlex
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from dcgan.common.errors import Misuse, did_you_mean
from dcgan.common.metrics import DIAGNOSTICS, GOALS
from dcgan.common.overrides import parse_value
from dcgan.experiment.key_hints import KEYS, key_hint
from dcgan.runs.inventory import STATES, KeptRun

_WORD = re.compile(r"(?:--)?([A-Za-z][\w.-]*)\s*(!=|<=|>=|=|<|>)\s*(.*)", re.DOTALL)
_NAME = re.compile(r"[\w.*?\[\]-]+")
_EITHER = "study or id"  # the key of a name alone
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FIELDS: dict[str, Callable[[KeptRun], Collection[Any]]] = {
    "id": lambda run: [run.id],
    "experiment": lambda run: [run.name],
    "state": lambda run: [run.state],
    "study": lambda run: [each.study for each in run.belongs],
    "arm": lambda run: [each.arm for each in run.belongs],
    "seed": lambda run: [run.seed],
}
_SCORES = (*GOALS, *DIAGNOSTICS)


@dataclass(frozen=True)
class RunFilter:
    """One condition: what it looks at, how it compares, and with what."""

    key: str
    sign: str
    text: str

    @classmethod
    def parse(cls, word: str) -> RunFilter:
        """From a word as it is typed. Raises Misuse for a key, state or sign that there is none of."""
        found = _WORD.fullmatch(word)
        if found is None:
            return cls.of_name(word)
        key, sign, text = found.groups()
        key = {"status": "state", "run": "id", "name": "experiment", "sweep": "study"}.get(key, key)
        names = [*_FIELDS, *_SCORES]
        if key not in names and key not in KEYS:
            value = None if "*" in text else parse_value(text)
            own = [name for name in names if name not in KEYS]
            raise Misuse(f"'{word}': runs have no '{key}'" + key_hint(key, value, own))
        if sign in _ORDER and not _is_number(parse_value(text)):
            raise Misuse(f"'{word}': {sign} compares numbers: expected one after it")
        if key == "state" and not any(fnmatchcase(state, text) for state in STATES):
            raise Misuse(f"'{word}': no such state{did_you_mean(text, STATES)}")
        return cls(key, sign, text)

    @classmethod
    def of_name(cls, word: str) -> RunFilter:
        """From a word that is no condition: a study's name or the beginning of an id, which `chosen` tells apart.
        Raises Misuse for what can be neither."""
        if word in STATES:
            raise Misuse(f"'{word}' is a state: state={shlex.quote(word)}")
        if not _NAME.fullmatch(word):
            raise Misuse(f"'{word}': expected a filter such as state=failed, study=NAME, 'fid<50' or update.batch=50")
        return cls(_EITHER, "=", word)

    def holds(self, run: KeptRun) -> bool:
        """Whether the run is one of those that are asked for; of which nothing is known it is none."""
        values = self._values(run)
        if self.sign in _ORDER:
            bound = parse_value(self.text)
            return any(_is_number(value) and _ORDER[self.sign](value, bound) for value in values)
        return any(self._fits(value) for value in values) is (self.sign == "=")

    def _values(self, run: KeptRun) -> Collection[Any]:
        if self.key in _FIELDS:
            return _FIELDS[self.key](run)
        if self.key in _SCORES:
            scores = run.record.scores if run.record else {}
            return [scores[self.key]] if self.key in scores else []
        return [run.settings[self.key]] if self.key in run.settings else []

    def _fits(self, value: Any) -> bool:
        """Whether it is that value or like that pattern; an id by its beginning."""
        if value is None and self.key == "seed":
            return False
        pattern = f"{self.text}*" if self.key == "id" else self.text
        return bool(value == parse_value(self.text)) or fnmatchcase(str(value), pattern)


def chosen(runs: Iterable[KeptRun], filters: Collection[RunFilter]) -> list[KeptRun]:
    """The runs that all filters hold of. Raises Misuse with the closest study where a filter names one that has no
    run, and for a name alone that is neither a study's nor the beginning of an id."""
    known = list(runs)
    studies = {each.study for run in known for each in run.belongs}
    settled = [_settled(each, known, studies) for each in filters]
    for each in settled:
        if each.key == "study" and not any(fnmatchcase(study, each.text) for study in studies):
            hint = did_you_mean(each.text, sorted(studies)) or ": none here belongs to any"
            raise Misuse(f"no run belongs to a study '{each.text}'{hint}")
    return [run for run in known if all(each.holds(run) for each in settled)]


def _settled(one: RunFilter, runs: Iterable[KeptRun], studies: Collection[str]) -> RunFilter:
    """A name alone as that of a study, else as the beginning of an id. Raises Misuse where it is neither."""
    if one.key != _EITHER:
        return one
    if any(fnmatchcase(study, one.text) for study in studies):
        return replace(one, key="study")
    by_id = replace(one, key="id", text=one.text.lower())
    if any(by_id.holds(run) for run in runs):
        return by_id
    hint = did_you_mean(one.text, sorted(studies))
    raise Misuse(f"'{one.text}' is no study that a run here belongs to, and no run's id begins so{hint}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
