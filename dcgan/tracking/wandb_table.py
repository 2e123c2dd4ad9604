"""Runs of a W&B project as a table to report on: ours as their study has them, others as W&B exports them."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.common.formatting import count, listed
from dcgan.records.protocol import Protocol
from dcgan.records.table_columns import NO_SEEDS, exported_name, outcome_of
from dcgan.records.table_file import csv_text
from dcgan.study.trials_table import SCORES
from dcgan.tracking.wandb_project import PREFIX, LoggedRun, Project

_FACTOR, _PROTOCOL = "factor/", "protocol/"  # what our runs' settings of a design, and how they were scored, begin with
_ENDED = {"finished", "failed", "diverged", "pruned"}  # what a run of ours says of itself when it is over

Cells = dict[str, str]


@dataclass(frozen=True)
class WandbTable:
    """The rows under their columns, as text; `notes` say what was left out."""

    columns: tuple[str, ...]
    rows: tuple[Cells, ...]
    notes: tuple[str, ...] = ()

    def text(self) -> str:
        """As CSV."""
        return csv_text(self.columns, self.rows, others="ignore")


def table_of(
    project: Project,
    runs: Sequence[LoggedRun],
    *,
    metric: str | None = None,
    arm: str | None = None,
    seed: str | None = None,
) -> WandbTable:
    """The runs as a table: arms and seeds as our studies log them, unless others are named by `arm` or `seed`.

    Raises Misuse for a metric, an arm or a seed that no run has, and for runs that cannot be one table.
    """
    _check_metric(project, runs, metric)
    named = arm in (None, "arm") and seed in (None, "seed", NO_SEEDS)
    ours = [run for run in runs if run.config.keys() >= {"arm", "seed", "study"}] if named else []
    if not ours and project.study is not None:
        raise Misuse(f"{project} has no runs of a study: leave /{project.study} away to compare others")
    return _of_study(project, ours, metric, len(runs)) if ours else _of_others(project, runs, arm, seed)


def _of_study(project: Project, ours: Sequence[LoggedRun], metric: str | None, all_runs: int) -> WandbTable:
    """As the study's own table has them: trials with their factors and scores, each once."""
    studies = sorted({str(run.config["study"]) for run in ours})
    if project.study is not None and project.study not in studies:
        raise Misuse(f"{project} has no runs of a study '{project.study}'{did_you_mean(project.study, studies)}")
    if project.study is None and len(studies) > 1:
        raise Misuse(
            f"{project} has runs of several studies ({', '.join(studies)}): say of which, as in "
            f"{PREFIX}{project}/{studies[0]}"
        )
    runs = _each_once(project, [run for run in ours if run.config["study"] == (project.study or studies[0])])
    factors = list(dict.fromkeys(key for run in runs for key in run.config if key.startswith(_FACTOR)))
    scores = list(dict.fromkeys([*SCORES, *([metric] if metric else [])]))
    rows = []
    for run in runs:
        status = _status(run)
        finished = status == "finished"
        rows.append(
            {
                "study": str(run.config["study"]),
                "arm": str(run.config["arm"]),
                "seed": _text(run.config["seed"]),
                "run": run.id,
                "status": status,
                **{factor.removeprefix(_FACTOR): _text(run.config.get(factor)) for factor in factors},
                **{name: _text(run.summary.get(name)) if finished else "" for name in scores},
                "protocol": _protocol(run) if finished else "",
                "seconds": _text(run.summary.get("seconds", run.seconds)),
            }
        )
    others = all_runs - len(ours)
    notes = (f"{count(others, 'run')} of {project} left out: of no study",) if others else ()
    return WandbTable(_filled(rows, always=("study", "arm", "seed", "run", "status")), tuple(rows), notes)


def _each_once(project: Project, runs: Sequence[LoggedRun]) -> list[LoggedRun]:
    """One run a trial: a trial that a killed agent began, or that was trained before, has several of the same id."""
    trials: dict[tuple[str, str], LoggedRun] = {}
    for run in runs:
        trial = (str(run.config["arm"]), str(run.config["seed"]))
        known = trials.get(trial)
        if known is not None and known.config.get("id") != run.config.get("id"):
            raise Misuse(
                f"{project} has two different runs of arm '{trial[0]}' with seed {trial[1]} ({known.id} and {run.id}): "
                "delete the one in W&B that is not meant"
            )
        if known is None or _status(known) != "finished":
            trials[trial] = run
    return list(trials.values())


