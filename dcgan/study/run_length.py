"""How long the runs of a plan are: the images that D sees, and how often G is updated with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from dcgan.common.formatting import whole_range
from dcgan.experiment import Experiment

# Updates of G below which a run on images of 28 x 28 or more is called short: by then such networks draw blots,
# whatever their settings, while digits of 16 x 16 are learned within a hundred updates.
FEW = 500
_SMALL = 16  # pixels a side


@dataclass(frozen=True)
class RunLength:
    """What runs have in common of their length, or the values that they have; `few`: some have less than they need."""

    images: frozenset[int]
    updates: frozenset[int]
    batches: frozenset[int]
    few: bool

    def words(self) -> str:
        """`18,000 images a run, 180 updates of G at a batch of 100`."""
        images, updates, batches = (whole_range(each) for each in (self.images, self.updates, self.batches))
        little = ", which is little: DCGANs usually take thousands" if self.few else ""
        return f"{images} images a run, {updates} updates of G at a batch of {batches}{little}"

    def to_json(self) -> dict[str, Any]:
        """The least and the most of each."""
        named = {"images": self.images, "updates": self.updates, "batch": self.batches}
        return {**{name: [min(values), max(values)] for name, values in named.items()}, "few": self.few}


def run_length(experiments: Iterable[Experiment]) -> RunLength:
    """That of runs of these experiments, of which there is at least one."""
    runs = list(experiments)
    return RunLength(
        images=frozenset(each.budget.images for each in runs),
        updates=frozenset(each.updates for each in runs),
        batches=frozenset(each.update.batch for each in runs),
        few=any(each.updates < FEW and each.data.size > _SMALL for each in runs),
    )
