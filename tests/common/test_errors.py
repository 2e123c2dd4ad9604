"""The errors a user may see: exit codes, and the closest valid name."""

from __future__ import annotations

import pytest

from dcgan.common.errors import DcganError, Interrupted, Misuse, NoRoom, did_you_mean


@pytest.mark.parametrize(("kind", "code"), [(DcganError, 1), (NoRoom, 1), (Misuse, 2), (Interrupted, 130)])
def test_each_kind_has_its_exit_code(kind: type[DcganError], code: int) -> None:
    assert kind("one line").exit_code == code
    assert issubclass(kind, DcganError)


def test_misuse_may_be_raised_by_a_validator() -> None:
    assert issubclass(Misuse, ValueError)


def test_the_closest_name_else_all_of_them_else_nothing() -> None:
    assert did_you_mean("batchnorm", ["he_init", "batch_norm"]) == "; did you mean 'batch_norm'?"
    assert did_you_mean("zzz", ["he_init", "batch_norm"]) == "; valid: he_init, batch_norm"
    assert did_you_mean("zzz", (f"name{number}" for number in range(21))).endswith("name19, ...")
    assert did_you_mean("zzz", []) == ""
