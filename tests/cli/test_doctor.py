"""`dcgan doctor` as it is typed."""

from __future__ import annotations

import pytest
import torch

from dcgan.cli import main
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


def test_doctor_tries_a_storage(capsys: pytest.CaptureFixture[str], postgres: Server) -> None:
    assert main(["doctor", "--json", "--storage", postgres.new_database("doctor")]) == 0
    assert "reachable, 0 studies" in capsys.readouterr().out
    assert main(["doctor", "--storage", "sqlite:////nowhere/at/all.db"]) == 1
    assert "FAIL storage: not reachable" in capsys.readouterr().out
