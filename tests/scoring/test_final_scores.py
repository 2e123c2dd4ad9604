"""What is found at the end, and that a run never fails for what its images cannot tell."""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan.scoring.final_scores import FinalScores, examine


def _features(count: int, seed: int) -> dict[str, Tensor]:
    drawn = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return {"features": drawn, "unit_features": drawn, "logits": drawn}


def _examined(count: int, training: dict[str, Tensor], held_out: dict[str, Tensor]) -> FinalScores:
    draws = [_features(count, seed) for seed in (1, 2)]
    real, labels = _features(count, 3), torch.arange(count) % 4
    sought = training["features"], held_out["features"]
    return examine(draws, draws[1]["features"], real=real, training=sought[0], held_out=sought[1], labels=labels)


def test_with_images_enough_everything_is_found_with_what_is_behind_it() -> None:
    found = _examined(100, _features(400, 4), _features(100, 5))
    assert set(found.scores) == {
        "density", "coverage", "memorisation", "modes", "class_distance", "fid_sd", "fid_infinity",
        "fid_infinity_error",
    }  # fmt: skip
    assert found.scores["modes"] == 4
    assert found.scores["memorisation"] < 0.3
    assert found.left_out == {}
    assert found.details["memorisation"]["training_images"] == 400
    assert not found.details["memorisation"]["flagged"]
    low, high = found.details["fid_sd"]["interval"]
    assert low < found.scores["fid_sd"] < high
    shares = found.details["modes"]["shares"]
    assert shares["real"] == [0.25] * 4
    assert sum(shares["generated"]) == 1
    assert 0 < found.details["modes"]["class_distance_floor"] < 1


def test_of_a_handful_of_images_what_can_be_told_is_and_the_rest_has_a_reason() -> None:
    found = _examined(4, _features(14, 4), _features(4, 5))
    assert set(found.scores) == {"modes", "class_distance", "fid_sd"}
    assert set(found.left_out) == {"density", "memorisation", "fid_infinity"}
    assert all("\n" not in why and why for why in found.left_out.values())


def test_splits_that_share_images_tell_nothing_of_copies() -> None:
    training = _features(400, 4)
    found = _examined(100, training, {role: values[:100] for role, values in training.items()})
    assert "5% of the held-out images are training images" in found.left_out["memorisation"]
    assert "density" in found.scores


def test_a_generator_that_replays_training_images_is_flagged() -> None:
    training = _features(400, 4)
    copies = {role: values[:100] for role, values in training.items()}
    found = examine(
        [copies], copies["features"], real=_features(100, 3), training=training["features"],
        held_out=_features(100, 5)["features"], labels=None,
    )  # fmt: skip
    assert found.scores["memorisation"] == 1
    assert found.details["memorisation"]["flagged"]
    assert set(found.scores) & {"modes", "fid_sd"} == set()
