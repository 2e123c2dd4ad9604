"""The runs there are: how each stands, what it was asked for, whose it is, and the disk it takes. Without PyTorch."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from dcgan.common import regular_files
from dcgan.common.errors import DcganError
from dcgan.common.overrides import flatten
from dcgan.common.yaml_text import RepeatedKey, parse_yaml
from dcgan.records import plan_file, run_ids, run_record
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import LOCK, RunDirectory

# `running` here: some process holds the run; `interrupted`: none does, and it may be gone on with.
STATES = ("finished", "diverged", "pruned", "failed", "running", "interrupted", "not begun", "damaged")

_MOST_BYTES = 2**20  # of a description
_APART = ("name", "seed", "compute.device", "compute.threads", "data.folder")


class Belonging(NamedTuple):
    """The trial of a study that a run is."""

    study: str
    arm: str
    seed: int


@dataclass(frozen=True)
class KeptRun:
    """A run's folder. `record` is None for one that never began, and where it cannot be read, which `trouble` says."""

    folder: Path
    record: RunRecord | None
    trouble: str | None = None
    belongs: tuple[Belonging, ...] = field(default=())

    @property
    def id(self) -> str:
        """As its folder is called."""
        return self.folder.name

    @property
    def directory(self) -> RunDirectory:
        """What is in its folder."""
        return RunDirectory(self.folder)

    @cached_property
    def state(self) -> str:
        """One of `STATES`."""
        if self.trouble is not None:
            return "damaged"
        if self.record is None or self.record.status == "running":
            if self._is_held():
                return "running"
            return "not begun" if self.record is None else "interrupted"
        return self.record.status

    @property
    def standing(self) -> str:
        """Its state, with how far it is while it is neither over nor new: `interrupted at 1,500 images`."""
        if self.record is not None and self.state in {"running", "interrupted"}:
            return f"{self.state} at {self.record.images:,} images"
        return self.state

    def _is_held(self) -> bool:
        """Whether a process trains it; without a lock that can be asked, none does."""
        with contextlib.suppress(DcganError):
            return (self.folder / LOCK).exists() and self.directory.is_held()
        return False

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """Its description by dotted keys; empty where there is none, as of a run that another machine told of."""
        try:
            text = regular_files.read_text(self.folder / run_ids.DESCRIPTION, _MOST_BYTES)
        except (OSError, UnicodeDecodeError):
            return {}
        seed = next((line for line in text.splitlines() if line.startswith("seed:")), "")
        described = _described(text.replace(f"{seed}\n", "", 1))
        return {**described, "seed": self.seed} if described else {}

    @property
    def name(self) -> str:
        """Of its experiment."""
        return str((self.record.name if self.record else "") or self.settings.get("name", ""))

    @property
    def seed(self) -> int | None:
        """Of its experiment, by its record or the study it belongs to."""
        if self.record is not None:
            return self.record.seed
        return self.belongs[0].seed if self.belongs else None

    @cached_property
    def size(self) -> int:
        """Bytes of all its files."""
        return size_of(self.folder)


class PlannedRuns(NamedTuple):
    """Whose the runs are, by id, what is wrong with the plans that could not be read, and each study's baseline."""

    belongs: Mapping[str, Sequence[Belonging]]
    unread: list[str]
    baselines: Mapping[str, str]


class Inventory(NamedTuple):
    """The runs, the latest last, and what is wrong with the plans that could not be read: whose runs are then
    unknown."""

    runs: list[KeptRun]
    unread: list[str]
    baselines: Mapping[str, str] = MappingProxyType({})  # study -> its baseline's arm

    def beside(self) -> dict[str, KeptRun]:
        """By a run's id a run of the baseline of its study, whatever its seed; not for runs without one that is here
        and has a description. A run of several studies is that of the first."""
        found: dict[str, KeptRun] = {}
        for run in self.runs:
            for each in run.belongs:
                if each.arm == self.baselines.get(each.study) and run.settings:
                    found.setdefault(each.study, run)
        own = {run.id: next((each.study for each in run.belongs if each.study in found), None) for run in self.runs}
        return {run: found[study] for run, study in own.items() if study is not None}


def take(root: Path, studies: Path) -> Inventory:
    """The runs in the folder `root`; whose they are by the plans in `studies`."""
    planned = planned_runs(studies)
    return Inventory(read_all(root, planned.belongs), planned.unread, planned.baselines)


def planned_runs(studies: Path) -> PlannedRuns:
    """What the plans in `studies` say."""
    belongs: dict[str, list[Belonging]] = defaultdict(list)
    unread: list[str] = []
    baselines: dict[str, str] = {}
    for study in plan_file.studies(studies):
        try:
            plan = plan_file.read(studies / study)
        except DcganError as error:
            unread.append(str(error))
            continue
        baselines |= {study: plan.baseline} if plan.baseline else {}
        for trial in plan.trials:
            belongs[trial.run].append(Belonging(study, trial.arm, trial.seed))
    return PlannedRuns(belongs, unread, baselines)


def read_all(root: Path, belongs: Mapping[str, Iterable[Belonging]] = MappingProxyType({})) -> list[KeptRun]:
    """The runs in the folder `root`, the latest last; `belongs` says whose each is, by id."""
    found = (path for path in root.iterdir() if path.is_dir()) if root.is_dir() else ()
    kept = [run for path in found if (run := _read(path, tuple(belongs.get(path.name, ())))) is not None]
    return sorted(kept, key=lambda run: ((run.record and run.record.started) or "", run.id))


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files below a folder; 0 for what goes away meanwhile."""
    with contextlib.suppress(OSError):
        if not path.is_dir() or path.is_symlink():
            return path.lstat().st_size
        return sum(size_of(Path(entry)) for entry in os.scandir(path))
    return 0


def _read(folder: Path, belongs: tuple[Belonging, ...]) -> KeptRun | None:
    """The run in that folder; None where there is none."""
    if not (folder / run_record.NAME).exists() and not (folder / run_ids.DESCRIPTION).exists():
        return None
    try:
        return KeptRun(folder, run_record.read(folder), belongs=belongs)
    except DcganError as error:
        return KeptRun(folder, None, str(error), belongs)


@lru_cache(maxsize=1000)
def _described(text: str) -> Mapping[str, Any]:
    """A description without its seed, in which alone most runs of an arm differ; empty for what is none."""
    try:
        content = parse_yaml(text)
    except (yaml.YAMLError, RepeatedKey):
        return {}
    return flatten(content) if isinstance(content, dict) else {}


def differing(listed: Iterable[KeptRun]) -> Iterator[str]:
    """The settings in which runs differ that have descriptions, but for names, seeds, who watches and where."""
    described = [run.settings for run in listed if run.settings]
    for key in dict.fromkeys(key for settings in described for key in settings):
        if tells(key) and len({repr(settings.get(key)) for settings in described}) > 1:
            yield key


def tells(key: str) -> bool:
    """Whether a setting tells runs of one seed apart: names, who watches and where do not."""
    return key not in _APART and not key.startswith("tracking.")
