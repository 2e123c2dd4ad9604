"""`dcgan doctor` as it is typed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dcgan.cli import main
from dcgan.scoring.pretrained import PUBLISHED
from tests.cli.typed import printed_json
from tests.postgres import Server


def test_doctor_answers_for_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    checks = {check["what"]: check for check in printed_json(capsys)["checks"]}
    assert checks["torch"]["ok"]
    assert not checks["data set mnist"]["ok"]
    assert "DCGAN_DATA" in checks["data set mnist"]["mend"]
    assert all(check["ok"] or check["mend"] for check in checks.values())
    assert "bf16" in checks["precision"]["found"]
    assert torch.cuda.is_available() or torch.backends.cpu.get_cpu_capability() in checks["device"]["found"]


def test_doctor_fetches_what_it_can_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The downloading itself: tests/scoring/test_pretrained.py."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert main(["doctor", "--fetch", "incepton"]) == 2
    assert "no published network; did you mean 'inception'?" in capsys.readouterr().err
    nowhere = replace(PUBLISHED["inception"], url="http://127.0.0.1:9/weights-12345678.pth")
    monkeypatch.setitem(PUBLISHED, "inception", nowhere)
    assert main(["doctor", "--fetch", "inception"]) == 1
    assert "weights-12345678.pth and cannot be downloaded" in capsys.readouterr().err


def test_doctor_tries_a_storage(capsys: pytest.CaptureFixture[str], postgres: Server) -> None:
    assert main(["doctor", "--json", "--storage", postgres.new_database("doctor")]) == 0
    assert "reachable, 0 studies" in capsys.readouterr().out
    assert main(["doctor", "--storage", "sqlite:////nowhere/at/all.db"]) == 1
    assert "FAIL storage: not reachable" in capsys.readouterr().out


def test_doctor_survives_a_user_without_a_home_folder(
    no_home: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("WANDB_MODE")
    assert main(["doctor", "--json"]) == 1
    checks = {check["what"]: check for check in printed_json(capsys)["checks"]}
    assert checks["folder XDG_CACHE_HOME"]["needed"]
    for what, variable in {
        "folder XDG_CACHE_HOME": "XDG_CACHE_HOME",
        "data set mnist": "DCGAN_DATA",
        "extractor inception": "TORCH_HOME",
    }.items():
        assert not checks[what]["ok"]
        assert f"set {variable}" in checks[what]["mend"] and "HOME" in checks[what]["mend"]
    assert "not logged in" in checks["W&B"]["found"]


def test_one_check_that_breaks_hides_none_of_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DCGAN_HOME", "~nobody-of-that-name/x")
    assert main(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "FAIL folder DCGAN_HOME: DCGAN_HOME=~nobody-of-that-name/x  -> there is no such home folder" in shown
    assert "optional onnx" in shown


def test_a_command_without_a_home_folder_is_one_line(no_home: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "digits"]) == 2
    assert "set XDG_CACHE_HOME" in capsys.readouterr().err
    assert main(["train", "digits", "score.extractor=inception"]) == 2
    assert "set TORCH_HOME" in capsys.readouterr().err
