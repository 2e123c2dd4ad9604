"""A network laid out layer by layer: true to what is trained, and differences that would be seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dcgan.experiment import Experiment
from dcgan.experiment.description import PLAYERS
from dcgan.networks import build_discriminator, build_generator
from dcgan.networks.structure import NetworkStructure, differences, network_structure

BUILD: dict[str, Callable[[Experiment], object]] = {"generator": build_generator, "discriminator": build_discriminator}


@pytest.mark.parametrize("normalisation", ["none", "batch", "spectral"])
def test_what_is_laid_out_is_what_is_trained(normalisation: str) -> None:
    """Names and counts of learned numbers, against the networks themselves."""
    for player in PLAYERS:
        small = Experiment().with_({f"{player}.normalisation": normalisation, f"{player}.width": 4})
        trained = BUILD[player](small)
        names = {
            name.removeprefix("main.").replace("parametrizations.weight.original", "weight"): each.numel()
            for name, each in trained.named_parameters()  # type: ignore[attr-defined]
        }
        assert dict(network_structure(small, player).parameters) == names


def test_a_bias_that_goes_with_the_tip_would_be_seen() -> None:
    """What the tip did before its `off` had biases in BatchNorm's place."""
    off = network_structure(Experiment().with_({"discriminator.normalisation": "none"}), "discriminator")
    bare = {name: layer for name, layer in off.layers.items() if name in {"down32", "logit"}}
    without = {name: type(layer)(**{**layer.__dict__, "shift": False}) for name, layer in off.layers.items()}
    assert set(differences(off, NetworkStructure(without, off.parameters))) == {"shift"}
    assert not any(layer.shift for layer in bare.values()), "where BatchNorm never stood"
    assert differences(off, NetworkStructure(without, off.parameters))["shift"] == ["down16", "down8", "down4"]
