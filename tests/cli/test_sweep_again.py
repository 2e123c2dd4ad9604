"""`dcgan sweep STUDY --again failed`, as it is typed."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.cli import main
from dcgan.queue.remote_runs import record_failure
from tests.queue.filled import plan_of


def test_what_is_refused_beside_it(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plan_of(write_sweep, seeds=1)
    for words, why in (
        (["small", "--again", "failed"], "no trial of study 'small' failed"),
        (["small", "--again", "failed", "seeds=2"], "goes on as it was planned: leave out seeds=2"),
        (["small", "--again", "failed", "--more", "2"], "leave out one"),
        (["smal", "--again", "failed"], "did you mean"),
        (["small", "--again", "diverged"], "invalid choice"),
    ):
        assert main(["sweep", *words]) == 2
        assert why in capsys.readouterr().err


@pytest.mark.slow
def test_a_given_up_trial_is_shown_and_trained(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_of(write_sweep, seeds=1)
    record_failure(plan.trials[0], "its worker died 4 times (last on here)")
    again = ["sweep", "small", "--again", "failed"]
    assert main([*again, "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert f"again: {plan.trials[0].arm}, seed 0, which failed: its worker died 4 times" in shown.err
    assert "next: dcgan sweep small --again failed" in shown.out
    assert main([*again, "--no-report", "--workers", "1"]) == 0
    assert f"{len(plan.trials)} of {len(plan.trials)} trials finished" in capsys.readouterr().out
