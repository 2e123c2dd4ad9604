"""How the arms of a study were found by a search, in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dcgan.common.errors import DcganError
from dcgan.common.files import read_json


def search_notes(path: Path) -> tuple[str, ...]:
    """From studies/NAME/search.json: how the search went, then what each combination is. Empty without that file.

    Raises DcganError for a damaged one.
    """
    if not path.exists():
        return ()
    try:
        return _notes(read_json(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DcganError(f"{path} is damaged: it does not say how the arms were found ({error})") from None


def _notes(found: Mapping[str, Any]) -> tuple[str, ...]:
    metric = str(found["metric"]).upper()
    seeds = f"seed {found['own_seeds'][0]}"
    if len(found["own_seeds"]) > 1:
        seeds = f"seeds {found['own_seeds'][0]} to {found['own_seeds'][-1]}"
    ended = f"{found['finished']} finished" + (
        f", {found['over']} were pruned, diverged or failed" * bool(found["over"])
    )
    pruner = "" if found["pruner"] == "none" else f", pruner {found['pruner']}"
    how = (
        f"The arms were found by a search: sampler {found['sampler']}{pruner}, "
        f"{found['asked']} combinations on {seeds}, "
        f"judged against the {found['split']} split; {ended}. What is reported here are other seeds, which chose "
        "nothing."
    )
    baseline = found["baseline"]
    beside = "" if baseline is None else f", where the baseline had {baseline:.4g}"
    arms = [
        f"{arm}: {', '.join(f'{factor}={level}' for factor, level in levels.items())}. In the search it had {metric} "
        f"{found['values'][arm]['value']:.4g}{beside}: as one of the best of many, better "
        "than is to be expected again."
        for arm, levels in found["chosen"].items()
    ]
    return (how, *arms)
