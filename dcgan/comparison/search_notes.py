"""How the arms of a study were found by a search, in sentences."""

from __future__ import annotations

from pathlib import Path

from dcgan.common.formatting import settings_text
from dcgan.records import search_file
from dcgan.records.plan_file import PlanRecord
from dcgan.records.search_file import SearchRecord
from dcgan.sweeps.designs.search import SUFFIX


def search_of(folder: Path, plan: PlanRecord) -> SearchRecord | None:
    """How the arms of the study in that folder were found; of a search in which nothing beat the baseline, that.

    None for other studies. Raises DcganError for a damaged file.
    """
    if plan.grown is None:
        return search_file.read(folder)
    record = search_file.read(folder.with_name(folder.name.removesuffix(SUFFIX)))
    return record if record is not None and record.study == plan.study and not record.chosen else None


def labels_of(plan: PlanRecord) -> dict[str, str]:
    """The arms of a search by what they change, since their names there are numbers; of other studies none."""
    if plan.grown is None or plan.baseline not in plan.arms:
        return {}
    usual, labels = plan.arms[str(plan.baseline)], dict[str, str]()
    for arm, levels in plan.arms.items():
        changed = {factor: level for factor, level in levels.items() if level != usual.get(factor)}
        label = settings_text(changed, usual) or "baseline"
        labels[arm] = f"{label} ({arm})" if label in labels.values() else label
    return labels


def search_notes(record: SearchRecord | None) -> tuple[str, ...]:
    """How the search went, then what each combination was there. Empty where no search was made."""
    if record is None:
        return ()
    metric = record.metric.upper()
    first, last = record.own_seeds[0], record.own_seeds[-1]
    seeds = f"seed {first}" if first == last else f"seeds {first} to {last}"
    over = f", {record.over} were pruned, diverged or failed" if record.over else ""
    pruner = record.settings["pruner"]
    pruned = "" if pruner == "none" else f", pruner {pruner}"
    end = "What is reported here are other seeds, which chose nothing." if record.chosen else record.answer()
    search = (
        f"The arms were found by a search: sampler {record.settings['sampler']}{pruned}, "
        f"{record.asked} combinations on {seeds}, judged against the {record.split} split; {record.finished} finished"
        f"{over}. {end}"
    )
    beside = "" if record.baseline is None else f", where the baseline had {record.baseline:.4g}"
    arms = [
        f"{_named(record, arm)}. In the search it had {metric} {record.values[arm].value:.4g}{beside}: as one of the "
        "best of many, better than is to be expected again."
        for arm in record.chosen
    ]
    return (search, *arms)


def _named(record: SearchRecord, arm: str) -> str:
    """An arm with its number in the search, or as an earlier version called it with its settings."""
    if arm in record.found_as:
        return f"{arm}: {record.found_as[arm]} of {record.study}"
    return f"{arm}: {', '.join(f'{factor}={level}' for factor, level in record.chosen[arm].items())}"
