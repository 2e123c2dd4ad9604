"""Networks without convolutions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from torch import nn

Build = Callable[..., Any]


@pytest.mark.parametrize("depth", [2, 3, 4])
def test_an_mlp_has_as_many_layers_as_are_asked_for(build: Build, player: str, depth: int) -> None:
    layers = [m for m in build(player, architecture="mlp", depth=depth).main if isinstance(m, nn.Linear)]
    ends = (7, 256) if player == "generator" else (256, 1)
    widths = [ends[0], *[16] * (depth - 1), ends[1]]
    assert [(layer.in_features, layer.out_features) for layer in layers] == list(pairwise(widths))
    assert all(layer.bias is not None for layer in layers)
    norms = sum(isinstance(layer, nn.BatchNorm1d) for layer in build(player, architecture="mlp", depth=depth).main)
    assert norms == depth - 1 - (player == "discriminator")
