"""Which projects in W&B are meant. That they are read, and what is refused, is in tests/cli/test_report_sources.py."""

from __future__ import annotations

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.tracking.wandb_project import LoggedRun, Project, read


@pytest.mark.parametrize(
    ("source", "project"),
    [("wandb:me/faces", Project("me", "faces")), ("wandb:me/faces/tips", Project("me", "faces", "tips"))],
)
def test_a_project_is_named_by_its_entity_and_name(source: str, project: Project) -> None:
    assert Project.parse(source) == project
    assert str(project) == "me/faces"


@pytest.mark.parametrize(
    "source", ["wandb:", "wandb:faces", "wandb:me/", "wandb:me//tips", "wandb:a/b/c/d", "wandb:a/ "]
)
def test_anything_else_is_refused(source: str) -> None:
    with pytest.raises(Misuse, match="expected wandb:ENTITY/PROJECT"):
        Project.parse(source)


def test_nobody_is_asked_without_a_login(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    for name in ("WANDB_API_KEY", "WANDB_IDENTITY_TOKEN_FILE", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    with pytest.raises(DcganError, match="wandb:me/faces: not logged in to W&B: run `wandb login`"):
        read(Project("me", "faces"))


@pytest.mark.parametrize(
    ("summary", "seconds"), [({"_wandb": {"runtime": 5}}, 5.0), ({"_runtime": 2.5}, 2.5), ({}, None)]
)
def test_how_long_wandb_saw_it_run(summary: dict[str, object], seconds: float | None) -> None:
    assert LoggedRun("a", "a", "finished", "", "", (), "", "", {}, summary).seconds == seconds
