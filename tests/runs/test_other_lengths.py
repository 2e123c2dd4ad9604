"""A run of another length starts over, and one line says so and why."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.other_lengths import starts_over
from tests.kept_runs import keep_run


def _line(experiment: Experiment) -> str | None:
    return starts_over(RunDirectory.of(experiment), experiment)


def test_the_same_for_longer_names_the_run_and_that_nothing_else_depends_on_it(tiny: Experiment) -> None:
    run = keep_run(tiny)
    line = _line(tiny.with_({"budget.epochs": 8, "name": "longer", "score.every_epochs": 2}))
    assert line is not None and "\n" not in line
    assert f"run {run.path.name}, the same with 200 images, is finished; with 400 images this is another run" in line
    assert line.endswith("hold for one length (nothing else here depends on it)")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"schedule.kind": "linear"}, "schedule.kind=linear"),
        ({"augment.instance_noise": 0.1}, "augment.instance_noise"),
    ],
)
def test_what_depends_on_the_length_is_the_reason(tiny: Experiment, changes: dict[str, Any], why: str) -> None:
    keep_run(tiny.with_(changes))
    line = _line(tiny.with_({**changes, "budget.images_per_epoch": 60}))
    assert (
        line is not None and why in line and "falls to 0" in line.replace("takes the learning rates to 0", "falls to 0")
    )


def test_the_longest_finished_one_is_named(tiny: Experiment) -> None:
    keep_run(tiny)
    longer = keep_run(tiny.with_({"budget.epochs": 6}))
    keep_run(tiny.with_({"budget.epochs": 7}), status="running")
    line = _line(tiny.with_({"budget.epochs": 8}))
    assert line is not None and longer.path.name in line


def test_nothing_is_said_of_other_runs(tiny: Experiment) -> None:
    keep_run(tiny.with_({"update.batch": 10}))
    keep_run(tiny.with_seed(1))
    assert _line(tiny.with_({"budget.epochs": 8})) is None
    keep_run(tiny)
    assert _line(tiny) is None
