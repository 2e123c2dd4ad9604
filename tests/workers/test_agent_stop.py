"""A signal interrupts at once; under an agent only when W&B would have said that the run is to end."""

from __future__ import annotations

import pytest

from dcgan.common.agent_words import SWEEP
from dcgan.workers.agent_stop import AgentStop


class Clock:
    """Stands until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_at_once_without_an_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SWEEP, raising=False)
    asked: list[bool] = []
    stop = AgentStop(lambda: bool(asked), Clock())
    assert not stop()
    asked.append(True)
    assert stop()


def test_under_an_agent_after_the_time_in_which_w_and_b_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWEEP, "abcd1234")
    clock, asked = Clock(), []
    stop = AgentStop(lambda: bool(asked), clock)
    clock.seconds += 1000
    assert not stop(), "nobody asked"
    asked.append(True)
    assert not stop()
    clock.seconds += 16
    assert not stop(), "W&B's client asks every 15 seconds"
    clock.seconds += 13
    assert stop(), "before the agent kills, 30 seconds after its signal"
