"""What W&B is sent of a workspace or a report, as plain values that are the same every time.

The one place that reaches into wandb-workspaces: it offers no public way to see what `save` would send. Where a version
of it has no such way either, `specification` says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from dcgan.common.errors import DcganError

_IDS = {"__id__": "panel", "id": "run-set"}  # keys whose values are drawn at random
_COLOURS = "customRunColors"  # its keys have the ids of run sets in them


def specification(of: Any) -> dict[str, Any]:
    """The specification of a Workspace or a Report of wandb-workspaces, with every random id replaced by its number.

    Asks no network but what the object itself asks: a report that is bound to a project asks for its number. Raises
    DcganError if this version of wandb-workspaces does not let one see it.
    """
    try:
        text = of._to_model().spec.model_dump_json(by_alias=True, exclude_none=True)
    except AttributeError as error:
        raise DcganError(
            f"wandb-workspaces {version('wandb-workspaces')} does not show what it would save ({error}); 0.4.13 does"
        ) from error
    return normalised(json.loads(text))


def normalised(spec: dict[str, Any]) -> dict[str, Any]:
    """A specification as W&B has it, with every random id replaced by its number: `panel-1`, `run-set-2`."""
    names: dict[str, str] = {}
    for kind, found in _ids(spec):
        names.setdefault(found, f"{kind}-{sum(name.startswith(kind) for name in names.values()) + 1}")
    result: dict[str, Any] = _renamed(spec, names)
    return result


def _ids(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for each in value:
            yield from _ids(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if _is_id(key, each, value):
                yield _IDS[key], each
            else:
                yield from _ids(each)


def _is_id(key: str, value: Any, beside: dict[str, Any]) -> bool:
    """Of a panel, or of a run set: what has a feed of runs. Projects have ids, too, that are not random."""
    return isinstance(value, str) and (key == "__id__" or (key == "id" and "runFeed" in beside))


def _renamed(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_renamed(each, names) for each in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, each in value.items():
        if _is_id(key, each, value):
            result[key] = names[each]
        elif key == _COLOURS:
            result[key] = {_renamed_colour(name, names): colour for name, colour in each.items()}
        else:
            result[key] = _renamed(each, names)
    return result


def _renamed_colour(key: str, names: dict[str, str]) -> str:
    """`ID-config:arm.value:bare` of a report, `run-color-group:%22ID%22:...` of a workspace."""
    for random, name in names.items():
        if key.startswith((f"{random}-", f"run-color-group:%22{random}%22:")):
            return key.replace(random, name, 1)
    return key
