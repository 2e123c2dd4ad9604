"""Random streams: equal by purpose, and different otherwise."""

from __future__ import annotations

import torch

from dcgan.common.rng import stream


def test_streams_are_equal_by_purpose_and_differ_otherwise() -> None:
    def draw(*purpose: str, seed: int = 0) -> list[float]:
        return torch.rand(4, generator=stream(seed, *purpose)).tolist()

    assert draw("noise") == draw("noise")
    drawn = [draw("noise"), draw("data"), draw("noise", seed=1), draw("init", "generator"), draw("init/generator", "x")]
    assert len({tuple(numbers) for numbers in drawn}) == len(drawn)
