"""What all arms of a study have in common."""

from __future__ import annotations

from dcgan.comparison.study_setup import read_setup
from dcgan.experiment import load
from dcgan.records.plan_file import PlanRecord


def test_a_folder_of_images_is_named_by_its_last_part_only() -> None:
    content = load("folder", {"data.folder": "/home/somebody/cats", "data.size": 16}).model_dump()
    plan = PlanRecord(study="s", experiment="folder", start="bare", content=content, held={"budget.epochs": 2})
    setup = read_setup(plan, {"train": 70, "test": 20}, [0.5, 0.5])
    assert setup.data == "cats"
    assert (setup.experiment, setup.start, setup.held) == ("folder", "bare", {"budget.epochs": 2})
    assert setup.content is not None and setup.content.data.size == 16
    assert "somebody" not in setup.data


def test_a_plan_of_another_version_is_told_as_far_as_it_goes() -> None:
    setup = read_setup(PlanRecord(study="s", experiment="x", content={"no": "such key"}), {}, [])
    assert setup.content is None
    assert (setup.experiment, setup.data, setup.start) == ("x", "", "")
    assert read_setup(PlanRecord(study="s"), {}, []).content is None
