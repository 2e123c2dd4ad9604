"""The time of a study, counted by several processes whose clocks differ by hours."""

from __future__ import annotations

from typing import Any

from dcgan.queue.time_left import TimeLeft
from tests.queue.filled import filled, plan_of


def test_time_passes_by_the_clock_of_whoever_looks_and_no_two_are_compared(write_sweep: Any) -> None:
    queue = filled(plan_of(write_sweep))
    clocks = {"leader": 0.0, "worker": 500_000.0, "late": -90_000.0}
    leader, worker, late = (TimeLeft(queue._storage, queue._key, lambda name=name: clocks[name]) for name in clocks)
    assert leader.look() is None
    leader.give(100.0, 2)
    assert leader.look() == worker.look() == (100.0, 2)
    clocks["worker"] += 40
    assert worker.look() == (60.0, 2)
    assert late.look() == (60.0, 2), "who joins later begins with what is left"
    clocks["late"] += 10
    clocks["leader"] += 45
    assert late.look() == (50.0, 2)
    assert leader.look() == (50.0, 2), "the least that anybody counted"
    clocks["leader"] -= 3600
    assert leader.look() == (50.0, 2), "no time comes back"
    leader.give(20.0, 1)
    assert worker.look() == (20.0, 1)
    clocks["worker"] += 30
    assert worker.look() == (-10.0, 1)
    leader.give(None, 1)
    assert worker.look() is None
