"""The extractors of a study: made once by the first worker, kept beside its plan, and copied to every machine.

In the study's folder an extractor is a file. Where workers may not share the folder it is in the storage, too: as a
trial of an Optuna study of its own, `NAME:extractors`, since the storage gives each trial another number. If two
machines make an extractor at once, both then take the one of the lower number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState, create_trial

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import locked, make_inner_folder, read_json, write_json
from dcgan.queue.retry import RetryingStorage
from dcgan.queue.storage import find_or_create, open_storage
from dcgan.records.run_record import RunRecord
from dcgan.study.outcomes import outcomes
from dcgan.study.plan import Plan

if TYPE_CHECKING:
    from dcgan.scoring.artefact import Artefact

FOLDER = "extractors"
_SUFFIX = ":extractors"  # a name that no study can have


class Extractors:
    """Where the extractors of a plan's study are. `storage`: None where all workers share the study's folder."""

    def __init__(self, plan: Plan, storage: RetryingStorage | None) -> None:
        self._plan = plan
        self._storage = storage
        self._folder = plan.directory / FOLDER

    def find(self, name: str) -> Artefact | None:
        """The study's extractor of that name; None if the study has none yet.

        A replication without one uses that of the study that it replicates, so that their scores compare, and any
        other study that of another one in this home if runs of this plan were scored with it, since studies share
        arms. Raises DcganError for a damaged one.
        """
        stored = None if self._storage is None else self._stored(name)
        folders = [self._folder]
        if replicated := self._plan.sweep.replicates:
            folders.append(paths.studies() / replicated / FOLDER)
        own = stored or next((found for folder in folders if (found := _read(folder / f"{name}.json"))), None)
        return own or of_any_study(name, hashes(outcomes(self._plan).values(), name))

    def in_folder(self) -> list[Artefact]:
        """The extractors in the study's folder on this machine."""
        return [artefact for path in sorted(self._folder.glob("*.json")) if (artefact := _read(path))]

    def settle(self, artefact: Artefact) -> Artefact:
        """The study's extractor of that name: the one that the study has already, else `artefact` from now on."""
        if self._storage is not None:
            artefact = self._stored(artefact.name) or self._add(artefact)
        path = self._folder / f"{artefact.name}.json"
        make_inner_folder(self._folder)
        with locked(path.with_suffix(".lock"), wait=True):
            present = _read(path)
            if present and (self._storage is None or present.digest == artefact.digest):
                return present
            write_json(path, artefact.to_json())
        return artefact

    def _stored(self, name: str) -> Artefact | None:
        """The first of that name in the storage."""
        assert self._storage is not None  # noqa: S101 - for the type checker
        for content in self._storage.call(self._contents):
            if content.get("name") == name:
                return _artefact(content, f"the storage's study '{self._plan.study}{_SUFFIX}'")
        return None

    def _contents(self, storage: BaseStorage) -> list[dict[str, Any]]:
        try:
            key = storage.get_study_id_from_name(self._plan.study + _SUFFIX)
        except KeyError:
            return []
        trials = sorted(storage.get_all_trials(key, deepcopy=False), key=lambda trial: trial.number)
        return [trial.user_attrs.get("extractor", {}) for trial in trials]

    def _add(self, artefact: Artefact) -> Artefact:
        """Puts the extractor into the storage; returns the first of that name there."""
        assert self._storage is not None  # noqa: S101 - for the type checker
        entry = create_trial(
            state=TrialState.FAIL, user_attrs={"extractor": artefact.to_json()}
        )  # no result of any trial
        key = find_or_create(self._storage, self._plan.study + _SUFFIX, [StudyDirection.MINIMIZE])
        self._storage.call(lambda storage: storage.create_new_trial(key, entry))
        return self._stored(artefact.name) or artefact


def of_any_study(name: str, digests: Collection[str]) -> Artefact | None:
    """An extractor of that name with one of those hashes, of any study of this home."""
    files = sorted(paths.studies().glob(f"*/{FOLDER}/{name}.json")) if digests else []
    artefacts = (_read(path) for path in files)
    return next((artefact for artefact in artefacts if artefact and artefact.digest in digests), None)


def extractors_of(plan: Plan, url: str | None, stop: Callable[[], bool] = lambda: False) -> Extractors:
    """The extractors of a plan whose queue is at that URL, or in its folder. Raises as `open_storage`."""
    storage = None if url is None else RetryingStorage(open_storage(plan.directory, url, stop), stop)
    return Extractors(plan, storage)


def _read(path: Path) -> Artefact | None:
    """The extractor in that file; None if there is none. Raises DcganError for a damaged one."""
    return _artefact(read_json(path), str(path)) if path.exists() else None


def _artefact(content: Mapping[str, Any], where: str) -> Artefact:
    from dcgan.scoring.artefact import Artefact  # late: it imports PyTorch, which a study that is over does not need

    return Artefact.from_json(content, where)


def hashes(records: Iterable[RunRecord], name: str) -> Counter[str]:
    """How many finished runs were scored with extractors of that artefact's name, by the extractor's hash."""
    counts: Counter[str] = Counter()
    for record in records:
        protocol = record.protocol
        scored_by = f"{protocol.get('extractor')}-{protocol.get('data')}-{protocol.get('data_fingerprint')}"
        if record.status == "finished" and scored_by == name:
            counts[protocol["extractor_hash"]] += 1
    return counts


def check_runs(plan: Plan, chosen: Collection[Artefact]) -> None:
    """Raises DcganError, which says how to fix it, if runs of the study were scored with another extractor than its
    trials will be."""
    records = outcomes(plan)
    for artefact in chosen:
        counts = hashes(records.values(), artefact.name)
        if others := {digest: count for digest, count in counts.items() if digest != artefact.digest}:
            others_text = ", ".join(f"{count} with {digest}" for digest, count in sorted(others.items()))
            raise DcganError(
                f"study '{plan.study}': runs of it were scored with another extractor than its own, {artefact.name} "
                f"{artefact.digest} ({others_text}), and could not be compared: {_fix(plan, records, others)}"
            )


def _fix(plan: Plan, records: Mapping[str, RunRecord], others: Collection[str]) -> str:
    """How runs of those extractors are made to compare: scored again where their generators are here, as those of a
    table are not."""
    runs = {run for run, record in records.items() if record.protocol.get("extractor_hash") in others}
    if without := sum(trial.run in runs and not trial.directory.weights.exists() for trial in plan.trials):
        return (
            f"the generators of {without} of them are not here to be scored again, so go on where they were made, or "
            "train all anew: in another DCGAN_HOME, without --from"
        )
    return f"`dcgan score {plan.study}` scores them again, then the same command goes on"
