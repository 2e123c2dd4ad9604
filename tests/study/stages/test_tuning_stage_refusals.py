"""What cannot be tuned, or does not fit the sweep, is refused in one line before anything is trained."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.study.stages import planned
from dcgan.sweeps import sweep

G, D = "optimizer.generator.lr", "optimizer.discriminator.lr"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            {"factors": [{"path": G, "levels": [1e-4, 1e-3]}], "tune": {"paths": [G]}},
            f"tune.paths: {G} is a factor of this sweep",
        ),
        (
            {"tune": {"paths": ["objective.penalty.weight"]}},
            "objective.penalty.weight has no effect in any arm: objective.penalty.kind=none",
        ),
        (
            {"tune": {"paths": ["augment.instance_noise"]}},
            "augment.instance_noise is 0 in arm 'bare', and nothing lies around that: give it a range",
        ),
        (
            {"tune": {"paths": ["optimizer.generator.beta1"], "trials": 3}},
            "arm 'bare@3': optimizer.generator.beta1=.*; give a smaller factor, or a range",
        ),
        (
            {"factors": ["ttur"], "tune": {"paths": [{"path": D, "range": [1e-5, 1e-2]}]}},
            "what these arms differ in is tuned away",
        ),
        ({"tuning_of": "other"}, "tuning_of: .* tune, which says of which, is missing"),
    ],
)
def test_what_does_not_fit_the_sweep_is_refused(write_sweep: Any, keys: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        planned(sweep.load(write_sweep(**keys)))
