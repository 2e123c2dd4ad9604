"""The commands as they are typed: results on stdout, one line for a mistake, exit codes as promised."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from dcgan.cli import COMMANDS, main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "COMMAND"),
        (["swep"], "no command 'swep'; did you mean 'sweep'?"),
        (["train"], "EXPERIMENT"),
        (["train", "digit"], "no experiment named 'digit'; did you mean 'digits'?"),
        (["train", "cifar10"], "for the data set cifar10: mnist data.name=cifar10"),
        (["train", "digits", "update.bach=5"], "unknown key 'update.bach'; did you mean 'update.batch'?"),
        (["train", "digits", "--update.bach=5"], "unknown key 'update.bach'; did you mean 'update.batch'?"),
        (["train", "digits", "batch"], "'batch': expected KEY=VALUE"),
        (["train", "digits", "--jsn"], "'--jsn' is not understood; did you mean '--json'?"),
        (["train", "digits", "data.size=20"], "data.size=20: expected one of 16, 28, 32, 64, 128"),
        (
            ["train", "digits", "update.batch=2000"],
            "update.batch=2000 is larger than the training split of data.name=digits",
        ),
        (
            ["train", "digits", "compute.device=tpu"],
            "compute.device=tpu: not available here; use one of those that are: auto, cpu",
        ),
        (["train", "folder", "data.folder=/nowhere"], "/nowhere"),
        (["train", "digits", "score.samples=100000"], "100"),
        (["tips", "batchnorm"], "no tip named 'batchnorm'; did you mean 'batch_norm'?"),
        (["sweep", "dem"], "no sweep named 'dem'; did you mean 'demo'?"),
        (["sweep", "demo", "seed=3"], "seed"),
        (["sweep", "demo", "--worker=2"], "'--worker=2' is not understood; did you mean '--workers'?"),
        (["sample", "nothing", "--count", "5"], "no run 'nothing'"),
        (["score", "nothing"], "nor is it a study"),
        (["export", "nothing"], "no run 'nothing'"),
        (["sweep", "demo", "study=a/b"], "use letters, digits"),
        (["status", "nothing"], "no study named 'nothing'"),
        (["worker", "nothing"], "no study named 'nothing'"),
        (["sample", "x", "-n", "0"], "-n 0: expected 1 to"),
        (["export", "x", "--format", "tensorrt"], "invalid choice: 'tensorrt'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert len(said.err.strip().splitlines()) == 1
    assert message in said.err
    assert not (tmp_path / "home").exists()


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert f"example:\n  dcgan {command}" in shown
        assert "--json" in shown


def test_a_terminal_that_cannot_show_a_character_fails_no_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(shown, encoding="ascii"))
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "größer"))
    assert main(["status"]) == 0
    assert f"no study in {tmp_path}/gr\\xf6\\xdfer/studies yet" in shown.getvalue().decode()


def test_no_password_of_a_url_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["--storag=postgresql://me:p@secret@host"], ["postgresql://me:p@secret@host/x"]):
        assert main(["sweep", "demo", *words]) == 2
        assert "postgresql://me:***@host" in (said := capsys.readouterr().err)
        assert "secret" not in said


def test_the_wrong_command_for_what_is_there_leads_to_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DCGAN_HOME", raising=False)
    (tmp_path / "mine.yaml").write_text("study: mine\nexperiment: digits\nfactors: [ema]\n")
    (tmp_path / "exp.yaml").write_text("data: {name: digits}\n")
    (tmp_path / "photos").mkdir()
    for study, home in (("mine", "."), ("other", "."), ("far", "below")):
        folder = tmp_path / home / "studies" / study
        folder.mkdir(parents=True)
        (folder / "sweep.yaml").write_text("")
        (folder / "plan.json").write_text("{}")
    for words, message in {
        ("train", "mine.yaml"): "mine.yaml: that is a sweep, no experiment: dcgan sweep mine.yaml",
        ("sweep", "exp.yaml"): "exp.yaml: that is an experiment, no sweep: dcgan train exp.yaml",
        ("train", "photos"): "photos is a folder, no experiment; for the images in it: folder data.folder=photos",
        ("sweep", "mine"): "the study of that name goes on with `dcgan sweep mine.yaml`",
        ("sweep", "other"): "the study of that name goes on with `dcgan sweep studies/other/sweep.yaml`",
        ("status", "far"): "no study named 'far' in studies: it is in below/: DCGAN_HOME=below",
    }.items():
        assert main(list(words)) == 2
        assert message in capsys.readouterr().err
