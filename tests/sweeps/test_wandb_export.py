"""The W&B sweep that a study becomes, as plain values."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from wandb.sdk.launch.sweeps.utils import create_sweep_command

from dcgan.experiment import load as load_experiment
from dcgan.sweeps import sweep as sweeps
from dcgan.sweeps import wandb_export
from dcgan.sweeps.sweep import Sweep


def _sweep(write_sweep: Any, **keys: Any) -> Sweep:
    return sweeps.load(write_sweep(**keys))


def test_a_grid_of_arms_and_seeds(write_sweep: Any) -> None:
    sweep = _sweep(write_sweep, seeds=[0, 7], metric="precision")
    content = wandb_export.grid(sweep, ["bare", "batch_norm"], ["small.yaml", "budget.epochs=3"], "small")
    assert content == {
        "program": "dcgan",
        "name": "small",
        "project": "small",
        "method": "grid",
        "metric": {"name": "precision", "goal": "maximize"},
        "parameters": {"arm": {"values": ["bare", "batch_norm"]}, "seed": {"values": [0, 7]}},
        "command": ["${env}", "${program}", "sweep", "small.yaml", "budget.epochs=3", "--trial", "${args_no_hyphens}"],
    }
    assert create_sweep_command(list(content["command"])) == content["command"], "no macro of the environment in it"


def test_a_study_that_stops_when_decided_offers_the_seeds_that_it_may_add(write_sweep: Any) -> None:
    sweep = _sweep(write_sweep, seeds=4, stop={"when": "decided", "at_most": 6})
    assert wandb_export.grid(sweep, ["bare"], ["small"], None)["parameters"]["seed"]["values"] == list(range(6))


def test_without_a_project_it_is_w_and_bs_own_setting_that_counts(write_sweep: Any) -> None:
    assert "project" not in wandb_export.grid(_sweep(write_sweep), ["bare"], ["small"], None)


FACTORS = [
    {"tip": "batch_norm", "levels": ["on", "off"]},
    {"path": "optimizer.generator.beta1", "levels": [0.5, 0.0]},
    {"path": "optimizer.generator.lr", "range": [1.0e-5, 1.0e-2], "log": True},
    {"path": "optimizer.discriminator.lr", "range": [1.0e-5, 1.0e-2]},
    {"path": "generator.width", "range": [4, 16]},
    {"path": "discriminator.width", "range": [4, 16], "log": True},
]


def _search(write_sweep: Any, set_: dict[str, Any] | None = None, **design: Any) -> dict[str, Any]:
    sweep = _sweep(write_sweep, factors=FACTORS, design={"search": {"trials": 9, **design}}, set=set_ or {})
    return wandb_export.bayes(sweep, load_experiment(sweep.experiment, sweep.set), ["small"], "small")


def test_a_search_is_bayesian_over_the_same_space(write_sweep: Any) -> None:
    content = _search(write_sweep)
    assert content["method"] == "bayes" and content["run_cap"] == 8, "and the baseline"
    assert content["parameters"] == {
        "batch_norm": {"values": ["on", "off"]},
        "optimizer.generator.beta1": {"values": ["0.5", "0.0"]},
        "optimizer.generator.lr": {"distribution": "log_uniform_values", "min": 1e-05, "max": 0.01},
        "optimizer.discriminator.lr": {"distribution": "uniform", "min": 1e-05, "max": 0.01},
        "generator.width": {"distribution": "int_uniform", "min": 4, "max": 16},
        "discriminator.width": {"distribution": "q_log_uniform_values", "q": 1, "min": 4, "max": 16},
    }


@pytest.mark.parametrize(
    ("set_", "metric", "stops"),
    [
        ({}, "validation/fid", True),  # two epochs, a score after each
        ({"score.every_epochs": 2}, "fid", False),  # one score, at the end
        ({"score.every_epochs": 0}, "fid", False),
        ({"score.every_epochs": 2, "budget.epochs": 4}, "validation/fid", True),
    ],
)
def test_hyperband_where_the_runs_are_scored_along_the_way(
    write_sweep: Any, set_: dict[str, Any], metric: str, stops: bool
) -> None:
    content = _search(write_sweep, set_)
    assert content["metric"] == {"name": metric, "goal": "minimize"}
    assert content.get("early_terminate") == ({"type": "hyperband", "min_iter": 2, "eta": 3} if stops else None)


def test_the_file_has_comments_first_and_reads_back(write_sweep: Any) -> None:
    content = _search(write_sweep)
    sweep = _sweep(write_sweep, factors=FACTORS, design={"search": {"trials": 9, "seeds": 3}})
    head = wandb_export.head_of_search(sweep, "sweeps/wandb/small.yaml", ["small", "study=a b"])
    text = wandb_export.text(content, head)
    assert yaml.safe_load(text) == content
    assert all(len(line) <= 120 for line in text.splitlines())
    assert "# Made by: dcgan sweep small 'study=a b' --export wandb\n" in text
    assert "#     wandb sweep sweeps/wandb/small.yaml\n" in text
    assert "W&B sees the first alone" in text
    of_grid = wandb_export.head_of_grid(sweep, 2, "sweeps/wandb/small.yaml", ["small"])
    assert of_grid[0] == "The study small as a W&B sweep: 2 arms x 2 seeds, 4 runs."
