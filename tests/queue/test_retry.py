"""Retries against a storage that is unreachable: they end, and what they cannot fix is not retried."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from optuna.exceptions import StorageInternalError

from dcgan.common.errors import DcganError, Interrupted
from dcgan.queue.retry import RetryingStorage, unreachable_reason, with_retries
from dcgan.queue.storage import open_storage


def test_retries_end_after_a_timeout_and_at_a_stop() -> None:
    def away() -> None:
        raise ConnectionError("nobody there")

    with pytest.raises(DcganError, match="storage unreachable for 0 seconds .nobody there."):
        with_retries(away, lambda: False, 0.2)
    with pytest.raises(Interrupted):
        with_retries(away, lambda: True, 60)


def test_what_a_retry_does_not_fix_is_not_retried() -> None:
    assert unreachable_reason(ValueError("wrong")) is None
    assert unreachable_reason(PermissionError(13, "Permission denied")) is None
    assert unreachable_reason(OSError(28, "No space left on device")) == "No space left on device"
    assert unreachable_reason(sqlite3.OperationalError("locked")) is None


def test_a_role_that_may_not_is_told_at_once() -> None:
    def refused() -> None:
        raise StorageInternalError from RuntimeError("permission denied for table trials")

    with pytest.raises(DcganError, match="the storage refuses: permission denied for table trials"):
        with_retries(refused, lambda: False, 60)


@pytest.mark.parametrize("fault", [TypeError, ValueError, AttributeError, AssertionError, IndexError])
def test_a_fault_of_this_program_is_not_taken_for_a_damaged_storage(tmp_path: Path, fault: type[Exception]) -> None:
    def wrong(_: object) -> None:
        raise fault("of ours")

    with pytest.raises(fault, match="of ours"):
        RetryingStorage(open_storage(tmp_path, None), lambda: False).call(wrong)
