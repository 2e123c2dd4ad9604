"""A line on stderr that cannot be written is lost, and nothing else is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.common.messages import escaped, message, note

FULL = Path("/dev/full")
_SPEAK = "from dcgan.common.messages import message, note; note('one'); message('two'); print('result')"


def test_a_note_says_so_and_a_message_is_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    note("one")
    message("two")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "note: one\ntwo\n")


def test_a_name_cannot_break_a_line_or_colour_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    message("bad\n\x1b[31mred\x9b32m\x7f\r.png \u2212 größer\tü")
    assert capsys.readouterr().err == r"bad\n\x1b[31mred\x9b32m\x7f\r.png" + " \u2212 größer\tü\n"
    assert escaped("plain, größer") == "plain, größer"


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_a_full_disk_stops_nothing() -> None:
    with FULL.open("w") as full:
        done = subprocess.run([sys.executable, "-c", _SPEAK], stdout=subprocess.PIPE, stderr=full, check=False)
    assert (done.returncode, done.stdout) == (0, b"result\n")


def test_a_reader_that_has_gone_stops_nothing() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run([sys.executable, "-c", _SPEAK], stdout=subprocess.PIPE, stderr=writing, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stdout) == (0, b"result\n")


def test_without_a_stderr_the_result_stays_alone_on_stdout() -> None:
    words = ["sh", "-c", '"$0" -c "$1" 2>&-', sys.executable, _SPEAK]
    done = subprocess.run(words, stdout=subprocess.PIPE, check=False)
    assert (done.returncode, done.stdout) == (0, b"result\n")


def test_a_stream_that_is_closed_stops_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    closed = (tmp_path / "log").open("w")
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    message("two")
