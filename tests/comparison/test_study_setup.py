"""What all arms of a study have in common, and what each of them changes."""

from __future__ import annotations

from dcgan.comparison.study_setup import read_setup
from dcgan.records.plan_file import PlanRecord

TRAINED = {"name": "folder", "seed": 3, "data.name": "folder", "data.folder": "/home/somebody/cats", "update.batch": 16}


def test_a_folder_of_images_is_named_by_its_last_part_only() -> None:
    plan = PlanRecord(study="s", experiment="folder", start="bare", baseline="a", held={"budget.epochs": 2})
    setup = read_setup(plan, {"a": TRAINED}, {"train": 70, "test": 20}, [10, 10])
    assert setup.data == "cats"
    assert (setup.experiment, setup.start, setup.held) == ("folder", "bare", {"budget.epochs": 2})


def test_each_arm_is_told_by_what_it_was_trained_with() -> None:
    """Not by the run's own seed, nor by where it ran or who was told of it."""
    other = {**TRAINED, "seed": 4, "update.batch": 160, "compute.threads": 2, "tracking.wandb": "auto", "name": "x"}
    setup = read_setup(PlanRecord(study="s", baseline="a"), {"a": TRAINED, "b": other}, {}, [])
    assert setup.changes == {"a": [], "b": [("update.batch", 160)]}


def test_without_runs_it_tells_what_the_plan_has() -> None:
    setup = read_setup(PlanRecord(study="s", baseline="a", content={"data": {"name": "digits"}}), {}, {}, [])
    assert (setup.data, setup.changes) == ("digits", {})
    assert read_setup(PlanRecord(study="s"), {"b": TRAINED}, {}, []).changes == {}
