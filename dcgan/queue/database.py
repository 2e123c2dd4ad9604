"""A queue in PostgreSQL: one connection a process, shared by all that reads and writes, given back while idle."""

from __future__ import annotations

import contextlib
import os
import threading
import weakref
from typing import Any

from optuna.storages import RDBStorage
from optuna.storages._cached_storage import _CachedStorage
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import DatabaseError

from dcgan.common.errors import DcganError
from dcgan.queue.checked_reads import BROKEN, CheckedReads

_PATIENCE = 600.0  # seconds for which a thread waits until another one is done with the connection
# With these, a connection that the network or the server dropped silently is noticed within half a minute.
_CONNECTION = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "application_name": "dcgan",
}

_OPENED: weakref.WeakValueDictionary[tuple[int, str], Database] = weakref.WeakValueDictionary()
_MUTEX = threading.Lock()


class _Rows(RDBStorage):
    """Optuna's rows, over so many connections; a trial that cannot be made of its rows is one that failed, and
    nobody's."""

    def __init__(self, url: str, connections: int) -> None:
        engine: dict[str, Any] = {
            "pool_pre_ping": True,
            "pool_size": 1,
            "max_overflow": connections - 1,
            "pool_timeout": _PATIENCE,
            "connect_args": _CONNECTION,
        }
        try:  # Optuna's own check of the tables' version asks over a second connection while it holds the first
            super().__init__(url, engine_kwargs=engine, skip_compatibility_check=True)
        except BaseException:
            if "engine" in vars(self):  # others may be waiting for what it holds
                self.engine.dispose()
            raise
        if self.get_current_version() != self.get_head_version():
            raise DcganError(
                "the database's tables were made by another version of Optuna: use that version, or run "
                "`optuna storage upgrade --storage URL`"
            )

    def _build_frozen_trial_from_trial_model(self, trial: Any) -> FrozenTrial:
        try:
            return super()._build_frozen_trial_from_trial_model(trial)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
            broken = {BROKEN: type(error).__name__}
            return FrozenTrial(
                number=trial.number,
                state=TrialState.FAIL,
                value=None,
                datetime_start=trial.datetime_start,
                datetime_complete=trial.datetime_complete,
                params={},
                distributions={},
                user_attrs=broken,
                system_attrs={},
                intermediate_values={},
                trial_id=trial.trial_id,
            )


class Database(CheckedReads, _CachedStorage):
    """Optuna's cached database, which notices that it was set back to a backup."""

    _backend: RDBStorage

    def release(self) -> None:
        """Gives the connection back to the server until it is needed again."""
        with contextlib.suppress(DatabaseError):  # it could not even be had
            held = self._backend.engine.raw_connection()  # waits until no other thread has it
            held.invalidate()
            held.close()

    def _read_trials_from_remote_storage(self, study_id: int) -> None:
        if self._is_set_back(study_id):
            self._forget(study_id)
        super()._read_trials_from_remote_storage(study_id)

    def _is_set_back(self, study_id: int) -> bool:
        """Whether what was read last is not there any more, or is another trial now: then the cache shows a past that
        never was."""
        with self._lock:
            study = self._studies.get(study_id)
            known = set() if study is None else {study.last_finished_trial_id, *study.unfinished_trial_ids} - {-1}
            numbers = {key: self._trial_id_to_study_id_and_number[key][1] for key in known}
            ended = {key: study.trials[number].datetime_complete for key, number in numbers.items()} if study else {}
        if not known:
            return False
        now = _numbers_and_ends(self._backend, known)
        return any(
            key not in now or now[key][0] != numbers[key] or (ended[key] is not None and now[key][1] != ended[key])
            for key in known
        )

    def _forget(self, study_id: int) -> None:
        with self._lock:
            self._studies.pop(study_id, None)
            self._trial_id_to_study_id_and_number = {
                key: of for key, of in self._trial_id_to_study_id_and_number.items() if of[0] != study_id
            }
            self._study_id_and_number_to_trial_id = {
                of: key for of, key in self._study_id_and_number_to_trial_id.items() if of[0] != study_id
            }


def _numbers_and_ends(rows: RDBStorage, keys: set[int]) -> dict[int, tuple[int, Any]]:
    """The number and the time of the end of each of these trials that there is."""
    from optuna.storages._rdb.models import TrialModel

    table: Any = TrialModel
    session = rows.scoped_session()
    try:
        found = session.query(table).filter(table.trial_id.in_(keys)).all()
        return {row.trial_id: (row.number, row.datetime_complete) for row in found}
    finally:
        rows.scoped_session.remove()


def open_database(url: str) -> Database:
    """The storage at that URL, which has its driver's name: one a process, for as long as anybody has it."""
    with _MUTEX:
        opened = _OPENED.get((os.getpid(), url))
        if opened is None:
            _Rows(url, connections=2).engine.dispose()  # who makes the tables needs two; all else needs one
            opened = _OPENED[os.getpid(), url] = Database(_Rows(url, connections=1))
    return opened
