"""A run's folder: damage is named, a torn row dropped, and one process at a time writes in it."""

from __future__ import annotations

import pytest

from dcgan.common.errors import DcganError, Interrupted
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial


def _stop_after(steps: int):  # type: ignore[no-untyped-def]
    calls = iter(range(10**6))
    return lambda: next(calls) >= steps


@pytest.mark.parametrize("name", ["run.json", "checkpoint.pt", "experiment.yaml"])
def test_damaged_files_are_named(tiny: Experiment, name: str) -> None:
    with pytest.raises(Interrupted):
        run_trial(tiny, stop=_stop_after(2))
    file = RunDirectory.of(tiny).path / name
    file.write_bytes(b"{ damaged")
    with pytest.raises(DcganError, match=name) as refused:
        run_trial(tiny)
    assert "\n" not in str(refused.value)
    file.unlink()
    if name != "experiment.yaml":
        assert run_trial(tiny).status == "finished"


def test_a_changed_description_is_refused(tiny: Experiment) -> None:
    run_trial(tiny)
    file = RunDirectory.of(tiny).path / "experiment.yaml"
    file.write_text(file.read_text().replace("batch: 20", "batch: 25"))
    with pytest.raises(DcganError, match="it was changed or the folder renamed"):
        RunDirectory.of(tiny).experiment()


def test_a_torn_row_is_dropped_on_resuming(tiny: Experiment) -> None:
    with pytest.raises(Interrupted):
        run_trial(tiny, stop=_stop_after(7))
    table = RunDirectory.of(tiny).path / "metrics.csv"
    rows = table.read_text()
    with table.open("a") as file:
        file.write("9,180,3.6,0.5\n10,20")  # 180 images: after the checkpoint
    record = run_trial(tiny)
    assert record.status == "finished"
    assert table.read_text().startswith(rows)
    assert [row["images"] for row in RunDirectory.of(tiny).rows("metrics")] == ["60", "120", "180", "200"]


@pytest.mark.parametrize("content", ["{}", '{"status": "running", "seconds": null}', '{"status": "odd"}'])
def test_a_record_that_is_none_is_named(tiny: Experiment, content: str) -> None:
    run_trial(tiny)
    (RunDirectory.of(tiny).path / "run.json").write_text(content)
    with pytest.raises(DcganError, match="run.json is damaged"):
        run_trial(tiny)


def test_waiting_for_another_process_can_be_stopped(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.common.files import locked

    with locked(RunDirectory.of(tiny).path / ".lock", wait=True), pytest.raises(Interrupted):
        run_trial(tiny, stop=lambda: True)
    assert "another process trains run" in capsys.readouterr().err
