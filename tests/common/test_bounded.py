"""A bound from outside on what may never answer."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from dcgan.common.bounded import within


def test_what_comes_in_time_is_returned() -> None:
    assert within(30, lambda: [1, 2]) == [1, 2]
    assert within(30, lambda: None) is None


def test_what_is_raised_is_raised_here() -> None:
    def fail() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        within(30, fail)


def test_what_does_not_come_is_given_up() -> None:
    never = threading.Event()
    with pytest.raises(TimeoutError, match=r"no answer within 0\.05 s"):
        within(0.05, never.wait)
    never.set()


def test_what_is_left_behind_does_not_keep_the_process() -> None:
    code = (
        "import threading\n"
        "from dcgan.common.bounded import within\n"
        "try:\n    within(0.05, threading.Event().wait)\n"
        "except TimeoutError:\n    pass\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
