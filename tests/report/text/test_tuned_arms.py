"""What a report says of arms that were tuned."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan import report
from dcgan.common.errors import DcganError
from dcgan.comparison.from_study import from_study

LR = "optimizer.generator.lr"
CHOICE = {
    "candidate": 2,
    "tried": 4,
    "values": {LR: 0.0001},
    "own": {LR: 0.0002},
    "lowest": {LR: 0.0001},
    "highest": {LR: 0.0008},
    "void": [],
    "score": 31.25,
    "own_score": None,
    "lost": 1,
}
KEPT = {**CHOICE, "candidate": 1, "values": {LR: 0.0002}, "score": 40.0, "own_score": 40.0, "lost": 0}
UNREAD = {**KEPT, "tried": 1, "values": {}, "own": {}, "lowest": {}, "highest": {}, "void": [LR]}


def _tuned(study: Callable[..., Path], **arms: object) -> Path:
    folder = study(start="all")
    tuned = {"study": "x-tuning", "metric": "fid", "trials": 4, "seeds": [1_000_000, 1_000_001], "split": "train"}
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps({**plan, "tuned": {**tuned, "arms": arms}}))
    return folder


def test_the_report_says_with_what_budget_and_what_was_chosen(study: Callable[..., Path], tmp_path: Path) -> None:
    folder = _tuned(study, **{"all": CHOICE, "without-he_init": KEPT, "without-batch_norm": UNREAD})
    record = report.write(from_study(folder), tmp_path / "out")
    text = (tmp_path / "out" / "report.md").read_text().replace("\\", "")
    assert "4 candidates each" in text
    assert "trained on seeds 1000000 to 1000001, which are not reported here" in text
    assert "Every candidate's runs: study x-tuning." in text
    lines = [line for line in text.splitlines() if " of 4 |" in line or " of 1 |" in line]
    assert lines[0].startswith("| all | 0.0002 to 0.0001 | 2 of 4 | 31.25 | ")
    assert f"the smallest {LR} tried: a wider range might do better; 1 of its runs ended without a score" in lines[0]
    assert lines[1] == "| without-he_init | 0.0002, kept | 1 of 4 | 40 | 40 |  |"
    assert "| not read | 1 of 1 |" in lines[2]
    assert record["tuned"]["arms"]["all"]["values"] == {LR: 0.0001}
    assert "What the arms were tuned to" in (tmp_path / "out" / "index.html").read_text()


def test_without_tuning_nothing_is_said_of_it(study: Callable[..., Path], tmp_path: Path) -> None:
    record = report.write(from_study(study(start="all")), tmp_path / "out")
    assert record["tuned"] is None
    assert "tuned" not in (tmp_path / "out" / "report.md").read_text()


def test_a_damaged_record_is_told(study: Callable[..., Path]) -> None:
    folder = _tuned(study, all={"candidate": 2})
    with pytest.raises(DcganError, match=r"plan.json is damaged: tuned is not as it was written"):
        from_study(folder)
