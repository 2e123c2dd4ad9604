"""wandb.json: where a study's workspace and report are, one pair for each project."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.common.errors import DcganError
from dcgan.dashboards import saved_views
from dcgan.dashboards.saved_views import SavedViews
from dcgan.tracking.asking_wandb import Place

HERE, THERE = Place("me", "small"), Place("team", "small")


def test_each_project_has_its_own_and_what_is_not_given_stays(tmp_path: Path) -> None:
    assert saved_views.read(tmp_path, HERE) == SavedViews()
    saved_views.write(tmp_path, HERE, workspace="https://w/1")
    assert saved_views.write(tmp_path, HERE, report="https://r/1") == SavedViews("https://w/1", "https://r/1")
    saved_views.write(tmp_path, THERE, report="https://r/2")
    assert saved_views.read(tmp_path, HERE) == SavedViews("https://w/1", "https://r/1")
    assert saved_views.read(tmp_path, THERE) == SavedViews("", "https://r/2")


@pytest.mark.parametrize("content", ["{}", '{"projects": 3}', '{"projects": {"me/small": {"workspace": 3}}}', "{"])
def test_a_damaged_file_is_one_line_that_says_what_to_do(tmp_path: Path, content: str) -> None:
    (tmp_path / "wandb.json").write_text(content)
    with pytest.raises(DcganError, match=r"wandb\.json"):
        saved_views.read(tmp_path, HERE)
