"""What keeps a study that was planned from being continued as it is planned now."""

from __future__ import annotations

from typing import Any

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.experiment.recipes import RECIPES
from dcgan.records.plan_file import PlanRecord
from dcgan.study.plan import Plan


def difference(written: PlanRecord, plan: Plan) -> str | None:
    """The first thing in which a written plan differs from this one: `key: old -> new`; or None.

    Seeds are no difference, unless the study stops when decided or replicates another one.
    """
    record = plan.record()
    return _of_settings(written, record, plan.design.grows) or _of_tuning(written, record) or _of_runs(written, plan)


def _of_settings(written: PlanRecord, now: PlanRecord, grows: bool) -> str | None:
    fixed = ["start", "design", "metric", "scale", "factors", "tune", "tuning_of", "replicates", "stop"]
    fixed += ["ranges"] if grows else ["arms"]
    fixed += ["seeds"] if now.stop or now.replicates else []
    changed = next((key for key in fixed if getattr(written, key) != getattr(now, key)), None)
    if changed is None:
        return None
    show = str if changed == "tune" else _short
    return f"{changed}: {show(written.to_json()[changed])} -> {show(now.to_json()[changed])}"


def _of_tuning(written: PlanRecord, now: PlanRecord) -> str | None:
    before, chosen = (record.tuned.values() if record.tuned else {} for record in (written, now))
    for arm, values in before.items():
        if values != chosen.get(arm):
            return f"tuned: arm '{arm}': {_short(values)} -> {_short(chosen.get(arm))}"
    return None


def _of_runs(written: PlanRecord, plan: Plan) -> str | None:
    """By the runs that the trials become: which key of the experiment, or which recipe, makes other runs of them."""
    runs = {(trial.arm, trial.seed): trial.run for trial in written.trials}
    other = [trial for trial in plan.trials if runs.get((trial.arm, trial.seed), trial.run) != trial.run]
    if not other:
        return None
    old_keys, new_keys = ({**flatten(dict(of.content or {})), **of.held} for of in (written, plan.record()))
    defaults = flatten(Experiment().model_dump(mode="json"))
    for key in dict.fromkeys([*old_keys, *new_keys]):
        if key in {"name", "data.folder"}:  # neither is in an id
            continue
        old, value = old_keys.get(key, defaults.get(key)), new_keys.get(key, defaults.get(key))
        if old != value:
            return f"{key}: {_short(old)} -> {_short(value)}"
    first = other[0]
    for known in reversed(range(len(RECIPES))):
        if first.experiment.ids([first.seed], known)[0] == runs[first.arm, first.seed]:
            return since(plan, known)
    return "the experiment: its arms have other ids now"


def since(plan: Plan, known: int) -> str:
    """What has come to be other in a plan's runs since a version that knew the first so many recipes."""
    added = [recipe for recipe in RECIPES[known:] if any(recipe.acts(trial.experiment) for trial in plan.trials)]
    return "since then " + "; ".join(recipe.change for recipe in added)


def check_recipes(plan: Plan) -> None:
    """Refuses (Misuse) to train a study that was planned under former recipes: its arms would be of two kinds."""
    if plan.known is not None:
        raise Misuse(
            f"study '{plan.study}' was planned by an earlier version ({since(plan, plan.known)}): its runs can be "
            f"scored and reported; to train them as they are now, name the study anew, study={plan.study}-2"
        )


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = [key if isinstance(each, dict) else f"{key} {each}" for key, each in value.items()]
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
