"""Contrasts: seeds that lack an arm are left out."""

from __future__ import annotations

from dcgan.statistics.contrasts import by_seed


def test_a_seed_that_lacks_an_arm_is_left_out() -> None:
    scores = {"a": {0: 1.0, 1: 2.0}, "b": {0: 3.0, 1: 5.0, 2: 9.0}, "c": {2: 1.0}}
    assert by_seed({"a": -1, "b": 1}, scores) == {0: 2.0, 1: 3.0}
    assert by_seed({"a": -1, "b": 1, "c": 1}, scores) == {}
    assert by_seed({"a": 1}, scores) == {}
