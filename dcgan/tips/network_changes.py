"""What a level of a tip changes in the two networks, found by laying both out, at `off` and at the level."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.experiment.description import PLAYERS, Player
from dcgan.networks.structure import NetworkStructure, differences, network_structure
from dcgan.tips.catalogue import apply
from dcgan.tips.tip import Tip

WORDS = {
    "layers": "layers",
    "kind": "kind of layer",
    "inputs": "channels in",
    "outputs": "channels out",
    "geometry": "kernel and stride",
    "shift": "learned shift",
    "normalisation": "normalisation",
    "slope": "slope of the activation",
    "dropout": "dropout",
    "variety": "the batch's variety as a channel",
}


@dataclass(frozen=True)
class NetworkChange:
    """A player's network at `off` and at a level, where they differ: `fields` as `differences` gives them."""

    player: Player
    off: NetworkStructure
    on: NetworkStructure
    fields: Mapping[str, Sequence[str]]

    def lines(self) -> list[str]:
        """In words, a line for each thing that differs, and for the learned numbers that only one has."""
        lines = [f"{WORDS[field]}: {_short(names)}" for field, names in self.fields.items() if field != "parameters"]
        alone = self.fields.get("parameters", ())
        for where, own in (("off", self.off.parameters), ("this level", self.on.parameters)):
            if names := [name for name in alone if name in own]:
                lines.append(f"learned at {where} only: {_short(names)}")
        return lines


def network_changes(tip: Tip, level: str, experiment: Experiment) -> list[NetworkChange]:
    """What differs between the networks of an experiment with a tip at `off` and at a level, a player each.

    Nothing for a level that the experiment refuses.
    """
    try:
        one, other = (apply(experiment, {tip.name: each}) for each in ("off", level))
    except Misuse:
        return []
    pairs = ((player, network_structure(one, player), network_structure(other, player)) for player in PLAYERS)
    return [
        NetworkChange(player, off, on, differing) for player, off, on in pairs if (differing := differences(off, on))
    ]


def _short(names: Sequence[str]) -> str:
    """Names that differ in a number only as one: `norm*.weight`; the others as they are."""
    kinds: dict[str, list[str]] = {}
    for name in names:
        kinds.setdefault(re.sub(r"\d+", "*", name), []).append(name)
    return ", ".join(kind if len(alike) > 1 else alike[0] for kind, alike in kinds.items())
