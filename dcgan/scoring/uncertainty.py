"""What chance does to FID: its spread over the noise that is drawn, and the floor that real images themselves reach."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from scipy.stats import chi2
from torch import Tensor

from dcgan.common.errors import Misuse
from dcgan.scoring.fid_infinity import FidReference, frechet_distance, usable_features


@dataclass(frozen=True)
class RepeatedFid:
    """FIDs of repeated draws, their mean, and their standard deviation: of one draw, None where there is but one."""

    fids: tuple[float, ...]

    @property
    def mean(self) -> float:
        return math.fsum(self.fids) / len(self.fids)

    @property
    def sd(self) -> float | None:
        return statistics.stdev(self.fids) if len(self.fids) > 1 else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of `sd` for normal FIDs, by chi-square: of three draws it is 0.5 to 6.3 times `sd`."""
        if self.sd is None:
            return None
        freedom = len(self.fids) - 1
        squares = freedom * self.sd**2
        return math.sqrt(squares / chi2.isf(0.025, freedom)), math.sqrt(squares / chi2.ppf(0.025, freedom))


def sampling_spread(draws: Sequence[Tensor], reference: FidReference) -> RepeatedFid:
    """FID of a generator by noise seed: features (n, d) for each of R >= 2 seeds, against one reference.

    `sd` is the uncertainty of one FID of n images that comes from the noise; what comes from the choice of the real
    images is the same in every draw and not in it. Raises Misuse for one draw, or draws of different sizes.
    """
    if len(draws) < 2:
        raise Misuse(f"{len(draws)} draw of noise: the spread of FID needs at least 2")
    sizes = {len(features) for features in draws}
    if len(sizes) > 1:
        raise Misuse(f"draws of {min(sizes)} to {max(sizes)} images: FID depends on the number, so it must be the same")
    return RepeatedFid(tuple(frechet_distance(features, reference) for features in draws))


def noise_floor(
    real: Tensor, count: int, reference: FidReference, generator: torch.Generator, draws: int = 5
) -> RepeatedFid:
    """FID of `count` real images against the reference: what a perfect generator would score at that number.

    `real` (m, d) holds real images that are not in the reference: of the train split for a score against the test
    split, which generators imitate, so that what little the splits differ is in the floor as it is in every score; of
    the rest of the train split for a score against some of it. (Halves of the test split would give the floor at half
    the number, about twice as high.) The draws share no image, and are as many of `draws` as `real` has room for.
    Raises Misuse for fewer than `count` real images.
    """
    real = usable_features(real, f"noise floor of FID at {count} images", least=max(2, count))
    room = max(1, min(draws, len(real) // count))
    order = torch.randperm(len(real), generator=generator)
    return RepeatedFid(tuple(frechet_distance(real[part], reference) for part in order[: room * count].chunk(room)))
