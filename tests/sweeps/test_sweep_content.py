"""The sweeps that travel with the program can be run as they are."""

from __future__ import annotations

import pytest

from dcgan.common import paths
from dcgan.study import plan
from dcgan.sweeps import sweep
from dcgan.tips import TIPS


@pytest.mark.parametrize("name", sorted(paths.named("sweeps")))
def test_every_sweep_can_be_planned_and_is_named_by_its_file(name: str) -> None:
    made = plan.make(sweep.load(name))
    assert made.study == name
    assert made.arms


@pytest.mark.parametrize("name", ["demo", "mnist-tips"])
def test_the_tip_studies_compare_every_tip_with_the_baseline(name: str) -> None:
    made = plan.make(sweep.load(name))
    from_all = made.sweep.start == "all"
    assert made.arms[0].name == made.sweep.start
    article = [name for name in TIPS if TIPS[name].common]
    assert [arm.name for arm in made.arms[1:]] == [f"without-{name}" if from_all else name for name in article]
    assert len(made.sweep.seeds) >= 3
