"""What is found at the end, and that a run never fails for what its images cannot tell."""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan.scoring.examination import examine


def _features(count: int, seed: int) -> dict[str, Tensor]:
    drawn = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return {"features": drawn, "unit_features": drawn, "logits": drawn}


def _examined(count: int, training: dict[str, Tensor], held_out: dict[str, Tensor]) -> dict[str, float]:
    draws = [_features(count, seed) for seed in (1, 2)]
    real, labels = _features(count, 3), torch.arange(count) % 4
    others = training["features"]
    return examine(draws, draws[1], real=real, others=others, training=training, held_out=held_out, labels=labels)


def test_with_images_enough_everything_is_found() -> None:
    found = _examined(100, _features(400, 4), _features(100, 5))
    assert set(found) == {
        "density", "coverage", "memorisation", "modes", "class_distance", "fid_sd", "fid_floor", "fid_infinity",
        "fid_infinity_error",
    }  # fmt: skip
    assert found["modes"] == 4
    assert found["memorisation"] < 0.3


def test_of_a_handful_of_images_what_can_be_told_is() -> None:
    assert set(_examined(4, _features(14, 4), _features(4, 5))) == {"modes", "class_distance", "fid_sd", "fid_floor"}


def test_splits_that_share_images_tell_nothing_of_copies() -> None:
    training = _features(400, 4)
    found = _examined(100, training, {role: values[:100] for role, values in training.items()})
    assert "memorisation" not in found
    assert "density" in found