def _status(run: LoggedRun) -> str:
    """How a run of ours ended, as it says itself; W&B's word for it where it could not say it."""
    said = run.summary.get("status")
    return said if said in _ENDED else outcome_of(run.state)


def _protocol(run: LoggedRun) -> str:
    """How its scores were taken, in a word; nothing for what another version has logged."""
    parts = {key.removeprefix(_PROTOCOL): value for key, value in run.summary.items() if key.startswith(_PROTOCOL)}
    try:
        return Protocol.from_dict(parts).key if parts else ""
    except DcganError:
        return ""


def _of_others(project: Project, runs: Sequence[LoggedRun], arm: str | None, seed: str | None) -> WandbTable:
    """As W&B exports its table of runs: properties, then the configuration, then the summary."""
    rows = [_exported(run) for run in runs]
    names = _filled(rows, always=("Name", "State", "ID", "Created"))
    notes = []
    for asked in (arm, None if seed == NO_SEEDS else seed):
        if asked is None:
            continue
        column = exported_name(asked, names)
        if column not in names:
            raise Misuse(f"{project}: no run has '{asked}' in its configuration{did_you_mean(asked, names)}")
        having = [row for row in rows if row.get(column)]
        if len(having) < len(rows):
            notes.append(f"{count(len(rows) - len(having), 'run')} of {project} left out: without '{asked}'")
        rows = having
    return WandbTable(_filled(rows, always=("Name", "State", "ID", "Created")), tuple(rows), tuple(notes))


def _exported(run: LoggedRun) -> Cells:
    properties = {
        "Name": run.name,
        "State": run.state,
        "Group": run.group,
        "Job Type": run.job_type,
        "Tags": ", ".join(run.tags),
        "Sweep": run.sweep,
        "ID": run.id,
        "Created": run.created,
        "Runtime": _text(run.seconds),
    }
    config = {key: _text(value) for key, value in _flat(run.config).items()}
    summary = {key: _text(value) for key, value in _flat(run.summary).items() if _is_plain(value)}
    # Where a setting is called as a result is, the result has the name.
    config = {f"config.{key}" if key in summary or key in properties else key: value for key, value in config.items()}
    return {**config, **{key: value for key, value in summary.items() if key not in properties}, **properties}


def _flat(content: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Mappings within mappings as dotted keys; without W&B's own keys, and without names that a table cannot have.
    What W&B keeps of an image or a table (with a `_type`) stays one value."""
    flat: dict[str, Any] = {}
    for name, value in content.items():
        key = f"{above}{name}".strip()
        if not key.isprintable() or not key or name.startswith("_"):
            continue
        if isinstance(value, Mapping) and value and "_type" not in value:
            flat |= _flat(value, f"{key}.")
        else:
            flat[key] = value
    return flat


def _is_plain(value: Any) -> bool:
    return not isinstance(value, Mapping | list)


def _text(value: Any) -> str:
    """A value as a cell: nothing for None, JSON's words for what is true or false, and for lists."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _filled(rows: Sequence[Cells], always: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that some row has something in, and those that are always there, in the order they came."""
    names = dict.fromkeys(name for row in rows for name in row)
    return tuple(name for name in names if name in always or any(row.get(name) for row in rows))


def _check_metric(project: Project, runs: Sequence[LoggedRun], metric: str | None) -> None:
    """Raises Misuse for a metric that no run has as a number."""
    if metric is None:
        return
    values: dict[str, Any] = {}
    for run in runs:
        values |= {key: value for key, value in _flat(run.summary).items() if value is not None}
    if metric in values and _is_plain(values[metric]):
        return
    if metric in values:
        kind = values[metric].get("_type", "several values") if isinstance(values[metric], Mapping) else "a list"
        raise Misuse(f"{project}: '{metric}' is no number but {kind}")
    if below := [key for key in values if key.startswith(f"{metric}.")]:
        raise Misuse(f"{project}: '{metric}' has several values: name one of {listed(below)}")
    numbers = [key for key, value in values.items() if _is_number(value)]
    raise Misuse(f"{project}: no run has '{metric}' in its summary{did_you_mean(metric, numbers)}")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
