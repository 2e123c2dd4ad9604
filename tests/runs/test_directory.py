"""A run's folder: damage is named, a torn row dropped, and one process at a time writes in it."""

from __future__ import annotations

from pathlib import Path

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


@pytest.mark.parametrize("damage", ["nan,180,3.6,0.5", "7,nan,3.6,0.5", "7", '"', "\0,\0"])
def test_a_row_that_cannot_be_read_is_dropped_with_a_note(
    tmp_path: Path, damage: str, capsys: pytest.CaptureFixture[str]
) -> None:
    directory, table = RunDirectory(tmp_path), tmp_path / "metrics.csv"
    table.write_text(f"step,images,seconds,loss_d\n6,60,1.2,0.5\n{damage}\n8,80,1.2,0.5\n")
    directory.rewind(70)
    told = "dropped 1 of its 3 rows, which cannot be read"
    dropped = not damage.startswith("nan")  # a step that is none is read by nobody who goes on
    assert capsys.readouterr().err == (f"note: {table} is damaged: {told}\n" if dropped else "")
    assert [row["images"] for row in directory.rows("metrics")] == ["60"]


@pytest.mark.parametrize(
    ("table", "content"),
    [("metrics", b"img,x\n1,1\n"), ("metrics", b"\xff\xfe\n1,1\n"), ("scores", b"images,split,fid\n0,validation,x\n")],
)
def test_a_table_that_cannot_be_read_at_all_is_begun_anew(
    tmp_path: Path, table: str, content: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"{table}.csv"
    file.write_bytes(content)
    RunDirectory(tmp_path).rewind(70)
    assert not file.exists()
    assert f"{file} is damaged: dropped 1 of its 1 rows" in capsys.readouterr().err


def test_a_run_with_a_damaged_table_goes_on(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Interrupted):
        run_trial(tiny, stop=_stop_after(7))
    table = RunDirectory.of(tiny).path / "metrics.csv"
    table.write_text("images,loss\nnan,1\n")
    assert run_trial(tiny).status == "finished"
    assert f"{table} is damaged" in capsys.readouterr().err


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


def test_nothing_is_written_out_of_a_run_s_folder(tiny: Experiment, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    precious = tmp_path / "elsewhere" / "precious"
    precious.write_text("mine")
    directory = RunDirectory.of(tiny)
    directory.path.mkdir(parents=True)
    (directory.path / "metrics.csv").symlink_to(precious)
    with pytest.raises(DcganError, match=r"cannot write .*/metrics.csv: it is a link"):
        directory.append("metrics", {"images": 1, "x": 2})
    (directory.path / "metrics.csv").unlink()
    directory.samples.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DcganError, match=r"cannot write into .*/samples: it is a link"):
        run_trial(tiny)
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["precious"]
    assert precious.read_text() == "mine"


def test_runs_may_lie_on_another_disk(tiny: Experiment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("home", "disk"):
        (tmp_path / f"true {name}").mkdir()
    (tmp_path / "linked").symlink_to(tmp_path / "true home")
    (tmp_path / "true home" / "runs").symlink_to(tmp_path / "true disk")
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "linked"))
    assert run_trial(tiny).status == "finished"
    assert (tmp_path / "true disk" / tiny.id / "samples" / "final.png").is_file()
