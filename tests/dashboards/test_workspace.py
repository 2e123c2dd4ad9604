"""The workspace: its runs, its sections, and how an earlier one is brought up to date."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

import pytest

from dcgan.dashboards.specification import specification
from dcgan.dashboards.workspace import updated, workspace
from tests.dashboards.scored import ODD, some_facts


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    return specification(workspace(some_facts(), "me", "small"))


def test_the_runs_of_the_study_by_arm_the_best_first(spec: dict[str, Any]) -> None:
    (runs,) = spec["section"]["runSets"]
    assert [(item["key"]["name"], item["value"]) for item in runs["filters"]["filters"]] == [
        ("study", "small"),
        ("jobType", "train"),
    ]
    assert runs["grouping"] == [{"section": "config", "name": "arm.value"}]
    assert runs["sort"]["keys"] == [{"key": {"section": "summary", "name": "fid"}, "ascending": True}]
    assert runs["runFeed"]["columnOrder"][:3] == ["run:displayName", "config:arm.value", "config:seed.value"]
    assert all(runs["runFeed"]["columnPinned"][column] for column in runs["runFeed"]["columnOrder"])


def test_the_greatest_first_where_that_is_better() -> None:
    found = specification(workspace(some_facts(metric="recall", goal="maximize"), "me", "small"))
    assert found["section"]["runSets"][0]["sort"]["keys"] == [
        {"key": {"section": "summary", "name": "recall"}, "ascending": False}
    ]


def test_the_sections_begin_with_the_verdicts_and_have_images_as_their_axis(spec: dict[str, Any]) -> None:
    banks = spec["section"]["panelBankConfig"]["sections"]
    assert [bank["name"] for bank in banks] == [
        "Verdicts",
        "Score against images seen",
        "Score at the end, and what it costs",
        "Samples",
        "What matters",
        "Losses",
        "What the discriminator says",
        "Gradient norms",
        "Learning rates and speed",
    ]
    assert [bank["isOpen"] for bank in banks] == [True] * 8 + [False]
    assert {bank["localPanelSettings"]["xAxis"] for bank in banks} == {"images"}
    assert (spec["section"]["settings"]["xAxis"], spec["section"]["settings"]["smoothingType"]) == ("images", "none")
    assert spec["section"]["settings"]["shouldAutoGeneratePanels"] is False
    (verdicts,) = banks[0]["panels"]
    assert verdicts["viewType"] == "Markdown Panel"
    assert verdicts["config"]["value"] == f"**he\\_init helps.**\n\n{some_facts().verdicts}"


def test_the_colours_are_of_arms_whatever_they_are_called() -> None:
    facts = some_facts(study="s", baseline=ODD, arms={ODD: ODD, "he_init": "he_init"})
    pinned = specification(workspace(facts, "me", "s"))["section"]["customRunColors"]
    paths = [json.loads(unquote(key.removeprefix("run-color-group:%22run-set-1%22:"))) for key in pinned]
    assert paths == [[{"kind": "group", "key": "config:arm.value", "value": arm}] for arm in (ODD, "he_init")]
    assert pinned[next(iter(pinned))] == "#1b1f24"


def test_an_update_keeps_the_user_s_own_sections_and_the_view_itself() -> None:
    from wandb_workspaces import workspaces as ws

    existing = workspace(some_facts(), "me", "small")
    existing._internal_name, existing._internal_id = "nw-abc-v", "id"
    existing.sections = [ws.Section(name="Mine"), *existing.sections]
    new = workspace(some_facts(headline="Now otherwise.", metric="kid"), "me", "small")
    changed = updated(existing, new)
    assert (changed._internal_name, changed._internal_id) == ("nw-abc-v", "id")
    assert [section.name for section in changed.sections] == [*(section.name for section in new.sections), "Mine"]
    spec = specification(changed)["section"]
    assert spec["panelBankConfig"]["sections"][0]["panels"][0]["config"]["value"].startswith("**Now otherwise.**")
    assert spec["runSets"][0]["sort"]["keys"][0]["key"]["name"] == "kid"
