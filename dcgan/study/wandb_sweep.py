"""The W&B sweep files of a study: what `dcgan.sweeps.wandb_export` makes of its plan."""

from __future__ import annotations

from collections.abc import Sequence

from dcgan.study.plan import make
from dcgan.study.stages import search_stages
from dcgan.sweeps import wandb_export
from dcgan.sweeps.sweep import Sweep

FOLDER = "sweeps/wandb"  # of DCGAN_HOME


def exported(sweep: Sweep, words: Sequence[str], project: str | None = None) -> dict[str, str]:
    """Name and content of each file, the usual one first.

    `words`: with which `dcgan sweep` was typed, but for `--export wandb`. `project`: W&B's own setting, by default the
    study's name. Raises Misuse for a study that cannot be; writes nothing.
    """
    command = ["dcgan", "sweep", *words, "--export", "wandb"]
    file = f"{FOLDER}/{sweep.study}.yaml"
    if not search_stages.is_search(sweep):
        arms = [arm.name for arm in make(sweep).arms]
        content = wandb_export.grid(sweep, arms, words, project or sweep.study)
        head = wandb_export.head_of_grid(sweep, len(arms), file, command)
    else:
        search = search_stages.search_of(sweep)
        content = wandb_export.bayes(search.sweep, search.base, words, project or sweep.study)
        head = wandb_export.head_of_search(search.sweep, sweep.study, file, command, content)
    return {f"{sweep.study}.yaml": wandb_export.text(content, head)}
