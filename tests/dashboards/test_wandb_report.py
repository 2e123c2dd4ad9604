"""The report: its words, its grids, and the run sets of each."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.dashboards.panels import panel_sections
from dcgan.dashboards.specification import specification
from dcgan.dashboards.wandb_report import wandb_report
from tests.dashboards.scored import ODD, some_facts


@pytest.fixture(scope="module")
def blocks() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = specification(wandb_report(some_facts(), "me", "small", is_bound=False))["blocks"]
    return found


def words(block: dict[str, Any]) -> str:
    return "".join(
        child.get("text") or "".join(each["text"] for each in child.get("children", ())) for child in block["children"]
    )


def test_it_begins_with_the_verdicts_and_ends_with_what_made_it(blocks: list[dict[str, Any]]) -> None:
    told = [block for block in blocks if block["type"] != "paragraph" or words(block)]
    assert [block["type"] for block in told[:4]] == ["table-of-contents", "heading", "paragraph", "markdown-block"]
    assert (words(told[1]), words(told[2])) == ("Verdicts", "he_init helps.")
    assert told[3]["content"] == some_facts().verdicts
    assert words(told[-1]).startswith("Made by dcgan dashboard small --wandb")


def test_there_is_no_table_before_there_are_verdicts() -> None:
    spec = specification(wandb_report(some_facts(verdicts=""), "me", "small", is_bound=False))
    assert "markdown-block" not in {block["type"] for block in spec["blocks"]}


def test_every_section_has_its_heading_its_sentence_and_its_panels(blocks: list[dict[str, Any]]) -> None:
    sections = panel_sections(some_facts())
    found = [index for index, block in enumerate(blocks) if block["type"] == "panel-grid"]
    assert [words(blocks[index - 2]) for index in found] == [section.name for section in sections]
    assert [words(blocks[index - 1]) for index in found] == [section.says for section in sections]
    for index, section in zip(found, sections, strict=True):
        panels = blocks[index]["metadata"]["panelBankSectionConfig"]["panels"]
        made = [panel._to_model().model_dump(mode="json", by_alias=True, exclude_none=True) for panel in section.panels]
        assert [panel["config"] for panel in panels] == [panel["config"] for panel in made]
        assert [panel["viewType"] for panel in panels] == [panel["viewType"] for panel in made]


def test_the_baseline_has_a_run_set_of_its_own_and_every_run_is_in_one(blocks: list[dict[str, Any]]) -> None:
    for grid in (block["metadata"] for block in blocks if block["type"] == "panel-grid"):
        baseline, others = grid["runSets"]
        assert (baseline["name"], others["name"]) == ("the baseline", "the other arms")
        for runs, is_baseline in ((baseline, True), (others, False)):
            assert [(item["key"]["name"], item["value"]) for item in runs["filters"]["filters"]] == [
                ("study", "small"),
                ("jobType", "train"),
                ("baseline", is_baseline),
            ]
            assert runs["grouping"] == [{"section": "config", "name": "arm.value"}]
            assert runs["sort"]["keys"] == [{"key": {"section": "summary", "name": "fid"}, "ascending": True}]
            assert runs["runFeed"]["lockColumns"] is True
            assert runs["runFeed"]["columnOrder"][4] == "summary:fid"
        assert next(iter(grid["customRunColors"].values())) == "#1b1f24"


def test_names_that_w_and_b_would_refuse_or_misread_are_not_in_the_title() -> None:
    report = wandb_report(some_facts(study="s" * 100, baseline=ODD, arms={ODD: ODD}, headline=ODD), "me", "s")
    assert report.title == f"{'s' * 100}, FID by arm"
    assert len(report.title) <= 128
    assert len(report.description) <= 250
    assert not set(report.title) & set("/?#")
