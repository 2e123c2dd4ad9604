"""report.json: the keys that it promises, and no number that is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.report import from_study
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand
from tests.report.designs import tips, write_study

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


def test_what_a_design_resolves_is_of_its_effects_as_the_sentence_beside_it_says(tmp_path: Path) -> None:
    folder = write_study(tmp_path, "factorial", tips(3), {("small_networks",): 5.0}, noise=4.0)
    analysis = analyse(from_study(folder))
    record = files(analysis, ReportCommand())[1]
    assert analysis.effects is not None and analysis.resolvable is not None
    assert record["resolvable_effect"] == analysis.effects.resolvable < analysis.resolvable
    assert record["outlook"] == [], "which is of pairs of arms"
    assert record["resolution"].startswith(f"With 3 seeds, a true effect of about {record['resolvable_effect']:.3g}")
