"""report.json: the keys that it promises, and no number that is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.report import from_study
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand

Make = Callable[..., Path]


def test_report_json_has_the_keys_of_the_contract_and_no_nan(study: Make) -> None:
    statuses = {("optimizer", seed): "diverged" for seed in range(5)}
    record = files(analyse(from_study(study(statuses=statuses))), ReportCommand())[1]
    json.dumps(record, allow_nan=False)
    assert {"metric": "fid", "goal": "minimize", "baseline": "bare", "alpha": 0.05}.items() <= record.items()
    for arm in record["arms"]:
        assert {"arm", "n", "failed", "mean", "sd", "interval"} <= arm.keys()
    for entry in record["comparisons"]:
        assert {"arm", "pairs", "difference", "interval", "p", "p_adjusted", "verdict", "seeds_needed"} <= entry.keys()
    never = record["comparisons"][2]
    assert (never["pairs"], never["difference"], never["interval"], never["p"]) == (0, None, None, None)
    assert record["arms"][3] | {"arm": "optimizer", "n": 0, "failed": 5, "mean": None} == record["arms"][3]
