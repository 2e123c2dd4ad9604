"""A level changes in the networks what its tip is about, and nothing else: computed for every level and architecture."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.experiment.description import PLAYERS
from dcgan.experiment.sections.architectures import ARCHITECTURE_KINDS
from dcgan.networks.structure import NetworkStructure, differences, network_structure
from dcgan.tips import TIPS, apply
from dcgan.tips.network_changes import network_changes

# What each tip is about; one that is not here is about nothing in the networks. A normalisation brings its scale and
# its shift, and the bias that stands for the shift goes: parameters have other names then.
ABOUT = {
    "small_networks": {"inputs", "outputs", "layers", "geometry", "parameters"},
    "batch_norm": {"normalisation", "parameters"},
    "leaky_relu": {"slope"},
    "spectral_norm": {"normalisation", "parameters"},
    "dropout": {"dropout"},
    "minibatch_stddev": {"variety", "inputs"},
    "packing": {"inputs"},
}
CASES = [(name, level, kind) for name, tip in TIPS.items() for level in tip.levels for kind in ARCHITECTURE_KINDS]


def _pairs(name: str, level: str, architecture: str) -> Iterator[tuple[str, NetworkStructure, NetworkStructure]]:
    """Each player's network at `off` and at the level; none where the experiment refuses one of them."""
    both = {f"{player}.architecture": architecture for player in PLAYERS}
    base = Experiment().with_({**both, "data.size": 32})
    try:
        one, other = (apply(base, {name: each}) for each in ("off", level))
    except Misuse:
        return
    for player in PLAYERS:
        yield player, network_structure(one, player), network_structure(other, player)


@pytest.mark.parametrize(("name", "level", "architecture"), CASES)
def test_nothing_but_the_tip(name: str, level: str, architecture: str) -> None:
    for player, off, on in _pairs(name, level, architecture):
        assert set(differences(off, on)) <= ABOUT.get(name, set()), player
        if name in {"batch_norm", "spectral_norm"}:
            own_biases = architecture in {"mlp", "veegan"}
            assert on.count - off.count == _normalised(on, own_biases) - _normalised(off, own_biases), player


def _normalised(network: NetworkStructure, own_biases: bool) -> int:
    """The numbers that its normalisations learn: a scale each, and a shift where that is not in a bias's place."""
    scales = sum(count for name, count in network.parameters.items() if name.startswith("norm") and "weight" in name)
    full = sum(count for name, count in network.parameters.items() if name.startswith("norm_full") and "weight" in name)
    return 2 * scales if own_biases else scales + full  # the text's fully connected layers have biases of their own


def test_most_levels_are_there_in_every_architecture() -> None:
    """So that the test above looks at something: all but `instance` without positions."""
    refused = [case for case in CASES if not list(_pairs(*case))]
    assert {case[:2] for case in refused} <= {("batch_norm", "instance")}
    assert {case[2] for case in refused} <= {"mlp"}


def test_changes_in_words() -> None:
    (generator, discriminator) = network_changes(TIPS["batch_norm"], "on", Experiment())
    assert generator.lines() == [
        "normalisation: up*",
        "learned at off only: up*.bias",
        "learned at this level only: norm*.weight, norm*.bias",
    ]
    assert discriminator.on.count - discriminator.off.count == sum(64 * times for times in (2, 4, 8))
    assert generator.on.count == 3_574_656
    assert network_changes(TIPS["he_init"], "on", Experiment()) == []
    assert network_changes(TIPS["lr_decay"], "on", Experiment().with_({"budget.epochs": 1})) == []  # refused
