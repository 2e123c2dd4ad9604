"""The extractors of a study: made once by whoever is first, kept beside its plan, and carried to every machine.

In the study's folder an extractor is a file; where workers may share no folder it is in the storage, too: as a trial of
an Optuna study of its own, `NAME:extractors`, since trials have numbers that only one of them can have. If two machines
make one at once, both then take the one of the lower number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import locked, read_json, write_json
from dcgan.queue.retry import Patient
from dcgan.queue.storage import find_or_make, open_storage
from dcgan.records.run_record import RunRecord
from dcgan.scoring.artefact import Artefact
from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan

FOLDER = "extractors"
_SUFFIX = ":extractors"  # a name that no study can have


class Extractors:
    """Where the extractors of a plan's study are. `storage`: None where all workers share the study's folder."""

    def __init__(self, plan: Plan, storage: Patient | None) -> None:
        self._plan = plan
        self._storage = storage
        self._folder = plan.directory / FOLDER

    def find(self, name: str) -> Artefact | None:
        """The study's extractor of that name; None where the study has none yet.

        Then one may do that runs of this plan were scored with, of another study of this home: arms are shared.
        Raises DcganError for a damaged one.
        """
        stored = None if self._storage is None else self._stored(name)
        own = stored or _read(self._folder / f"{name}.json")
        return own or kept(name, hashes(outcomes(self._plan).values(), name))

    def known(self) -> list[Artefact]:
        """Those that the study has, as far as this machine's folder tells."""
        return [found for path in sorted(self._folder.glob("*.json")) if (found := _read(path))]

    def settle(self, made: Artefact) -> Artefact:
        """The study's extractor of that name: `made`, kept from now on, or the one that the study has already."""
        if self._storage is not None:
            made = self._stored(made.name) or self._add(made)
        path = self._folder / f"{made.name}.json"
        with locked(path.with_suffix(".lock"), wait=True):
            there = _read(path)
            if there and (self._storage is None or there.digest == made.digest):
                return there
            write_json(path, made.to_json())
        return made

    def _stored(self, name: str) -> Artefact | None:
        """The first of that name in the storage."""
        assert self._storage is not None  # noqa: S101 - for the type checker
        for content in self._storage.ask(self._contents):
            if content.get("name") == name:
                return Artefact.from_json(content, f"the storage's study '{self._plan.study}{_SUFFIX}'")
        return None

    def _contents(self, storage: BaseStorage) -> list[dict[str, Any]]:
        try:
            key = storage.get_study_id_from_name(self._plan.study + _SUFFIX)
        except KeyError:
            return []
        trials = sorted(storage.get_all_trials(key, deepcopy=False), key=lambda trial: trial.number)
        return [trial.user_attrs.get("extractor", {}) for trial in trials]

    def _add(self, made: Artefact) -> Artefact:
        """Puts it into the storage; returns what is the first there then."""
        assert self._storage is not None  # noqa: S101 - for the type checker
        entry = create_trial(state=TrialState.FAIL, user_attrs={"extractor": made.to_json()})  # no result of any trial
        key = find_or_make(self._storage, self._plan.study + _SUFFIX, [StudyDirection.MINIMIZE])
        self._storage.ask(lambda storage: storage.create_new_trial(key, entry))
        return self._stored(made.name) or made


def kept(name: str, used: Collection[str]) -> Artefact | None:
    """An extractor of that name with one of the hashes `used`, of any study of this home."""
    files = sorted(paths.studies().glob(f"*/{FOLDER}/{name}.json")) if used else []
    found = (_read(path) for path in files)
    return next((each for each in found if each and each.digest in used), None)


def extractors_of(plan: Plan, url: str | None, stop: Callable[[], bool] = lambda: False) -> Extractors:
    """Those of a plan whose queue is in the storage of that URL, or beside it. Raises as `open_storage`."""
    storage = None if url is None else Patient(open_storage(plan.directory, url, stop), stop)
    return Extractors(plan, storage)


def _read(path: Path) -> Artefact | None:
    """The extractor in that file; None if there is none. Raises DcganError for a damaged one."""
    return Artefact.from_json(read_json(path), str(path)) if path.exists() else None


def hashes(records: Iterable[RunRecord], name: str) -> Counter[str]:
    """With extractors of which hash, of those of that artefact's name, finished runs were scored: counts by hash."""
    counts: Counter[str] = Counter()
    for record in records:
        protocol = record.protocol
        scored_by = f"{protocol.get('extractor')}-{protocol.get('data')}-{protocol.get('data_fingerprint')}"
        if record.status == "finished" and scored_by == name:
            counts[protocol["extractor_hash"]] += 1
    return counts


def check_runs(plan: Plan, chosen: Collection[Artefact]) -> None:
    """Refuses to go on with a study of which runs were scored with another extractor than its trials will be.

    Raises DcganError that says how to mend it.
    """
    known = outcomes(plan)
    for artefact in chosen:
        counts = hashes(known.values(), artefact.name)
        if others := {digest: count for digest, count in counts.items() if digest != artefact.digest}:
            told = ", ".join(f"{count} with {digest}" for digest, count in sorted(others.items()))
            raise DcganError(
                f"study '{plan.study}': runs of it were scored with another extractor than its own, {artefact.name} "
                f"{artefact.digest} ({told}), and could not be compared: `dcgan score {plan.study}` scores them again, "
                "then the same command goes on"
            )
