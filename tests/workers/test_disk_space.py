"""A full disk is waited for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dcgan.queue import Queue
from dcgan.records.run_record import RunRecord
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Trial
from dcgan.sweeps import sweep
from dcgan.training.events import Event, Observer, Ticked
from dcgan.workers import worker
from tests.disk import fill, small_disk
from tests.workers.trained_runs import TrainedRuns

pytestmark = pytest.mark.usefixtures("shared_extractor")


@pytest.mark.slow
def test_a_full_disk_is_waited_for_and_is_no_arm_s_failure(
    write_sweep: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_sweep(factors=["batch_norm"], seeds=1)
    with small_disk(tmp_path / "disk", megabytes=8) as disk:
        monkeypatch.setenv("DCGAN_HOME", str(disk))
        plan = planning.make(sweep.load(path))
        stored_plans.write(plan)
        runs = TrainedRuns()
        filler = disk / "filler"

        def observers_of(trial: Trial) -> Sequence[Observer]:
            return [*runs(trial), fill_once]

        def fill_once(event: Event) -> None:
            if isinstance(event, Ticked) and not filler.exists():
                fill(filler)
                threading.Timer(3.0, lambda: filler.write_bytes(b"")).start()

        queue = Queue(plan)
        queue.fill()
        outcomes: list[RunRecord] = []
        worker.work(
            plan,
            queue,
            threads=1,
            stop=lambda: False,
            observers_of=observers_of,
            on_end=lambda _, end: outcomes.append(end),
        )
    assert [outcome.status for outcome in outcomes] == ["finished", "finished"]
    said = [line for line in capsys.readouterr().err.splitlines() if "No space left" in line]
    assert len(said) == 1
    assert said[0].endswith("No space left on device; going on when there is room")
    assert len(runs.trained) == 3, "one was begun again"
