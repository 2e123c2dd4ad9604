"""studies/NAME/wandb.json: where a study's workspace and report are in W&B, to be updated and not made twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dcgan.common.errors import DcganError
from dcgan.common.files import read_json, write_json
from dcgan.tracking.asking_wandb import Place

NAME = "wandb.json"


@dataclass(frozen=True)
class SavedViews:
    """The addresses as wandb-workspaces knows them, empty where there is none; one pair for each project."""

    workspace: str = ""
    report: str = ""


def read(folder: Path, place: Place) -> SavedViews:
    """Those of the study in that folder and of that project. Raises DcganError for a damaged file."""
    views = _all(folder).get(str(place), {})
    return SavedViews(**{key: _checked(folder, place, views.get(key, "")) for key in ("workspace", "report")})


def write(folder: Path, place: Place, *, workspace: str | None = None, report: str | None = None) -> SavedViews:
    """Enters what is given, and keeps the rest; returns how it stands."""
    changed = {key: url for key, url in (("workspace", workspace), ("report", report)) if url is not None}
    views = replace(read(folder, place), **changed)
    there = {"workspace": views.workspace, "report": views.report}
    write_json(folder / NAME, {"projects": {**_all(folder), str(place): there}})
    return views


def _all(folder: Path) -> dict[str, dict[str, str]]:
    file = folder / NAME
    if not file.exists():
        return {}
    content = read_json(file).get("projects")
    if not isinstance(content, dict) or not all(isinstance(views, dict) for views in content.values()):
        raise _damaged(folder)
    return content


def _checked(folder: Path, place: Place, url: object) -> str:
    """An address in that project: the library takes entity and project from it, whatever else it is told."""
    if not isinstance(url, str):
        raise _damaged(folder)
    parts = urlsplit(url)
    path, project = unquote(parts.path).casefold(), f"/{place}".casefold()  # as typed, and as W&B writes it
    if url and not (parts.scheme in ("http", "https") and (path == project or path.startswith(f"{project}/reports/"))):
        raise _damaged(folder)
    return url


def _damaged(folder: Path) -> DcganError:
    return DcganError(f"{folder / NAME} is damaged: delete it, and its workspace and report are made anew")
