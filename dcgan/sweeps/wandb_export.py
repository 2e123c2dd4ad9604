"""The same study as a sweep file of W&B: what its server hands out, and the command that its agents run.

Every design but a search is a grid over `arm` and `seed`. A search is W&B's own Bayesian search of the same space, with
Hyperband where the runs are scored along the way; its combinations join the search of the study. What is decided by the
one who trains stays out of the file: entity, mode, key.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from dcgan.common.metrics import CORE_METRICS
from dcgan.experiment import Experiment
from dcgan.sweeps.designs.search import INTERMEDIATE_PRUNERS, Search
from dcgan.sweeps.search_space import axes
from dcgan.sweeps.sweep import Sweep

Content = dict[str, Any]

_ETA = 3  # of every so many runs Hyperband lets one go on; as in our own search
_FIRST_BAND = 2  # the first score is the untrained generator's, by which no run should be judged


def grid(sweep: Sweep, arms: Sequence[str], words: Sequence[str], project: str | None) -> Content:
    """The sweep over all arms and seeds of a study that does not search.

    `words`: after `dcgan sweep`, the sweep and what else its trials are to be started with. `project`: None leaves it
    to W&B's own settings.
    """
    return {
        **_head(sweep, project),
        "method": "grid",
        "metric": {"name": sweep.metric, "goal": sweep.goal},
        "parameters": {"arm": {"values": list(arms)}, "seed": {"values": list(sweep.all_seeds)}},
        "command": _command(words),
    }


def bayes(search: Sweep, base: Experiment, words: Sequence[str], project: str | None) -> Content:
    """The search of a sweep, as `grid`; `search` and `base` are those of the study that searches. Raises as `axes`."""
    design = search.design
    assert isinstance(design, Search)  # noqa: S101 - the callers ask first
    metric = _curve(search.metric, base)
    stop = {"early_terminate": {"type": "hyperband", "min_iter": _FIRST_BAND, "eta": _ETA}} if metric else {}
    return {
        **_head(search, project),
        "method": "bayes",
        "run_cap": design.trials - 1,  # beside the baseline, which the first trial trains
        "metric": {"name": metric or search.metric, "goal": search.goal},
        "parameters": {axis.name: _parameter(axis.distribution) for axis in axes(search, base)},
        **stop,
        "command": _command(words),
    }


def custom(search: Sweep, base: Experiment, words: Sequence[str], project: str | None, source: str) -> Content:
    """The search of a sweep led by our own sampler, as `bayes`.

    wandb's scheduler, which is experimental, asks the Optuna study that the function `study` in the file `source`
    makes (`scheduler_source`).
    """
    design = search.design
    assert isinstance(design, Search)  # noqa: S101 - the callers ask first
    along = design.pruner in INTERMEDIATE_PRUNERS
    first = {"name": f"validation/{search.metric}" if along else search.metric, "goal": search.goal}
    two = len(design.objectives(search.goal)) > 1
    usual = bayes(search, base, words, project)
    return {
        **_head(search, project),
        "method": "custom",
        "scheduler": {"engine": "optuna", "source": source, "optimizer": "study"},
        "run_cap": design.trials,
        **({"metrics": [first, {"name": "seconds", "goal": "minimize"}]} if two else {"metric": first}),
        "parameters": usual["parameters"],
        "command": usual["command"],
    }


def scheduler_source(words: Sequence[str]) -> str:
    """The Python file that gives wandb's scheduler the Optuna study of that search."""
    return (
        '"""The search for `wandb sweep-scheduler`, which is experimental in wandb 0.31.\n\n'
        f"Made by: {_made_by(words)}\n"
        '"""\n\n'
        "from dcgan.tracking.scheduled_search import study_of\n\n\n"
        "def study(_sweep):\n"
        '    """The Optuna study whose sampler is asked."""\n'
        f"    return study_of({list(words)!r})\n"
    )


def text(content: Mapping[str, Any], head: Sequence[str]) -> str:
    """The file: its head as comments, then the sweep."""
    comments = "".join(f"# {line}".rstrip() + "\n" for line in head)
    return comments + yaml.safe_dump(dict(content), sort_keys=False, width=120)


