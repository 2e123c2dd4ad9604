"""A specification as people read it."""

from __future__ import annotations

from dcgan.dashboards.specification import specification
from dcgan.dashboards.view_lines import shown_colours, shown_runs, shown_sections
from dcgan.dashboards.wandb_report import wandb_report
from dcgan.dashboards.workspace import workspace
from tests.dashboards.scored import ODD, some_facts

FACTS = some_facts(baseline=ODD, arms={ODD: ODD, "he_init": "he_init"})
WORKSPACE = specification(workspace(FACTS, "me", "small"))
REPORT = specification(wandb_report(FACTS, "me", "small", is_bound=False))


def test_both_have_the_same_panels_under_the_same_headings() -> None:
    shown, reported = shown_sections(WORKSPACE), shown_sections(REPORT)
    assert [section.name for section in shown] == [section.name for section in reported]
    assert [section.panels for section in shown[1:]] == [section.panels for section in reported[1:]]
    assert [section.columns for section in shown] == [section.columns for section in reported]
    assert [section.is_open for section in shown] == [True] * 8 + [False]
    assert all(section.text for section in reported)


def test_panels_are_told_by_their_keys_and_how_runs_are_put_together() -> None:
    told = {
        panel.title: (panel.kind, *panel.details) for section in shown_sections(WORKSPACE) for panel in section.panels
    }
    assert told["FID, validation split"] == ("curves", "validation/fid against images", "by arm: mean, range")
    assert told["Final FID by arm (lower is better)"] == ("bars", "fid", "by arm: mean, range")
    assert told["Final FID against seconds of training"] == ("scatter", "fid against seconds")
    assert told["Importance"] == ("importance", "of fid")
    assert told["Samples by arm"] == ("media", "samples", "a row a run or arm, a column a step")
    assert told["Levels and final FID"] == (
        "parallel coordinates",
        "he_init, optimizer.generator.lr (log), FID (inverted: the better end up)",
    )


def test_run_sets_are_told_by_their_filters() -> None:
    (runs,) = shown_runs(WORKSPACE)
    assert (runs.filters, runs.grouping, runs.order) == ("study = small and jobType = train", "arm", "fid, least first")
    assert runs.columns[:5] == ("name", "arm", "seed", "status", "fid")
    assert [(each.name, each.filters) for each in shown_runs(REPORT)] == [
        ("the baseline", "study = small and jobType = train and baseline = True"),
        ("the other arms", "study = small and jobType = train and baseline = False"),
    ]


def test_colours_are_by_arm_whatever_it_is_called() -> None:
    assert [*shown_colours(WORKSPACE)] == [*shown_colours(REPORT)] == [ODD, "he_init"]
    assert shown_colours(WORKSPACE)[ODD] == shown_colours(REPORT)[ODD] == "#1b1f24"
