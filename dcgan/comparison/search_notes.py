"""How the arms of a study were found by a search, in sentences."""

from __future__ import annotations

from dcgan.records.search_file import SearchRecord


def search_notes(record: SearchRecord | None) -> tuple[str, ...]:
    """How the search went, then what each combination is. Empty where no search was made."""
    if record is None:
        return ()
    metric = record.metric.upper()
    first, last = record.own_seeds[0], record.own_seeds[-1]
    seeds = f"seed {first}" if first == last else f"seeds {first} to {last}"
    over = f", {record.over} were pruned, diverged or failed" if record.over else ""
    pruner = record.settings["pruner"]
    pruned = "" if pruner == "none" else f", pruner {pruner}"
    search = (
        f"The arms were found by a search: sampler {record.settings['sampler']}{pruned}, "
        f"{record.asked} combinations on {seeds}, judged against the {record.split} split; {record.finished} finished"
        f"{over}. What is reported here are other seeds, which chose nothing."
    )
    beside = "" if record.baseline is None else f", where the baseline had {record.baseline:.4g}"
    arms = [
        f"{arm}: {', '.join(f'{factor}={level}' for factor, level in levels.items())}. In the search it had {metric} "
        f"{record.values[arm].value:.4g}{beside}: as one of the best of many, better "
        "than is to be expected again."
        for arm, levels in record.chosen.items()
    ]
    return (search, *arms)
