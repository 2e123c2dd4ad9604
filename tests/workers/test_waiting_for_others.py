"""What another worker has is waited for, and so is room on the disk."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from dcgan.common.errors import Interrupted, NoRoom
from dcgan.study import plan as planning
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep
from dcgan.workers import waiting_for_others
from dcgan.workers.waiting_for_others import until_over


@pytest.fixture
def plan(write_sweep: Any, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.setattr(waiting_for_others, "_POLL", 0.01)
    return planning.make(sweep.load(write_sweep(factors=["batch_norm"])))


def looks(*outcomes: str | Exception | None) -> Callable[[], str | None]:
    """What one look after another finds."""
    left = iter(outcomes)

    def look() -> str | None:
        outcome = next(left)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return look


def test_what_another_worker_has_is_told_of_once(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    assert until_over(looks("over"), "bare", plan, lambda: False) == "over"
    assert capsys.readouterr().err == ""
    assert until_over(looks(None, None, None, "over"), "bare", plan, lambda: False) == "over"
    assert capsys.readouterr().err == "note: another worker trains bare: waiting for it\n"


def test_a_full_disk_is_no_other_worker(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    assert until_over(looks(NoRoom("runs: full"), "over"), "bare", plan, lambda: False) == "over"
    assert capsys.readouterr().err == "note: runs: full; going on when there is room\n"


def test_a_stop_ends_it_but_not_before_a_look(plan: Plan) -> None:
    assert until_over(looks("over"), "bare", plan, lambda: True) == "over"
    with pytest.raises(Interrupted, match="stopped while another worker trains bare"):
        until_over(looks(None), "bare", plan, lambda: True)
