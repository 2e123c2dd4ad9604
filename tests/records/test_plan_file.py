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
        ({"metric": "nope"}, "metric is 'nope'"),
        ({"baseline": "nope"}, "baseline is 'nope'"),
        ({"seeds": [True]}, r"seeds is \[True\]"),
        ({"seeds": [10**400]}, r"seeds is \[10+\.\.\.0+\]"),
        ({"stop": {"first": 3, "every": 1, "at_most": 10**9}}, "looks from 3 to 1000000000 of 5 seeds"),
        ({"stop": {"first": 3, "every": 0, "at_most": 5}}, "stop is not as it was written"),
        ({"effects": [{"of": [], "arms": []}]}, "an effect of 0 factors"),
        ({"effects": [{"of": [["batch_norm", "off", "on"]], "arms": ["x"]}]}, "its effects or aliases are not as"),
        ({"effects": [{"of": [["batch_norm", "off", "on"]], "beside": 5}]}, "beside 5, which is none of its arms"),
        (
            {"effects": [{"of": [["batch_norm", "off", "on"]], "beside": "bare", "arms": ["bare"]}]},
            "not every factor beside two baselines",
        ),
        (
            {"aliases": {"resolution": 3, "table": [{"effect": [], "with": [{"effect": [], "weight": 10**400}]}]}},
            "int too large",
        ),
        ({"trials": [{"arm": "bare", "seed": 1.0, "run": "0"}]}, "trials is not as it was written"),
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


def test_infinity_is_told_wherever_a_plan_is_read(home: Path) -> None:
    """1e999 is one, and no whole number: `dcgan runs` of the whole home ended with it."""
    path = home / "studies" / "stop" / "plan.json"
    path.write_text(path.read_text().replace('"seed": 0', '"seed": 1e999', 1))
    with pytest.raises(DcganError, match=r"plan\.json is damaged"):
        plan_file.read(path.parent)


def test_a_combination_without_a_number_is_told(home: Path) -> None:
    path = home / "studies" / "grown-search" / "plan.json"
    content = json.loads(path.read_text())
    content["grown"]["arms"]["s001"]["optimizer.generator.lr"] = "x"
    path.write_text(json.dumps(content))
    with pytest.raises(
        DcganError, match=r"factor 'optimizer\.generator\.lr': a combination of the search has no number"
    ):
        stored_plans.load("grown-search")


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
