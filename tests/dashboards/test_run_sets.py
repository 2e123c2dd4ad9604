"""Filters of runs: whatever a study is called, W&B is asked for just that."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.dashboards import run_sets
from tests.dashboards.scored import ODD


def parsed(text: str) -> list[dict[str, Any]]:
    """As wandb-workspaces sends it."""
    from wandb_workspaces import expr

    filters: list[dict[str, Any]] = expr.filters_tree_to_v2(expr.expr_to_filters(text))["filters"]
    return filters


@pytest.mark.parametrize("study", ["demo", "a.b-c_1", ODD, "x = 1 and y >= 2", "ends in \\", "ünïcode \U0001f600"])
def test_a_study_s_name_arrives_as_it_is(study: str) -> None:
    first, second = parsed(run_sets.of_study(study))
    assert (first["key"], first["op"]) == ({"section": "config", "name": "study"}, "=")
    assert first["value"] == study
    assert (second["key"], second["op"], second["value"]) == ({"section": "run", "name": "jobType"}, "=", "train")
    assert second["connector"] == "AND"


@pytest.mark.parametrize("is_baseline", [True, False])
def test_the_baseline_and_the_others_are_told_apart_by_a_boolean(is_baseline: bool) -> None:
    first, _, last = parsed(run_sets.of_baseline("demo", is_baseline=is_baseline))
    assert (first["value"], last["connector"]) == ("demo", "AND")
    assert (last["key"], last["op"]) == ({"section": "config", "name": "baseline"}, "=")
    assert last["value"] is is_baseline
