"""Panels one by one, as W&B is sent them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest

from dcgan.dashboards.panels import BASELINE_COLOUR, colours, columns, laid_out, most_runs, panel_sections
from dcgan.dashboards.study_facts import FactorAxis, StudyFacts
from tests.dashboards.scored import ODD, some_facts


def sent(facts: StudyFacts) -> dict[str, list[dict[str, Any]]]:
    """The panels by section, without what they have at random."""
    return {
        section.name: [
            panel._to_model().model_dump(mode="json", by_alias=True, exclude_none=True) for panel in section.panels
        ]
        for section in panel_sections(facts)
    }


def curve(key: str, title: str) -> dict[str, Any]:
    """What a panel of curves is."""
    return {
        "chartTitle": title,
        "xAxis": "images",
        "metrics": [key],
        "xAxisTitle": "images seen",
        "yAxisTitle": title,
        "groupBy": "arm.value",
        "groupAgg": "mean",
        "groupArea": "minmax",
        "smoothingType": "none",
        "limit": 10,
        "aggregate": True,
    }


@pytest.fixture(scope="module")
def usual() -> dict[str, list[dict[str, Any]]]:
    return sent(some_facts())


@pytest.mark.parametrize(
    ("section", "curves"),
    [
        ("Score against images seen", {"validation/fid": "FID, validation split", "test/fid": "FID, test split"}),
        ("Losses", {"loss_d": "Loss of D", "loss_g": "Loss of G"}),
        ("What the discriminator says", {"d_real": "D(x)", "d_fake": "D(G(z))"}),
        ("Gradient norms", {"grad_d": "Gradient norm of D", "grad_g": "Gradient norm of G"}),
        (
            "Learning rates and speed",
            {"lr_d": "Learning rate of D", "lr_g": "Learning rate of G", "images_per_second": "Images a second"},
        ),
    ],
)
def test_curves_are_by_images_and_by_arm_with_their_range(
    usual: dict[str, list[dict[str, Any]]], section: str, curves: Mapping[str, str]
) -> None:
    assert {panel["viewType"] for panel in usual[section]} == {"Run History Line Plot"}
    assert [panel["config"] for panel in usual[section]] == [curve(key, title) for key, title in curves.items()]


def test_the_score_at_the_end_is_a_bar_an_arm_and_against_its_cost(usual: dict[str, list[dict[str, Any]]]) -> None:
    bars, cost = usual["Score at the end, and what it costs"]
    assert (bars["viewType"], cost["viewType"]) == ("Bar Chart", "Scatter Plot")
    assert bars["config"]["metrics"] == ["fid"]
    assert {key: bars["config"][key] for key in ("groupBy", "groupAgg", "groupArea", "aggregate")} == {
        "groupBy": "arm.value",
        "groupAgg": "mean",
        "groupArea": "minmax",
        "aggregate": True,
    }
    assert "lower is better" in bars["config"]["chartTitle"]
    assert (cost["config"]["xAxis"], cost["config"]["yAxis"]) == ("summary:seconds", "summary:fid")


def test_samples_are_a_grid_of_runs_and_steps(usual: dict[str, list[dict[str, Any]]]) -> None:
    (media,) = usual["Samples"]
    assert media["viewType"] == "Media Browser"
    assert media["config"] == {
        "chartTitle": "Samples by arm",
        "mediaKeys": ["samples"],
        "mode": "grid",
        "gridSettings": {"xAxis": "step", "yAxis": "run"},
    }


def test_what_matters_is_of_the_metric_and_of_the_factors_by_their_flat_keys(
    usual: dict[str, list[dict[str, Any]]],
) -> None:
    importance, parallel = usual["What matters"]
    assert (importance["viewType"], importance["config"]["targetKey"]) == ("Parameter Importance", "fid")
    assert parallel["viewType"] == "Parallel Coordinates Plot"
    assert parallel["config"]["columns"] == [
        {"accessor": "config:factor/he_init.value", "displayName": "he_init"},
        {
            "accessor": "config:optimizer.generator.lr.value",  # flat: not `optimizer.value.generator.lr`
            "displayName": "optimizer.generator.lr",
            "log": True,
        },
        {"accessor": "summary:fid", "displayName": "FID", "inverted": True},
    ]


def test_a_metric_that_is_better_higher_is_not_turned_round() -> None:
    found = sent(some_facts(metric="recall", goal="maximize", curve=None, final="train/recall"))
    assert found["What matters"][1]["config"]["columns"][-1] == {"accessor": "summary:recall", "displayName": "recall"}
    assert "higher is better" in found["Score at the end, and what it costs"][0]["config"]["chartTitle"]
    assert [panel["config"] for panel in found["Score against images seen"]] == [
        curve("train/recall", "recall, train split")
    ]


def test_all_arms_are_drawn_however_many() -> None:
    arms = {f"arm-{number}": f"arm-{number}" for number in range(64)}
    found = sent(some_facts(arms=arms, baseline="arm-0"))
    limits = {panel["config"]["limit"] for panel in itertools.chain(*found.values()) if "limit" in panel["config"]}
    assert limits == {64}
    assert most_runs(some_facts(arms={str(number): "" for number in range(5000)})) == 1000


def test_the_baseline_has_a_colour_that_no_other_arm_has() -> None:
    facts = some_facts()
    assert colours(facts)["bare"] == BASELINE_COLOUR
    assert len(set(colours(facts).values())) == len(colours(facts)) == 3
    many = some_facts(arms={"bare": "", **{str(number): "" for number in range(40)}})
    assert colours(many) == {"bare": BASELINE_COLOUR}


def test_the_table_of_runs_has_what_one_reads_first() -> None:
    assert columns(some_facts()) == [
        "run:displayName",
        "config:arm.value",
        "config:seed.value",
        "summary:status",
        "summary:fid",
        "summary:best/fid",
        "summary:images",
        "summary:seconds",
        "summary:images_per_second",
        "summary:failure",
        "config:factor/he_init.value",
        "config:optimizer.generator.lr.value",
    ]


def test_panels_of_a_report_do_not_lie_on_each_other() -> None:
    for section in panel_sections(some_facts()):
        cells = [
            (x, y)
            for panel in laid_out(section)
            for x in range(panel.layout.x, panel.layout.x + panel.layout.w)
            for y in range(panel.layout.y, panel.layout.y + panel.layout.h)
        ]
        assert len(cells) == len(set(cells))
        assert max(x for x, _ in cells) < 24


def test_odd_names_are_kept_in_keys_and_cut_in_titles() -> None:
    found = sent(some_facts(baseline=ODD, arms={ODD: ODD, "b": "b"}, axes=(FactorAxis(ODD, f"factor/{ODD}"),)))
    assert found["What matters"][1]["config"]["columns"][0]["accessor"] == f"config:factor/{ODD}.value"
    assert all(len(panel["config"].get("chartTitle", "")) <= 120 for panels in found.values() for panel in panels)
