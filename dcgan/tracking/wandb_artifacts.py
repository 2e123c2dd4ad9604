"""Artifacts in W&B: of each run its record and its generator, of a study its table and its report, made of those."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dcgan.common import regular_files
from dcgan.common.messages import say_once
from dcgan.runs.directory import RunDirectory
from dcgan.study.plan import Plan
from dcgan.tracking.header import LONGEST_NAME, fitting
from dcgan.tracking.private_places import TEXTS, without_places

RECORD, GENERATOR = "record", "generator"
_MOST_BYTES = 4 * 2**30  # of a file that is sent: a billion weights
_MOST_OF_A_TEXT = 64 * 2**20
_BLOCK = 2**20
_RECORD_FILES = ("experiment.yaml", "run.json", "metrics.csv", "scores.csv")


def log_run(run: Any, directory: RunDirectory, copies: Path) -> None:
    """The record of a run (a few kilobytes), and the generator if it has one, as outputs of the run in W&B.

    They are sent from the folder `copies`, which must be there until the run is finished.
    """
    run_id, folders = directory.path.name, [directory.experiment().data.folder]
    record = [directory.path / name for name in _RECORD_FILES]
    what = "description, record and curves"
    run.log_artifact(_artifact(f"{RECORD}-{run_id}", "run", what, record, copies=copies / RECORD, folders=folders))
    if directory.weights.is_file():
        files = [directory.weights, directory.path / "experiment.yaml"]
        what = "a generator's weights, and what it is"
        run.log_artifact(
            _artifact(f"{GENERATOR}-{run_id}", "model", what, files, copies=copies / GENERATOR, folders=folders)
        )


def log_study(run: Any, plan: Plan, report: Path | None, runs: Iterable[str], copies: Path) -> None:
    """The study's table of trials, made of the records of those runs, and its last report; `copies` as for a run."""
    for run_id in runs:
        run.use_artifact(f"{RECORD}-{run_id}:latest")
    study, folders = plan.study, [plan.base.data.folder]
    table = [plan.directory / "trials.csv"]
    what = f"the trials of study {study}"
    run.log_artifact(_artifact(f"{study}-trials", "table", what, table, copies=copies / "table", folders=folders))
    if report is not None:
        what = f"the report on study {study}: open index.html"
        run.log_artifact(
            _artifact(f"{study}-report", "report", what, [report], copies=copies / "report", folders=folders)
        )


def _artifact(
    name: str, kind: str, description: str, paths: Sequence[Path], *, copies: Path, folders: Iterable[str | None]
) -> Any:
    """Files, and all that is in folders, copied first: W&B's manifest says where each file lay, and texts may name the
    user's folders, or `folders`, which hold images. Links stay here: whoever made them chose what would be sent."""
    import wandb

    copies.mkdir(parents=True)
    for path in paths:
        for file in _sent(path):
            copy = copies / (file.relative_to(path) if file != path else file.name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            with regular_files.opened(file) as content, copy.open("xb") as copied:
                shutil.copyfileobj(content, copied)
            if copy.suffix in TEXTS:
                copy.write_text(without_places(copy.read_text(encoding="utf-8"), *folders), encoding="utf-8")
    allowed = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)
    artifact = wandb.Artifact(fitting(allowed, LONGEST_NAME), kind, description)
    artifact.add_dir(str(copies), policy="immutable", skip_cache=True)
    return artifact


def contents(*paths: Path | None) -> str:
    """A digest of files and folders, by which it is known whether they changed."""
    sha = hashlib.sha256()
    for path in paths:
        for file in [] if path is None else _sent(path):
            with regular_files.opened(file) as content:
                sha.update(f"{file.name}\n".encode())
                while block := content.read(_BLOCK):
                    sha.update(block)
    return sha.hexdigest()[:16]


def _sent(path: Path) -> Iterator[Path]:
    """That file, or the files in that folder, in order, as far as they are sent: no link, which somebody may have made
    to choose what would be, and what it leads to; nothing but regular files, and none of endless size."""
    if path.is_symlink():
        say_once(f"note: {path} is a link: what it leads to is not sent to W&B")
    elif path.is_dir():
        for inside in sorted(path.iterdir()):
            yield from _sent(inside)
    elif path.is_file():
        most = _MOST_OF_A_TEXT if path.suffix in TEXTS else _MOST_BYTES
        try:
            regular_files.check_size(path.stat().st_size, most)
        except OSError as error:
            say_once(f"note: {path} is not sent to W&B: {error.strerror}")
        else:
            yield path
