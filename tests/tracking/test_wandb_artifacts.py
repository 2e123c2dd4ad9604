"""Artifacts as W&B's own objects, before they are sent; that they arrive is tested with the runs."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.files import write_text
from dcgan.runs.directory import RunDirectory
from dcgan.study import plan as planning
from dcgan.sweeps import sweep
from dcgan.tracking.wandb_artifacts import contents, log_run, log_study


class Logged:
    """What a run of W&B is given; it needs a server to take it."""

    def __init__(self) -> None:
        self.artifacts: list[Any] = []
        self.used: list[str] = []

    def log_artifact(self, artifact: Any) -> None:
        self.artifacts.append(artifact)

    def use_artifact(self, name: str) -> None:
        self.used.append(name)


def test_a_run_has_its_record_and_its_generator(trained: RunDirectory, tmp_path: Path) -> None:
    run = Logged()
    log_run(run, trained, tmp_path / "copies")
    files = {artifact.name: (artifact.type, sorted(artifact.manifest.entries)) for artifact in run.artifacts}
    assert files == {
        f"record-{trained.path.name}": ("run", ["experiment.yaml", "metrics.csv", "run.json", "scores.csv"]),
        f"generator-{trained.path.name}": ("model", ["experiment.yaml", "generator.safetensors"]),
    }


def test_a_run_that_came_to_no_generator_has_its_record_alone(trained: RunDirectory, tmp_path: Path) -> None:
    trained.weights.unlink()
    run = Logged()
    log_run(run, trained, tmp_path / "copies")
    assert [artifact.type for artifact in run.artifacts] == ["run"]


def test_a_manifest_does_not_say_where_the_files_lay(trained: RunDirectory, tmp_path: Path) -> None:
    run = Logged()
    log_run(run, trained, tmp_path / "copies")
    manifests = json.dumps([artifact.manifest.to_manifest_json() for artifact in run.artifacts])
    assert str(trained.path) not in manifests


def test_a_study_s_table_is_made_of_the_records_of_its_runs(write_sweep: Any, tmp_path: Path) -> None:
    plan = planning.make(sweep.load(write_sweep(), {"study": "a-study.2"}))
    write_text(plan.directory / "trials.csv", f"study,failure\na-study.2,cannot read {Path.home()}/faces\n")
    (tmp_path / "report/figures").mkdir(parents=True)
    (tmp_path / "report/index.html").write_text("<p>")
    (tmp_path / "report/figures/a.svg").write_text("<svg/>")
    run, runs = Logged(), ["abc", "def"]
    copies = tmp_path / "copies"
    copies.mkdir()
    log_study(run, plan, tmp_path / "report", runs, copies)
    assert run.used == ["record-abc:latest", "record-def:latest"]
    files = {artifact.name: sorted(artifact.manifest.entries) for artifact in run.artifacts}
    assert files == {
        "a-study.2-trials": ["trials.csv"],
        "a-study.2-report": ["figures/a.svg", "index.html"],
    }
    assert (copies / "table" / "trials.csv").read_text() == "study,failure\na-study.2,cannot read ~/faces\n"


def test_contents_change_with_names_and_bytes_and_with_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    first = contents(tmp_path, None)
    assert contents(tmp_path, None) == first
    (tmp_path / "a").write_text("2")
    assert contents(tmp_path, None) != first
    (tmp_path / "a").rename(tmp_path / "b")
    (tmp_path / "b").write_text("1")
    assert contents(tmp_path, None) != first


def test_what_a_link_leads_to_is_not_sent(
    trained: RunDirectory, write_sweep: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "key").write_text("secret")
    (trained.path / "scores.csv").unlink()
    (trained.path / "scores.csv").symlink_to(tmp_path / "private" / "key")
    report = tmp_path / "report"
    report.mkdir()
    (report / "index.html").write_text("<p>")
    (report / "figures").symlink_to(tmp_path / "private")
    (report / "tables.csv").symlink_to(tmp_path / "private" / "key")
    plan = planning.make(sweep.load(write_sweep()))
    write_text(plan.directory / "trials.csv", "study\n")
    log_run(run := Logged(), trained, tmp_path / "copies")
    assert f"{trained.path}/scores.csv is a link" in capsys.readouterr().err
    log_study(run, plan, report, [], tmp_path / "copies-of-study")
    sent = {artifact.type: sorted(artifact.manifest.entries) for artifact in run.artifacts}
    assert (sent["run"], sent["report"]) == (["experiment.yaml", "metrics.csv", "run.json"], ["index.html"])
    for folder in ("copies", "copies-of-study"):
        assert not any(b"secret" in path.read_bytes() for path in (tmp_path / folder).rglob("*") if path.is_file())


@pytest.mark.usefixtures("at_once")
def test_pipes_and_endless_files_are_not_sent(
    trained: RunDirectory, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (trained.path / "metrics.csv").unlink()
    os.mkfifo(trained.path / "metrics.csv")
    for file in (trained.path / "scores.csv", trained.weights):
        with file.open("wb") as sparse:
            sparse.truncate(2**40)
    log_run(run := Logged(), trained, tmp_path / "copies")
    sent = {artifact.type: sorted(artifact.manifest.entries) for artifact in run.artifacts}
    assert sent == {"run": ["experiment.yaml", "run.json"], "model": ["experiment.yaml"]}
    told = capsys.readouterr().err
    assert "scores.csv is not sent to W&B: too large: at most 64 MiB are read" in told
    assert "generator.safetensors is not sent to W&B: too large: at most 4 GiB are read" in told


@pytest.mark.usefixtures("at_once")
def test_the_digest_of_a_folder_is_of_what_is_sent(tmp_path: Path) -> None:
    (tmp_path / "report/figures").mkdir(parents=True)
    (tmp_path / "report/figures/a.svg").write_text("<svg/>")
    (tmp_path / "report/index.html").write_text("<p>")
    os.mkfifo(tmp_path / "report/pipe")
    with (tmp_path / "huge").open("wb") as sparse:
        sparse.truncate(2**42)
    (tmp_path / "report/link").symlink_to(tmp_path / "huge")
    (tmp_path / "huge").rename(tmp_path / "report/huge")
    expected = hashlib.sha256(b"a.svg\n<svg/>index.html\n<p>").hexdigest()[:16]
    assert contents(tmp_path / "report", None) == expected
