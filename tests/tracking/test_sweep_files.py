"""The W&B sweep files of the studies that travel with the program, and whose project they are in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.common import paths
from dcgan.sweeps import sweep as sweeps
from dcgan.tracking.sweep_files import FOLDER, exported

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.delenv("WANDB_PROJECT", raising=False)


@pytest.mark.parametrize("name", sorted(paths.named("sweeps")))
def test_the_committed_file_is_what_the_command_makes(name: str) -> None:
    for file, text in exported(sweeps.load(name), [name]).items():
        assert (ROOT / FOLDER / file).read_text() == text, f"make it anew: dcgan sweep {name} --export wandb"


def test_no_other_file_is_committed_and_none_is_taken_for_a_study() -> None:
    files = {file for name in paths.named("sweeps") for file in exported(sweeps.load(name), [name])}
    assert {path.name for path in (ROOT / FOLDER).iterdir()} == files
    assert "wandb" not in paths.named("sweeps") and not any("optuna" in name for name in paths.named("sweeps"))


def _project(path: str, **changes: Any) -> str | None:
    [(_, text), *_] = exported(sweeps.load(path, changes), [path]).items()
    project: str | None = yaml.safe_load(text).get("project")
    return project


def test_the_project_is_the_study_unless_w_and_b_has_a_setting_of_its_own(
    write_sweep: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_sweep()
    assert _project(path) == "small"
    assert _project(path, **{"tracking.project": "mine"}) == "mine"
    monkeypatch.setenv("WANDB_PROJECT", "theirs")
    assert _project(path) is None
    assert _project(path, **{"tracking.project": "mine"}) == "mine"
    monkeypatch.delenv("WANDB_PROJECT")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings").write_text("[default]\nproject = theirs\n")
    assert _project(path) is None


def test_a_search_is_exported_as_one(write_sweep: Any) -> None:
    path = write_sweep(design={"search": {"trials": 4}})
    content = yaml.safe_load(exported(sweeps.load(path), [path])["small.yaml"])
    assert (content["method"], content["name"], content["project"]) == ("bayes", "small-search", "small-search")


def test_a_search_is_exported_with_our_own_sampler_too(write_sweep: Any) -> None:
    path = write_sweep(design={"search": {"trials": 4}})
    files = exported(sweeps.load(path), [path], ["--storage", "grpc://host:13000"])
    assert list(files) == ["small.yaml", "small-optuna.yaml", "small-optuna.py"], "the experimental one last"
    custom = yaml.safe_load(files["small-optuna.yaml"])
    assert custom["command"][4:6] == ["--storage", "grpc://host:13000"]
    assert custom["scheduler"]["source"] == f"{FOLDER}/small-optuna.py"
    assert "EXPERIMENTAL in wandb 0.31" in files["small-optuna.yaml"]
    assert "grpc" not in files["small-optuna.py"], "which is not a change of the sweep"
