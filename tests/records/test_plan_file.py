"""plan.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.common.errors import DcganError
from dcgan.records import plan_file
from dcgan.study import stored_plans
from tests.records.conftest import EARLIER

STUDIES = ("stop", "srch", "tuned", "tuned-tuning", "grown-search", "fractional", "both")
# These plans name no scale: one that stops when decided has looked at differences, and goes on so.
SCALES = {**dict.fromkeys(STUDIES, "ratio"), "stop": "difference"}


@pytest.mark.parametrize("study", SCALES)
def test_a_plan_is_read_and_would_be_written_alike(home: Path, study: str) -> None:
    written = json.loads((home / "studies" / study / "plan.json").read_text())
    assert "scale" not in written
    now = {**written, "scale": SCALES[study], "replicates": None, "seed_changes": []}
    assert plan_file.read(home / "studies" / study).to_json() == now
    plan = stored_plans.load(study)
    content = {key: value for key, value in written["content"].items() if key != "tracking"}  # it was {wandb: disabled}
    assert plan.record().to_json() == {**now, "content": content}
    sweep = yaml.safe_load((home / "studies" / study / "sweep.yaml").read_text())
    assert yaml.safe_load(plan.sweep.to_yaml()) == {**sweep, "scale": SCALES[study], "replicates": None}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"study": 3}, "study is 3"),
        ({"content": [1]}, r"content is \[1\]"),
        ({"content": "abc"}, "content is 'abc'"),
        ({"held": [1]}, r"held is \[1\]"),
        ({"arms": {"bare": 1}}, "arms: bare is 1"),
        ({"ranges": {"a": 1}}, "ranges: a is 1"),
        ({"goal": "nope"}, "goal is 'nope'"),
        ({"metric": 3}, "metric is 3"),
        ({"seeds": 2}, "seeds is 2"),
        ({"replicates": 2}, "replicates is 2"),
        ({"seed_changes": [{"before": [0]}]}, "seed_changes is not as it was written"),
        ({"seeds": ["0"]}, r"seeds is \['0'\]"),
        ({"grown": {"arms": {"s000": 3}, "over": [], "refused": []}}, "grown is not as it was written"),
        ({"grown": {"arms": {}}}, "grown is not as it was written"),
        ({"effects": [{"of": [["batch_norm", "off"]]}]}, "its effects or aliases are not as they were written"),
        ({"trials": [{"arm": "bare", "seed": "x", "run": "0"}]}, "trials is not as it was written"),
        ({"trials": [{"arm": "bare"}]}, "trials is not as it was written"),
    ],
)
def test_a_damaged_plan_is_refused_in_a_line_that_says_what_to_do(
    home: Path, change: dict[str, Any], told: str
) -> None:
    path = home / "studies" / "stop" / "plan.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DcganError, match=told) as caught:
        plan_file.read(path.parent)
    assert str(caught.value).startswith(f"{path} is damaged: ")
    assert str(caught.value).endswith(": delete it, then type the `dcgan sweep` command again")
    assert "\n" not in str(caught.value)


def test_every_key_of_a_plan_is_filled_in_one_of_these() -> None:
    """Else the test above looks at empty lists."""
    plans = [json.loads((EARLIER / "studies" / study / "plan.json").read_text()) for study in STUDIES]
    assert {key for plan in plans for key, value in plan.items() if value} == plans[0].keys()


def test_studies_are_the_folders_that_have_a_plan(home: Path) -> None:
    (home / "studies" / "not planned").mkdir()
    assert plan_file.studies(home / "studies") == sorted(STUDIES)
    assert plan_file.is_study(home / "studies" / "stop")
    assert not plan_file.is_study(home / "studies" / "not planned")
    assert plan_file.studies(home / "nowhere") == []
