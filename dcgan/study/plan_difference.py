"""What keeps a study that was planned from being continued as it is planned now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from dcgan.common.errors import Misuse
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.experiment.recipes import RECIPES

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
    other = next(trial for trial in plan.trials if runs.get((trial.arm, trial.seed), trial.run) != trial.run)
    for known in reversed(range(len(RECIPES))):
        if other.experiment.ids([other.seed], known)[0] == runs[other.arm, other.seed]:
            return since(plan, known)
    return "the experiment: its arms have other ids now"


def since(plan: Plan, known: int) -> str:
    """What has come to be other in a plan's runs since a version that knew the first so many recipes."""
    added = [recipe for recipe in RECIPES[known:] if any(recipe.acts(trial.experiment) for trial in plan.trials)]
    return "since then " + "; ".join(recipe.change for recipe in added)


def first_alike(written: Mapping[str, Any], plans: Iterable[Plan]) -> Plan:
    """The first of these plans that the written one is. Raises Misuse, with what is other in the very first."""
    changed = None
    for plan in plans:
        found = difference(written, plan)
        if found is None:
            return plan
        changed = changed or (plan.study, found)
    assert changed is not None  # noqa: S101 - for the type checker
    raise Misuse(f"study '{changed[0]}' was planned by another version of dcgan ({changed[1]}): use that version here")


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
