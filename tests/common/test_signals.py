"""Ctrl-C, SIGTERM and hang-ups: asked once, then at once, and whoever handled them before does so again."""

from __future__ import annotations

import signal

import pytest

from dcgan.common.signals import stopping


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_asks_and_the_second_stops_at_once(
    number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(KeyboardInterrupt), stopping() as asked:
        assert not asked()
        signal.raise_signal(number)
        assert asked()
        assert capsys.readouterr().err == "stopping (once more: at once) ...\n"
        signal.raise_signal(number)


def test_the_handlers_before_are_restored() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with stopping():
        assert signal.getsignal(signal.SIGINT) is not before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_hang_up_asks_once_and_never_stops_at_once() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with stopping() as asked:
        signal.raise_signal(signal.SIGHUP)
        assert asked()
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGHUP)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGHUP) == before


def test_a_hang_up_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stopping() as asked:
            signal.raise_signal(signal.SIGHUP)
            assert not asked()
        assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)
