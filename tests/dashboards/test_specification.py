"""Specifications: the same every time, and clear words where the library shows none."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from dcgan.common.errors import DcganError
from dcgan.dashboards.specification import normalised, specification
from dcgan.dashboards.wandb_report import wandb_report
from dcgan.dashboards.workspace import workspace
from tests.dashboards.scored import some_facts


def test_two_workspaces_of_the_same_facts_are_the_same() -> None:
    first, second = (specification(workspace(some_facts(), "me", "small")) for _ in range(2))
    assert first == second
    assert first["section"]["runSets"][0]["id"] == "run-set-1"
    panels = [panel["__id__"] for bank in first["section"]["panelBankConfig"]["sections"] for panel in bank["panels"]]
    assert panels == [f"panel-{number}" for number in range(1, len(panels) + 1)]
    assert all(key.startswith("run-color-group:%22run-set-1%22:") for key in first["section"]["customRunColors"])


def test_two_reports_of_the_same_facts_are_the_same() -> None:
    first, second = (specification(wandb_report(some_facts(), "me", "small", is_bound=False)) for _ in range(2))
    assert first == second
    grids = [block["metadata"] for block in first["blocks"] if block["type"] == "panel-grid"]
    assert [runs["id"] for grid in grids for runs in grid["runSets"]] == [
        f"run-set-{number}" for number in range(1, 2 * len(grids) + 1)
    ]
    assert [*grids[1]["customRunColors"]] == [
        "run-set-3-config:arm.value:bare",
        "run-set-4-config:arm.value:he_init",
        "run-set-4-config:arm.value:without-x",
    ]


def test_only_ids_are_replaced() -> None:
    spec = {"project": {"id": "abc", "name": "abc"}, "panels": [{"__id__": "abc", "title": "abc"}], "id": "abc"}
    assert normalised(spec) == {**spec, "panels": [{"__id__": "panel-1", "title": "abc"}]}


def test_a_library_that_shows_no_specification_is_told() -> None:
    with pytest.raises(DcganError, match=r"wandb-workspaces \d.* does not show what it would save"):
        specification(SimpleNamespace())
    with pytest.raises(DcganError, match=r"does not show what it would save"):
        specification(SimpleNamespace(_to_model=SimpleNamespace))


def test_the_library_is_as_it_was_when_this_was_written() -> None:
    """Private parts of wandb-workspaces that are built on: where they change, this says which."""
    from wandb_workspaces.reports.v2 import interface as wr
    from wandb_workspaces.reports.v2 import internal
    from wandb_workspaces.workspaces import Workspace

    for name in ("_to_model", "from_url", "save", "url"):
        assert hasattr(Workspace, name), f"Workspace.{name} is gone"
        assert hasattr(wr.Report, name), f"Report.{name} is gone"
    assert hasattr(wr.ParallelCoordinatesPlotColumn, "_to_model"), "columns are not made by _to_model any more"
    assert "accessor" in internal.Column.model_fields, "a column's key is not called accessor any more"
    plain = wr.ParallelCoordinatesPlotColumn(metric=wr.Config("a.b"))._to_model()
    assert plain.accessor == "config:a.value.b", "keys with dots are read otherwise now: is FlatColumn still needed?"
