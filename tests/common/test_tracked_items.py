import io
import sys

import pytest

from dcgan.common import tracked_items
from dcgan.common.tracked_items import tracked


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_nothing_is_written_where_nobody_watches(capsys, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tracked_items, "_DELAY", 0.0)
    assert list(tracked(range(5), 5, "counting")) == list(range(5))
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(("delay", "seen"), [(0.0, True), (60.0, False)])
def test_a_terminal_sees_a_bar_once_it_takes_long(delay: float, seen: bool, monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(tracked_items, "_DELAY", delay)
    assert list(tracked(range(5), 5, "counting")) == list(range(5))
    assert ("counting" in terminal.getvalue()) == seen


def test_what_it_is_about_is_neither_markup_nor_obeyed(monkeypatch: pytest.MonkeyPatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(tracked_items, "_DELAY", 0.0)
    assert list(tracked(range(2), 2, "[/x]\x1b]0;title\x07")) == [0, 1]
    assert "[/x]\\x1b]0;title\\x07" in terminal.getvalue()
