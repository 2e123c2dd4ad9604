"""report.json of several studies: the tips as in that of one, and no number that is none."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.several import put_together
from dcgan.report.several_json import several_json
from tests.known_studies import make_study
from tests.several_sources import table_of

Make = Callable[..., Path]


def test_tips_have_the_keys_of_one_studys_and_studies_their_own_numbers(tmp_path: Path, csv_file: Make) -> None:
    studies = {
        "bare": from_study(make_study(tmp_path / "a", name="bare", statuses={("optimizer", 1): "planned"})),
        "second": from_csv(table_of(csv_file, "second", level=5.0, he_init=-0.3)),
        "table": from_csv(table_of(csv_file, "table", he_init=-0.2, mine=0.2)),
    }
    record = several_json(put_together(studies), "title")
    json.dumps(record, allow_nan=False)
    assert {"title": "title", "metric": "fid", "goal": "minimize", "scale": "ratio"}.items() <= record.items()
    for tip in record["tips"]:
        assert {"tip", "level", "effect", "interval", "p_adjusted", "verdict", "direction"} <= tip.keys()
        assert [cell["study"] for cell in tip["studies"]] == ["bare", "second", "table"]
    he_init = next(tip for tip in record["tips"] if tip["label"] == "he_init")
    assert (he_init["level"], he_init["instead"], he_init["pooled_studies"]) == ("on", "off", 3)
    assert he_init["ratio"] == pytest.approx(math.exp(he_init["effect"]))
    assert he_init["ratio_interval"] == pytest.approx([math.exp(bound) for bound in he_init["interval"]])
    assert he_init["ratio_prediction"][0] == pytest.approx(math.exp(he_init["prediction"][0]))
    assert sum(cell["weight"] for cell in he_init["studies"]) == pytest.approx(1)
    mine = next(tip for tip in record["tips"] if tip["label"] == "mine")
    assert (mine["effect"], mine["verdict"], mine["not_pooled"]) == (None, None, "only table has it")
    assert mine["studies"][0] | {"effect": None, "interval": None, "verdict": None} == mine["studies"][0]
    bare, _, table = record["studies"]
    assert (bare["partial"], bare["trials"], record["partial"]) == (True, {"total": 20, "done": 19}, True)
    assert (bare["start"], bare["design"], table["start"]) == ("bare", "one-at-a-time", None)
