"""wandb.json: where a study's workspace and report are, one pair for each project."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError
from dcgan.dashboards import saved_views
from dcgan.dashboards.saved_views import SavedViews
from dcgan.tracking.asking_wandb import Place

HERE, THERE = Place("me", "small"), Place("team", "small")


def test_each_project_has_its_own_and_what_is_not_given_stays(tmp_path: Path) -> None:
    assert saved_views.read(tmp_path, HERE) == SavedViews()
    mine, saved = "https://w/me/small?nw=1", "https://w/me/small/reports/a--1"
    saved_views.write(tmp_path, HERE, workspace=mine)
    assert saved_views.write(tmp_path, HERE, report=saved) == SavedViews(mine, saved)
    saved_views.write(tmp_path, THERE, report="https://w/team/small/reports/a--2")
    assert saved_views.read(tmp_path, HERE) == SavedViews(mine, saved)
    assert saved_views.read(tmp_path, THERE) == SavedViews("", "https://w/team/small/reports/a--2")


@pytest.mark.parametrize("kind", ["workspace", "report"])
@pytest.mark.parametrize(
    "url",
    ["https://w/team/small?nw=1", "https://w/team/me/small", "https://w/me/small/../../team/x", "file:///me/small"],
)
def test_an_address_of_another_project_is_not_written_to(tmp_path: Path, kind: str, url: str) -> None:
    (tmp_path / "wandb.json").write_text(json.dumps({"projects": {"me/small": {kind: url}}}))
    with pytest.raises(DcganError, match=r"wandb\.json is damaged"):
        saved_views.read(tmp_path, HERE)


@pytest.mark.parametrize("content", ["{}", '{"projects": 3}', '{"projects": {"me/small": {"workspace": 3}}}', "{"])
def test_a_damaged_file_is_one_line_that_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "wandb.json").write_text(content)
    with pytest.raises(DcganError, match=r"wandb\.json"):
        saved_views.read(tmp_path, HERE)
