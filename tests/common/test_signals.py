"""Ctrl-C and SIGTERM: asked once, then at once, and whoever handled them before does so again."""

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