def head_of_grid(sweep: Sweep, arms: int, file: str, words: Sequence[str]) -> list[str]:
    """What stands on top of the file of a grid; `words` as `grid`."""
    seeds = len(sweep.all_seeds)
    return [
        f"The study {sweep.study} as a W&B sweep: {arms} arms x {seeds} seeds, {arms * seeds} runs.",
        *_how_to(file, words),
        "W&B's grid runs all seeds of an arm before the next arm. `dcgan sweep` runs all arms of a seed before the",
        "next seed, so that a study which is cut short is balanced. Both may run at once.",
    ]


def head_of_search(search: Sweep, file: str, words: Sequence[str]) -> list[str]:
    """What stands on top of the file of a search, which `search` is the sweep of; `words` as `grid`."""
    design = search.design
    assert isinstance(design, Search)  # noqa: S101 - the callers ask first
    lines = [
        f"The study {search.study} as a Bayesian sweep of W&B: the baseline and {design.trials - 1} combinations.",
        *_how_to(file, words),
        f"Each run is a combination on seed {design.own_seeds[0]}, of the same search that `dcgan sweep` leads, which",
        "goes on with it and then compares the best with the baseline on fresh seeds. For whole runs alone, delete",
        "early_terminate.",
    ]
    if design.seeds > 1:
        lines.append(f"Its other {design.seeds - 1} seeds are trained with it; W&B sees the first alone.")
    return lines


def head_of_custom(search: Sweep, file: str, words: Sequence[str]) -> list[str]:
    """What stands on top of the file of `custom`."""
    design = search.design
    assert isinstance(design, Search)  # noqa: S101 - the callers ask first
    return [
        f"The study {search.study} as a W&B sweep led by our own sampler: {design.sampler}, {design.trials} trials.",
        "EXPERIMENTAL in wandb 0.31, which may change it: the scheduler below has to run beside the agents.",
        *_how_to(file, words, "wandb sweep-scheduler ENTITY/PROJECT/ID   # in one terminal, in this folder"),
        "The sampler is the one of `dcgan sweep`; what it is told are the scores in W&B.",
    ]


def _made_by(words: Sequence[str]) -> str:
    return shlex.join(["dcgan", "sweep", *words, "--export", "wandb"])


def _how_to(file: str, words: Sequence[str], *between: str) -> list[str]:
    return [
        "",
        f"    wandb sweep {file}",
        *(f"    {command}" for command in between),
        "    wandb agent PROJECT/ID         # as it says; again in other terminals and on other machines",
        "",
        f"Made by: {_made_by(words)}",
        "Agents share a folder (DCGAN_HOME) or a database (DCGAN_STORAGE), and have dcgan on their PATH.",
    ]


def _head(sweep: Sweep, project: str | None) -> Content:
    return {"program": "dcgan", "name": sweep.study, **({} if project is None else {"project": project})}


def _command(words: Sequence[str]) -> list[str]:
    return ["${env}", "${program}", "sweep", *words, "--trial", "${args_no_hyphens}"]


def _curve(metric: str, base: Experiment) -> str | None:
    """What the metric is called along the way; None where it is taken too seldom for Hyperband to judge by."""
    every = base.score_period
    often = every > 0 and base.budget.images // every >= _FIRST_BAND
    return f"validation/{metric}" if often and metric in CORE_METRICS else None


def _parameter(distribution: BaseDistribution) -> Content:
    if isinstance(distribution, CategoricalDistribution):
        return {"values": list(distribution.choices)}
    assert isinstance(distribution, FloatDistribution | IntDistribution)  # noqa: S101 - all that a space has
    ends = {"min": distribution.low, "max": distribution.high}
    if isinstance(distribution, FloatDistribution):
        return {"distribution": "log_uniform_values" if distribution.log else "uniform", **ends}
    if distribution.log:
        return {"distribution": "q_log_uniform_values", "q": 1, **ends}
    return {"distribution": "int_uniform", **ends}
