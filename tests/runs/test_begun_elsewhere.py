"""A run goes on from another working directory than the one that its folder was typed in; a new one does not begin so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dcgan import data
from dcgan.cli import main
from dcgan.common import paths
from dcgan.experiment import Experiment
from dcgan.runs.begun_elsewhere import begun_elsewhere
from dcgan.runs.directory import RunDirectory
from dcgan.runs.run import run_trial
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.sweeps import sweep as sweeps
from tests.conftest import WriteSweep


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder `first` with `photos`, in which a test starts; the folder to go to."""
    photos = tmp_path / "first" / "photos"
    photos.mkdir(parents=True)
    for number in range(60):
        Image.fromarray(np.full((16, 16), 4 * number, dtype=np.uint8)).save(photos / f"{number:02d}.png")
    (tmp_path / "second").mkdir()
    monkeypatch.chdir(tmp_path / "first")
    return tmp_path / "second"


FOLDER = {"data.name": "folder", "data.folder": "photos", "data.channels": 1}


def _recorded(*roots: Path) -> str:
    files = [
        file for root in roots for file in root.rglob("*") if file.suffix in {".json", ".yaml", ".csv", ".journal"}
    ]
    assert files
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def test_a_run_is_found_by_the_extractor_that_auto_came_to(
    tiny: Experiment, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = tiny.with_({**FOLDER, "score.extractor": "classifier"})
    begun = begun.with_data(data.resolve(begun.data))
    RunDirectory.of(begun).describe(begun)
    monkeypatch.chdir(elsewhere)
    assert begun_elsewhere(tiny.with_({**FOLDER, "score.extractor": "auto"})).data == begun.data


def test_a_run_is_resumed_and_records_no_path(
    tiny: Experiment, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = tiny.with_(FOLDER)
    assert begun_elsewhere(experiment) is experiment
    record = run_trial(experiment)
    monkeypatch.chdir(elsewhere)
    assert RunDirectory.of(begun_elsewhere(experiment)).path.name == record.id
    assert begun_elsewhere(experiment.with_({"seed": 5})).data.fingerprint is None
    assert str(elsewhere.parent / "first") not in _recorded(paths.runs())
    assert main(["train", str((paths.runs() / record.id / "experiment.yaml").absolute())]) == 0
    assert "already finished" in capsys.readouterr().out


def test_a_study_is_planned_again_and_read_from_elsewhere(
    write_sweep: WriteSweep, elsewhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_sweep(set=FOLDER | {"score.extractor": "inception", "update.batch": 20})
    plan = stored_plans.write(planning.make(sweeps.load(file)))
    monkeypatch.chdir(elsewhere)
    again = planning.make(sweeps.load(file))
    assert [trial.run for trial in again.trials] == [trial.run for trial in plan.trials]
    assert stored_plans.load(plan.study).base.data == plan.base.data
    assert str(elsewhere.parent / "first") not in _recorded(plan.directory)
    assert main(["worker", plan.study, "data.folder=nowhere"]) == 2
    assert "data.folder=nowhere: no such folder" in capsys.readouterr().err
    assert main(["worker", plan.study, "update.batch=3"]) == 2
    assert "only data.folder=PATH can be given here" in capsys.readouterr().err
