"""Artifacts in W&B: of each run its record and its generator, of a study its table and its report, made of those."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dcgan.runs.directory import RunDirectory

RECORD, GENERATOR = "record", "generator"
_RECORD_FILES = ("experiment.yaml", "run.json", "metrics.csv", "scores.csv")


def log_run(run: Any, directory: RunDirectory) -> None:
    """The record of a run (a few kilobytes), and the generator if it has one, as outputs of the run in W&B."""
    run_id = directory.path.name
    record = _artifact(f"{RECORD}-{run_id}", "run", "description, record and curves of the run")
    for name in _RECORD_FILES:
        if (directory.path / name).is_file():
            record.add_file(str(directory.path / name), policy="immutable", name=name)
    run.log_artifact(record)
    if directory.weights.is_file():
        generator = _artifact(f"{GENERATOR}-{run_id}", "model", "the generator's weights, and what they are of")
        generator.add_file(str(directory.weights), policy="immutable")
        generator.add_file(str(directory.path / "experiment.yaml"), policy="immutable")
        run.log_artifact(generator)


def log_study(run: Any, study: str, table: Path, report: Path | None, runs: Iterable[str]) -> None:
    """The study's table of trials, made of the records of those runs, and its last report."""
    for run_id in runs:
        run.use_artifact(f"{RECORD}-{run_id}:latest")
    trials = _artifact(f"{study}-trials", "table", f"the trials of study {study}")
    trials.add_file(str(table))
    run.log_artifact(trials)
    if report is not None:
        written = _artifact(f"{study}-report", "report", f"the comparison report of study {study}: open index.html")
        written.add_dir(str(report))
        run.log_artifact(written)


def _artifact(name: str, kind: str, description: str) -> Any:
    import wandb

    return wandb.Artifact("".join(each if each.isalnum() or each in "-_." else "-" for each in name), kind, description)


def contents(*paths: Path | None) -> str:
    """A digest of files and folders, by which it is known whether they changed."""
    sha = hashlib.sha256()
    for path in paths:
        for file in [] if path is None else [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file():
                sha.update(f"{file.name}\n".encode() + file.read_bytes())
    return sha.hexdigest()[:16]
