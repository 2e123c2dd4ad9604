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


def exported(sweep: Sweep, words: Sequence[str], storage: Sequence[str] = ()) -> dict[str, str]:
    """Name and content of each file, the usual one first.

    `words`: the sweep and its changes, as `dcgan sweep` was given them, and `storage` the option that says where the
    queue is. A file names its project where W&B's own settings here name none. Raises Misuse for a study that cannot
    be; writes nothing.
    """
    source = wandb_export.scheduler_source(words)
    words = [*words, *storage]
    study, file = sweep.study, f"{FOLDER}/{sweep.study}"
    if not search_stages.is_search(sweep):
        plan = make(sweep)
        arms = [arm.name for arm in plan.arms]
        content = wandb_export.grid(sweep, arms, words, _project(plan))
        head = wandb_export.head_of_grid(sweep, len(arms), f"{file}.yaml", words)
        return {f"{study}.yaml": wandb_export.text(content, head)}
    search = search_stages.search_of(sweep)
    where = (search.sweep, search.base, words, _project(search))
    bayes = wandb_export.bayes(*where)
    custom = wandb_export.custom(*where, source=f"{file}-optuna.py")
    return {
        f"{study}.yaml": wandb_export.text(bayes, wandb_export.head_of_search(search.sweep, f"{file}.yaml", words)),
        f"{study}-optuna.yaml": wandb_export.text(
            custom, wandb_export.head_of_custom(search.sweep, f"{file}-optuna.yaml", words)
        ),
        f"{study}-optuna.py": source,
    }


def _project(plan: Plan) -> str | None:
    """What the experiment says, else nothing where W&B has a setting of its own, else the usual one."""
    given = plan.base.given().get("tracking", {}).get("project")
    if given is None and "project" in wandb_settings.user_settings().model_fields_set:
        return None
    return project_name(given or plan.study)
