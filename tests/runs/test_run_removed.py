"""What a run makes of its directory: left by a killed process, removed while it trains, cut off from power."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from dcgan.common.errors import DcganError, Interrupted
from dcgan.common.files import locked
from dcgan.experiment import Experiment
from dcgan.runs.directory import LOCK, RunDirectory
from dcgan.runs.run import run_trial
from dcgan.study import plan as planning
from dcgan.sweeps import sweep
from dcgan.training import checkpoint
from dcgan.training.events import Event, Ticked


def _once(kind: type, do: Callable[[], object]) -> Callable[[Event], None]:
    calls = iter([do])
    return lambda event: next(calls, lambda: None)() if isinstance(event, kind) else None  # type: ignore[func-returns-value]


def test_a_directory_that_is_removed_is_the_reason_and_its_run_can_be_trained_again(tiny: Experiment) -> None:
    directory = RunDirectory.of(tiny)
    removes = _once(Ticked, lambda: shutil.rmtree(directory.path))
    with pytest.raises(DcganError, match=rf"^{directory.path} was removed while the run trained$"):
        run_trial(tiny, observers=[removes])
    assert {path.name for path in directory.path.iterdir()} == {LOCK, "experiment.yaml", "run.json"}
    record = directory.record()
    assert record is not None
    assert (record.status, record.failure) == ("failed", f"{directory.path} was removed while the run trained")
    again = run_trial(tiny)
    assert (again.status, again.failure) == ("finished", None)
    assert len(directory.rows("metrics")) > 0


def test_a_run_that_another_process_began_anew_meanwhile_is_left_to_it(tiny: Experiment) -> None:
    directory = RunDirectory.of(tiny)

    def taken_over() -> Iterator[None]:
        shutil.rmtree(directory.path)
        with locked(directory.path / LOCK, wait=False) as mine:
            assert mine
            yield

    other = taken_over()
    with pytest.raises(DcganError, match="was removed while the run trained"):
        run_trial(tiny, observers=[_once(Ticked, lambda: next(other))])
    assert [path.name for path in directory.path.iterdir()] == [LOCK]


@pytest.mark.usefixtures("shared_extractor")
def test_a_study_counts_it_as_failed_with_its_reason_and_trains_it_again(
    write_sweep: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_sweep(factors=["batch_norm"], seeds=1)
    directory = planning.make(sweep.load(path)).trials[0].directory
    usual, removed = RunDirectory.append, False

    def removing(self: RunDirectory, table: str, row: Mapping[str, Any]) -> None:
        nonlocal removed
        usual(self, table, row)
        if self.path == directory.path and table == "metrics" and not removed:
            removed = True
            shutil.rmtree(self.path)

    monkeypatch.setattr(RunDirectory, "append", removing)
    words = ["sweep", path, "--workers", "1", "--no-report"]
    why = f"{directory.path} was removed while the run trained"
    assert main(words) == 1
    assert f"seed 0 failed: {why}; the same command tries those again" in capsys.readouterr().err
    assert main(["status", "small"]) == 0
    assert f"seed 0 failed: {why}" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["finished"] == 2


def test_what_a_killed_process_left_half_written_is_gone_once_the_run_goes_on(tiny: Experiment) -> None:
    with pytest.raises(Interrupted):
        run_trial(tiny, stop=iter([False, False, True, True, True]).__next__)
    directory = RunDirectory.of(tiny)
    left = [directory.path / ".checkpoint.pt.0a1b2c3d.unfinished", directory.samples / ".1.png.0a1b2c3d.unfinished"]
    for file in left:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(b"half")
    seen: list[bool] = []
    run_trial(tiny, observers=[lambda _: seen.append(any(file.exists() for file in left))])
    assert seen
    assert not any(seen)


def test_the_tables_are_on_the_disk_before_a_checkpoint_counts_on_them(
    tiny: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    sync, save = os.fsync, checkpoint.save

    def synced(handle: int) -> None:
        sync(handle)
        order.append(Path(f"/proc/self/fd/{handle}").readlink().name)

    def saved(path: Path, state: dict[str, object]) -> str:
        order.append("save")
        rows = [int(float(row["images"])) for row in RunDirectory(path.parent).rows("metrics")]
        order.append(f"row of {rows[-1]}")
        return save(path, state)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(checkpoint, "save", saved)
    run_trial(tiny)
    last = len(order) - order[::-1].index("save") - 1
    assert order[last + 1] == "row of 200"
    assert order[last - 2 : last] == ["metrics.csv", RunDirectory.of(tiny).path.name]
