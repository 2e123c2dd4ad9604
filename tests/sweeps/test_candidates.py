"""The candidates of a tuning: spread evenly, and the same for all arms."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from dcgan.study import plan as planning
from dcgan.sweeps import candidates, sweep
from dcgan.sweeps.tuning import FIRST_SEED
from tests.study.tunings import TUNE, D, G, settings_by_arm, tuning


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_the_points_fill_the_range_evenly_and_more_of_them_keep_the_first(dimensions: int) -> None:
    made = candidates.points(16, dimensions)
    assert made[:5] == candidates.points(5, dimensions)
    assert made[0] == (0.5,) * dimensions
    for axis in zip(*made, strict=True):
        ends = sorted([0.0, *axis, 1.0])
        assert max(high - low for low, high in pairwise(ends)) < 2 / 16


def test_every_arm_gets_the_same_multiples_of_its_own_value(write_sweep: Any) -> None:
    sgd = {"tip": "optimizer", "levels": ["off", "sgd"]}
    plan = tuning(write_sweep(factors=["batch_norm", sgd], tune={**TUNE, "factor": 3}))
    for path in (G, D):
        found = settings_by_arm(plan, path)
        assert found["optimizer=sgd"][0] == pytest.approx(50 * found["bare"][0]), "SGD is tuned around its own value"
        multiples = {arm: [value / values[0] for value in values] for arm, values in found.items()}
        assert len(multiples["bare"]) == len(set(multiples["bare"])) == 4
        assert multiples["batch_norm"] == multiples["bare"] == pytest.approx(multiples["optimizer=sgd"], rel=1e-3)
        assert all(0.333 < multiple <= 3 for multiple in multiples["bare"])


def test_a_range_is_the_same_for_all_arms_and_the_first_candidate_is_the_arm_as_it_is(write_sweep: Any) -> None:
    sgd = {"tip": "optimizer", "levels": ["off", "sgd"]}
    path = write_sweep(factors=["batch_norm", sgd], tune={"paths": [{"path": G, "range": ["1e-5", 0.5]}]})
    found = settings_by_arm(tuning(path), G)
    assert found["bare"][1:] == found["optimizer=sgd"][1:]
    assert len(found["bare"]) == 8
    assert all(1e-5 <= value <= 0.5 for value in found["bare"])
    plain = {trial.arm: trial.experiment for trial in planning.make(sweep.load(path)).trials}
    for trial in tuning(path).trials:
        if trial.arm.endswith("@1"):
            own = plain[candidates.arm_of(trial.arm)].with_(
                {"score.split": "train", "score.every_epochs": 0, "score.repeats": 1}
            )
            assert trial.run == own.with_seed(FIRST_SEED).id
