"""What keeps a study that was planned from being continued as it is planned now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dcgan.experiment import Experiment
from dcgan.overrides import flatten
from dcgan.recipes import acting

if TYPE_CHECKING:
    from dcgan.study.plan import Plan


def difference(written: Mapping[str, Any], plan: Plan) -> str | None:
    """The first thing in which a written plan differs from this one: `key: old -> new`; or None.

    Seeds are no difference, unless the study stops when decided.
    """
    new = plan.to_json()
    fixed = ["start", "design", "metric", "factors", "tune", "tuning_of", "stop"]
    fixed += ["ranges"] if plan.design.grows else ["arms"]
    fixed += ["seeds"] if new["stop"] else []
    for key in fixed:
        if written.get(key) != new[key]:
            show = str if key == "tune" else _short
            return f"{key}: {show(written.get(key))} -> {show(new[key])}"
    chosen = plan.tuned.values() if plan.tuned else {}
    for arm, choice in ((written.get("tuned") or {}).get("arms") or {}).items():
        if choice["values"] != chosen.get(arm):
            return f"tuned: arm '{arm}': {_short(choice['values'])} -> {_short(chosen.get(arm))}"
    runs = {(entry["arm"], entry["seed"]): entry["run"] for entry in written["trials"]}
    if all(runs.get((trial.arm, trial.seed), trial.run) == trial.run for trial in plan.trials):
        return None
    old_keys, new_keys = ({**flatten(each["content"]), **each.get("held", {})} for each in (written, new))
    defaults = flatten(Experiment().model_dump(mode="json"))
    for key in dict.fromkeys([*old_keys, *new_keys]):
        if key == "name":
            continue
        old, value = old_keys.get(key, defaults.get(key)), new_keys.get(key, defaults.get(key))
        if old != value:
            return f"{key}: {_short(old)} -> {_short(value)}"
    recipes = {recipe.change: None for trial in plan.trials for recipe in acting(trial.experiment)}
    return "since then " + "; ".join(recipes) if recipes else "the experiment: its arms have other ids now"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        value = [key if isinstance(each, dict) else f"{key} {each}" for key, each in value.items()]
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."
