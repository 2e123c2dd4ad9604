"""What is sound among the attributes of trials and studies: all that this program writes, and nothing else."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dcgan.queue.stored_values import are_numbers, unsound
from tests.tiny import record

FULL = record(scores={"fid": 1.5}, details={"modes": {"shares": {"real": [0.1]}}}).to_json()
SOUND: dict[str, Any] = {
    "entry": {"after": -1, "deaths": 2, "of": 3},
    "owner": {"id": "a_host.local-12-ab", "host": "a_host.local", "pid": 12, "place": "abcd"},
    "beat": 7,
    "progress": {"images": 100, "score": None},
    "outcome": FULL,
    "levels": {"lr": "0.1"},
    "run 3": FULL,
    "unknown": math.nan,
}


def test_what_this_program_writes_is_sound() -> None:
    assert list(unsound(SOUND)) == []
    assert list(unsound({"outcome": {"status": "died", "failure": "x"}})) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("entry", [1]),
        ("entry", {"deaths": -1}),
        ("owner", {"id": "a/../b", "host": "h"}),
        ("owner", {"id": "a"}),
        ("beat", math.nan),
        ("progress", {"images": math.inf}),
        ("outcome", {"failure": "no status"}),
        ("outcome", {**FULL, "scores": {"fid": math.nan}}),
        ("outcome", {**FULL, "details": {"memorisation": 5}}),
        ("outcome", {**FULL, "also": [{"protocol": {"real": "x"}}]}),
        ("outcome", {**FULL, "attempts": None}),
        ("levels", {"lr": 0.1}),
        ("run 3", {"status": "finished"}),
        ("files", {"metrics.csv": 5}),
    ],
)
def test_what_it_does_not_write_is_not(name: str, value: object) -> None:
    assert list(unsound({**SOUND, name: value})) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [("lease", math.inf), ("lease", 0), ("lease", 1e308), ("lease", 1e-300), ("time left", {"token": "a", "seconds": -1e308}), ("planned", 5), ("planned", {"sweep": "", "plan": 5}), ("data", {"a": 1}),
     ("version", 2), ("time", {"token": "a", "seconds": math.nan, "workers": 1}), ("time left", [])],
)  # fmt: skip
def test_attributes_of_a_study(name: str, value: object) -> None:
    assert list(unsound({name: value}, of_study=True)) == [name]


def test_values_that_a_sampler_can_compare() -> None:
    assert are_numbers(None) and are_numbers([1.0, math.inf]) and not are_numbers([1.0, math.nan])
