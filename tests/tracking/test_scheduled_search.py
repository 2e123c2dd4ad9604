"""wandb's own scheduler asks our sampler: the baseline first, what `dcgan sweep` would ask, and no more than planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import optuna
import pytest
import yaml
from wandb.sdk.sweeps.run_state import RunState
from wandb.sdk.sweeps.scheduler.optimizer import RunConfig, RunWithMetrics
from wandb.sdk.sweeps.scheduler.optuna import build_optuna_optimizer, search_space_from_sweep_config
from wandb.sdk.sweeps.sweep_info import SweepInfo

from dcgan.common.errors import Misuse
from dcgan.study.stages import search_stages
from dcgan.sweeps import samplers
from dcgan.sweeps import sweep as sweeps
from dcgan.sweeps.search_space import axes
from dcgan.tracking.scheduled_search import study_of
from dcgan.tracking.sweep_files import FOLDER, exported
from tests.queue.searches import LR, WIDTH

FACTORS = ["batch_norm", {"path": "optimizer.generator.beta1", "levels": [0.5, 0.0]}, LR, WIDTH]


def _config(path: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """As `wandb sweep` reads it, in the folder with the files."""
    monkeypatch.chdir(tmp_path)
    for name, text in exported(sweeps.load(path), [path]).items():
        file = tmp_path / FOLDER / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    config: dict[str, Any] = yaml.safe_load((tmp_path / FOLDER / "small-optuna.yaml").read_text())
    return config


def _ended(config: RunConfig, state: RunState, **summary: float) -> RunWithMetrics:
    return RunWithMetrics(config, state, "abc", summary, [])


def _asked_by_dcgan(path: str, values: list[float]) -> list[dict[str, Any]]:
    """What the sampler asks for where the combinations had those values."""
    plan = search_stages.search_of(sweeps.load(path))
    space = axes(plan.sweep, plan.base)
    study = optuna.create_study(sampler=samplers.PerTrialSeededSampler(plan.design, space))
    asked = []
    for value in values:
        trial = study.ask(fixed_distributions={axis.name: axis.distribution for axis in space})
        asked.append(dict(trial.params))
        study.tell(trial, value)
    return asked


def test_it_asks_what_dcgan_sweep_asks_and_ends(
    write_sweep: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_sweep(factors=FACTORS, design={"search": {"trials": 5}})
    config = _config(path, monkeypatch, tmp_path)
    plan = search_stages.search_of(sweeps.load(path))
    space = {axis.name: axis.distribution for axis in axes(plan.sweep, plan.base)}
    assert search_space_from_sweep_config(config["parameters"]) == space
    optimizer = build_optuna_optimizer(SweepInfo("id", "name", "me", "small", config, "run"))
    values = [90.0, 70.0, 80.0, 60.0, 50.0]
    asked = []
    for value in values:
        [suggestion] = optimizer.ask_n_runs(1)
        asked.append(suggestion.config.flat_dict())
        optimizer.tell_run(suggestion.run_id, _ended(suggestion.config, RunState.FINISHED, fid=value))
    assert asked == _asked_by_dcgan(path, values)
    assert asked[0]["batch_norm"] == "off" and asked[0]["generator.width"] == 8, "the baseline"
    assert list(optimizer.ask_n_runs(1)) == [], "the budget is spent"


def test_two_objectives_and_a_pruner_along_the_way(
    write_sweep: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_sweep(factors=FACTORS, design={"search": {"trials": 5, "sampler": "nsga2"}})
    config = _config(path, monkeypatch, tmp_path)
    assert [metric["name"] for metric in config["metrics"]] == ["fid", "seconds"]
    optimizer = build_optuna_optimizer(SweepInfo("id", "name", "me", "small", config, "run"))
    assert len(optimizer.ask_n_runs(2)) == 2
    path = write_sweep(factors=FACTORS, design={"search": {"trials": 5, "pruner": "median"}})
    config = _config(path, monkeypatch, tmp_path)
    assert config["metric"] == {"name": "validation/fid", "goal": "minimize"}
    built = build_optuna_optimizer(SweepInfo("id", "name", "me", "small", config, "run"))
    assert isinstance(built.study.pruner, optuna.pruners.MedianPruner)


def test_a_sweep_that_does_not_search_has_no_sampler(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match="design=one-at-a-time does not search"):
        study_of([write_sweep()])
