"""The W&B sweep files of a study: what `dcgan.sweeps.wandb_export` makes of its plan."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.study.plan import Plan, make
from dcgan.study.stages import search_stages
from dcgan.sweeps import wandb_export
from dcgan.sweeps.sweep import Sweep
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import project_name

FOLDER = "sweeps/wandb"  # of DCGAN_HOME


def exported(sweep: Sweep, words: Sequence[str]) -> dict[str, str]:
    """Name and content of each file, the usual one first.

    `words`: with which `dcgan sweep` was typed, but for `--export wandb`. A file names its project where W&B's own
    settings here name none. Raises Misuse for a study that cannot be; writes nothing.
    """
    file = f"{FOLDER}/{sweep.study}.yaml"
    plan = search_stages.search_of(sweep) if search_stages.is_search(sweep) else make(sweep)
    if plan.design.grows:
        content = wandb_export.bayes(plan.sweep, plan.base, words, _project(plan))
        head = wandb_export.head_of_search(plan.sweep, file, words)
    else:
        arms = [arm.name for arm in plan.arms]
        content = wandb_export.grid(sweep, arms, words, _project(plan))
        head = wandb_export.head_of_grid(sweep, len(arms), file, words)
    return {f"{sweep.study}.yaml": wandb_export.text(content, head)}


def _project(plan: Plan) -> str | None:
    """What the experiment says, else nothing where W&B has a setting of its own, else the usual one."""
    given = plan.base.given().get("tracking", {}).get("project")
    if given is None and "project" in wandb_settings.user_settings().model_fields_set:
        return None
    return project_name(given or plan.study)
