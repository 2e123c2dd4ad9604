"""Writing to stdout and stderr never fails, and what a full disk did not take is told."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.streams import unfailing_streams

FULL = Path("/dev/full")
_SPEAK = """
import sys
from dcgan.common.streams import unfailing_streams
with unfailing_streams() as unwritten:
    print("größer \\u76ee " + "x" * 100_000, flush=True)
    print("noted", file=sys.stderr, flush=True)
    why = unwritten()
sys.exit(0 if why is None else 3)
"""


@pytest.mark.parametrize("coding", ["ascii", "latin-1", "utf-8"])
def test_what_a_terminal_cannot_show_is_escaped(coding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.BytesIO()
    stream = io.TextIOWrapper(shown, encoding=coding)
    monkeypatch.setattr(sys, "stdout", stream)
    with unfailing_streams() as unwritten:
        print("größer \u76ee caf\udce9")
        assert sys.stdout.encoding == coding
        assert unwritten() is None
    expected = {
        "ascii": "gr\\xf6\\xdfer \\u76ee caf\\udce9\n",
        "latin-1": "größer \\u76ee caf\\udce9\n",
        "utf-8": "größer \u76ee caf\\udce9\n",
    }
    assert shown.getvalue().decode(coding) == expected[coding]
    assert sys.stdout is stream


def test_streams_that_are_closed_or_were_never_there_take_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stdout", closed)
    monkeypatch.setattr(sys, "stderr", None)
    with unfailing_streams() as unwritten:
        print("nobody reads this")
        print("nor this", file=sys.stderr)
        assert not sys.stdout.isatty() and not sys.stderr.isatty()
        assert unwritten() is None
    assert sys.stderr is None


def _spoken(stdout: int) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-c", _SPEAK], stdout=stdout, stderr=subprocess.PIPE, check=False)


@pytest.mark.parametrize("opened", [os.pipe, pty.openpty], ids=["pipe", "terminal"])
def test_a_reader_that_has_gone_is_no_failure_and_stops_no_other_stream(opened: Callable[[], tuple[int, int]]) -> None:
    reading, writing = opened()
    os.close(reading)
    try:
        done = _spoken(writing)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"noted\n")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_is_told_of() -> None:
    with FULL.open("wb") as full:
        done = _spoken(full.fileno())
    assert (done.returncode, done.stderr) == (3, b"noted\n")
