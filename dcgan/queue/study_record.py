"""Which study a storage holds: the same arms and experiment, the same version, the same data, on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from optuna.storages import BaseStorage
from optuna.study import StudyDirection
from optuna.trial import TrialState

import dcgan
from dcgan.common.errors import Misuse
from dcgan.queue.heartbeat import place, usual_lease
from dcgan.queue.retry import Patient
from dcgan.queue.storage import find_or_make
from dcgan.study.plan import Plan


def enter(storage: Patient, plan: Plan) -> tuple[int, float]:
    """The storage's key of the plan's study, made if it is not there, and its lease in seconds.

    Another plan's study of that name is replaced if it is this folder's and nothing of it was begun; else Misuse.
    """
    key = _find_or_make(storage, plan)
    told = _attributes(storage, key)
    identity = hashlib.sha256(json.dumps(_content(plan)).encode()).hexdigest()[:12]
    here = place(plan.directory)
    if "plan" in told and told["plan"] != identity:
        if told.get("place") != here or _begun(storage, key):
            raise Misuse(
                f"the storage has a study '{plan.study}' with other arms or another experiment: "
                f"name this one anew, study={plan.study}-2"
            )
        storage.ask(lambda of: _delete(of, key))
        key = _find_or_make(storage, plan)
        told = _attributes(storage, key)
    if "plan" not in told:
        told = {"lease": usual_lease(), "version": dcgan.__version__, "place": here, "plan": identity}
        for name, value in told.items():
            _set(storage, key, name, value)
    return key, float(told["lease"])


def publish(storage: Patient, key: int, plan: Plan) -> None:
    """Puts the plan into the storage, for workers on machines that do not share the study's folder."""
    content = planned(plan)
    if _attributes(storage, key).get("planned") != content:
        _set(storage, key, "planned", content)


def planned(plan: Plan) -> dict[str, Any]:
    """The content of sweep.yaml and plan.json."""
    return {"sweep": plan.sweep.to_yaml(), "plan": plan.record().to_json()}


def published(storage: Patient, study: str) -> dict[str, Any] | None:
    """What `publish` put into the storage for the study of that name; None if there is no such study."""
    studies = storage.ask(lambda of: of.get_all_studies())
    return next((each.user_attrs.get("planned") for each in studies if each.study_name == study), None)


def limit(storage: Patient, key: int, until: float | None, workers: int) -> None:
    """Sets the time, by `time.time()`, after which no trial is to end that begins from now on; None lifts it."""
    told = None if until is None else {"until": until, "workers": workers}
    if _attributes(storage, key).get("limit") != told:
        _set(storage, key, "limit", told)


def limited(storage: Patient, key: int) -> tuple[float, int] | None:
    """The limit that stands, and the number of workers that it was set for."""
    told = _attributes(storage, key).get("limit")
    return None if told is None else (float(told["until"]), int(told["workers"]))


def state(storage: Patient, key: int, plan: Plan, fingerprints: dict[str, str]) -> None:
    """Says which data and version the study is planned with. Raises Misuse for others than it began with."""
    told = _attributes(storage, key)
    _check_data(told, plan, fingerprints)
    before = told.get("version", dcgan.__version__)
    if before != dcgan.__version__ and _begun(storage, key):
        raise Misuse(
            f"study '{plan.study}' has trials of dcgan {before}, and this is {dcgan.__version__}: use that version, or "
            f"branch with another name, study={plan.study}-2"
        )
    known = {**(told.get("data") or {}), **fingerprints}
    for name, value in {"version": dcgan.__version__, "data": known}.items():
        if told.get(name) != value:
            _set(storage, key, name, value)


def check(storage: Patient, key: int, plan: Plan, fingerprints: dict[str, str]) -> None:
    """Raises Misuse if the study was planned with another version of the program or with other data."""
    told = _attributes(storage, key)
    if told.get("version") != dcgan.__version__:
        raise Misuse(
            f"study '{plan.study}' was planned with dcgan {told.get('version')}, and this is {dcgan.__version__}: "
            "use the same version on every machine"
        )
    _check_data(told, plan, fingerprints)


def _check_data(told: dict[str, Any], plan: Plan, fingerprints: dict[str, str]) -> None:
    known = told.get("data") or {}
    for name, fingerprint in fingerprints.items():
        if known.get(name, fingerprint) != fingerprint:
            raise Misuse(
                f"data set {name} has fingerprint {fingerprint} here, and study '{plan.study}' was planned with "
                f"{known[name]}: use the same files on every machine"
            )


def _content(plan: Plan) -> list[Any]:
    """What makes two plans the same study: the metric, and each arm's experiment, whatever the seeds."""
    experiments = {trial.arm: trial.experiment for trial in plan.trials}
    if plan.design.grows:  # what it grows from
        record = plan.record()
        of = [each.model_dump(mode="json") for each in plan.sweep.factors if not isinstance(each, str)]
        return [record.metric, record.design, of, experiments[plan.baseline].ids([0], plan.known)[0]]
    return [plan.sweep.metric, {arm.name: experiments[arm.name].ids([0], plan.known)[0] for arm in plan.arms}]


def _begun(storage: Patient, key: int) -> bool:
    trials = storage.ask(lambda of: of.get_all_trials(key, deepcopy=False))
    return any(trial.state != TrialState.WAITING for trial in trials)


def _find_or_make(storage: Patient, plan: Plan) -> int:
    directions = [StudyDirection[each.upper()] for each in plan.design.objectives(plan.sweep.goal)]
    return find_or_make(storage, plan.study, directions)


def _attributes(storage: Patient, key: int) -> dict[str, Any]:
    return storage.ask(lambda of: of.get_study_user_attrs(key))


def _set(storage: Patient, key: int, name: str, value: Any) -> None:
    storage.ask(lambda of: of.set_study_user_attr(key, name, value))


def _delete(storage: BaseStorage, key: int) -> None:
    try:
        storage.delete_study(key)
    except KeyError:
        return  # gone already: the answer to the first call was lost
