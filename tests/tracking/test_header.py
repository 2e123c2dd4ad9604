"""What W&B is told of a run: names within its limits, settings as its users filter by them, nothing of the machine."""

from __future__ import annotations

from typing import Any

import pytest
import wandb

import dcgan
from dcgan.experiment import Experiment
from dcgan.study import plan as planning
from dcgan.sweeps import sweep
from dcgan.tips.catalogue import TIPS
from dcgan.tracking.header import LONGEST_NAME, LONGEST_TAG, alone, fitting, of_trial, project_name


@pytest.fixture
def plan(write_sweep: Any) -> planning.Plan:
    return planning.make(sweep.load(write_sweep(), {"seeds": [3, 5]}))


def test_a_trial_is_in_the_study_s_project_and_in_a_group_with_the_seeds_of_its_arm(plan: planning.Plan) -> None:
    trial = next(trial for trial in plan.trials if (trial.arm, trial.seed) == ("he_init", 5))
    header = of_trial(plan, trial)
    assert (header.id, header.project, header.group) == (trial.run, "small", "small/he_init")
    assert (header.name, header.job_type) == ("he_init-s5", "train")
    assert header.tags == ("small", "one-at-a-time", f"dcgan-{dcgan.__version__}")


def test_its_settings_are_dotted_keys_its_place_and_a_yes_or_no_for_every_tip(plan: planning.Plan) -> None:
    trial = next(trial for trial in plan.trials if (trial.arm, trial.seed) == ("he_init", 5))
    config = of_trial(plan, trial).config
    place = {"study": "small", "arm": "he_init", "seed": 5, "design": "one-at-a-time", "block": 1, "baseline": False}
    assert {key: config[key] for key in place} == place
    assert config["generator.init"] == trial.experiment.generator.init
    assert config["id"] == trial.run
    assert (config["factor/he_init"], config["factor/batch_norm"]) == ("on", "off")
    followed = {name for name in TIPS if config[f"tip/{name}"]}
    assert "he_init" in followed and "batch_norm" not in followed
    assert {f"tip/{name}" for name in TIPS} <= config.keys()


def test_the_baseline_is_marked(plan: planning.Plan) -> None:
    marked = {trial.arm for trial in plan.trials if of_trial(plan, trial).config["baseline"]}
    assert marked == {plan.baseline}


def test_a_run_alone_is_in_the_project_of_its_experiment(tiny: Experiment) -> None:
    header = alone(tiny)
    assert (header.id, header.project, header.name, header.group) == (tiny.id, "tiny", "tiny-s0", None)
    assert header.tags == ("tiny", f"dcgan-{dcgan.__version__}")


def test_neither_folders_nor_who_watches_are_among_the_settings() -> None:
    experiment = Experiment().with_(
        {
            "data": {"name": "folder", "folder": "/home/me/faces"},
            "tracking.entity": "my-team",
            "tracking.project": "mine",
        }
    )
    config = alone(experiment).config
    assert not {"data.folder", "tracking.entity", "tracking.project", "tracking.wandb"} & config.keys()
    assert "/home/me" not in str(config) and "my-team" not in str(config)


def test_an_arm_of_many_tips_has_names_that_wandb_takes_and_that_differ() -> None:
    arm = "small_networks+he_init+batch_norm+leaky_relu+gradient_penalty+lr_decay+mini_batch"
    settings = wandb.Settings()
    settings.run_tags = tuple(
        fitting(name, LONGEST_TAG) for name in (arm, arm + "+replay", "bare")
    )  # refuses longer ones
    assert len(set(settings.run_tags)) == 3 and settings.run_tags[2] == "bare"
    assert len(fitting(arm * 2, LONGEST_NAME)) == LONGEST_NAME


@pytest.mark.parametrize(("name", "taken"), [("faces", "faces"), ("a/b", "a-b"), ("50%?#:\\", "50-----")])
def test_a_study_s_name_as_a_project(name: str, taken: str) -> None:
    assert project_name(name) == taken
    settings = wandb.Settings()
    settings.project = taken  # refuses letters that it does not take
