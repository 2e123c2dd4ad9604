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
from dcgan.queue.heartbeat import default_lease, folder_id
from dcgan.queue.retry import RetryingStorage
from dcgan.queue.storage import find_or_create
from dcgan.study.plan import Plan


def register(storage: RetryingStorage, plan: Plan) -> tuple[int, float]:
    """The storage's key of the plan's study, which is created if it is not there, and its lease in seconds.

    Another plan's study of that name is replaced if it is this folder's and none of its trials has begun; else Misuse.
    """
    key = _find_or_create(storage, plan)
    attributes = _attributes(storage, key)
    identity = hashlib.sha256(json.dumps(_content(plan)).encode()).hexdigest()[:12]
    here = folder_id(plan.directory)
    if "plan" in attributes and attributes["plan"] != identity:
        if attributes.get("place") != here or _begun(storage, key):
            raise Misuse(
                f"the storage has a study '{plan.study}' with other arms or another experiment: "
                f"give this one another name, study={plan.study}-2"
            )
        storage.call(lambda of: _delete(of, key))
        key = _find_or_create(storage, plan)
        attributes = _attributes(storage, key)
    if "plan" not in attributes:
        attributes = {"lease": default_lease(), "version": dcgan.__version__, "place": here, "plan": identity}
        for name, value in attributes.items():
            _set(storage, key, name, value)
    if "lease" not in attributes:  # it was damaged
        attributes["lease"] = default_lease()
        _set(storage, key, "lease", attributes["lease"])
    return key, float(attributes["lease"])


def publish(storage: RetryingStorage, key: int, plan: Plan) -> None:
    """Puts the plan into the storage, for workers on machines that do not share the study's folder."""
    content = plan_content(plan)
    if _attributes(storage, key).get("planned") != content:
        _set(storage, key, "planned", content)


def plan_content(plan: Plan) -> dict[str, Any]:
    """The content of sweep.yaml and plan.json."""
    return {"sweep": plan.sweep.to_yaml(), "plan": plan.record().to_json()}


def published_plan(storage: RetryingStorage, study: str) -> dict[str, Any] | None:
    """What `publish` put into the storage for the study of that name; None if there is no such study."""

    def attributes(of: BaseStorage) -> dict[str, Any]:
        try:
            return of.get_study_user_attrs(of.get_study_id_from_name(study))
        except KeyError:
            return {}

    planned: dict[str, Any] | None = storage.call(attributes).get("planned")
    return planned


def record_data(storage: RetryingStorage, key: int, plan: Plan, fingerprints: dict[str, str]) -> None:
    """Records which data and version the study is planned with. Raises Misuse for others than it began with."""
    attributes = _attributes(storage, key)
    _check_fingerprints(attributes, plan, fingerprints)
    before = attributes.get("version", dcgan.__version__)
    if before != dcgan.__version__ and _begun(storage, key):
        raise Misuse(
            f"study '{plan.study}' has trials of dcgan {before}, and this is {dcgan.__version__}: use that version, or "
            f"branch with another name, study={plan.study}-2"
        )
    data = {**(attributes.get("data") or {}), **fingerprints}
    for name, value in {"version": dcgan.__version__, "data": data}.items():
        if attributes.get(name) != value:
            _set(storage, key, name, value)


def check_data(storage: RetryingStorage, key: int, plan: Plan, fingerprints: dict[str, str]) -> None:
    """Raises Misuse if the study was planned with another version of the program or with other data."""
    attributes = _attributes(storage, key)
    if attributes.get("version") != dcgan.__version__:
        raise Misuse(
            f"study '{plan.study}' was planned with dcgan {attributes.get('version')}, and this is "
            f"{dcgan.__version__}: use the same version on every machine"
        )
    _check_fingerprints(attributes, plan, fingerprints)


def _check_fingerprints(attributes: dict[str, Any], plan: Plan, fingerprints: dict[str, str]) -> None:
    planned = attributes.get("data") or {}
    for name, fingerprint in fingerprints.items():
        if planned.get(name, fingerprint) != fingerprint:
            raise Misuse(
                f"data set {name} has fingerprint {fingerprint} here, and study '{plan.study}' was planned with "
                f"{planned[name]}: use the same files on every machine"
            )


def _content(plan: Plan) -> list[Any]:
    """What makes two plans the same study: the metric, and each arm's experiment, whatever the seeds."""
    experiments = {trial.arm: trial.experiment for trial in plan.trials}
    if plan.design.grows:  # what it grows from
        record = plan.record()
        factors = [factor.model_dump(mode="json") for factor in plan.sweep.factors if not isinstance(factor, str)]
        return [record.metric, record.design, factors, experiments[plan.baseline].ids([0], plan.known)[0]]
    return [plan.sweep.metric, {arm.name: experiments[arm.name].ids([0], plan.known)[0] for arm in plan.arms}]


def _begun(storage: RetryingStorage, key: int) -> bool:
    trials = storage.call(lambda of: of.get_all_trials(key, deepcopy=False))
    return any(trial.state != TrialState.WAITING for trial in trials)


def _find_or_create(storage: RetryingStorage, plan: Plan) -> int:
    directions = [StudyDirection[goal.upper()] for goal in plan.design.objectives(plan.sweep.goal)]
    return find_or_create(storage, plan.study, directions)


def _attributes(storage: RetryingStorage, key: int) -> dict[str, Any]:
    return storage.call(lambda of: of.get_study_user_attrs(key))


def _set(storage: RetryingStorage, key: int, name: str, value: Any) -> None:
    storage.call(lambda of: of.set_study_user_attr(key, name, value))


def _delete(storage: BaseStorage, key: int) -> None:
    try:
        storage.delete_study(key)
    except KeyError:
        return  # gone already: the answer to the first call was lost
