"""Memorisation: whether generated images copy training images, judged by how near held-out images come to them."""

from __future__ import annotations

from dataclasses import dataclass

from scipy.stats import binom, binomtest
from torch import Tensor

from dcgan.common.errors import DcganError
from dcgan.scoring.coverage import nearest
from dcgan.scoring.fid_infinity import usable_features

NEAREST = 0.05  # the share of held-out images that count as near: what a generator that copies nothing scores too
_AROUND = 50  # neighbours whose mean distance is the measure of a place
_CONFIDENCE = 0.95
_FEWEST = 20  # held-out images: of fewer, no nearest twentieth can be taken


@dataclass(frozen=True)
class Memorisation:
    """`share` of the generated images that lie as near to a training image as the nearest 5 % of held-out images do.

    0 to 1; 0.05 for a generator as far from the training images as held-out ones are, 1 for one that replays them.
    `interval`: of at least 95 % confidence.
    """

    share: float
    interval: tuple[float, float]

    @property
    def flagged(self) -> bool:
        """Whether all of the interval is above twice 0.05: so much is neither chance nor a narrow choice of images."""
        return self.interval[0] > 2 * NEAREST


def memorisation(generated: Tensor, training: Tensor, held_out: Tensor) -> Memorisation:
    """The share of generated images (m, d) nearer to training images (n, d) than the 5 % quantile of held-out (h, d).

    How near is the distance to the nearest training image over the mean distance to the 50 nearest: 0 for a copy, up to
    1 (Carlini et al. 2023, "Extracting Training Data from Diffusion Models", the attack on CIFAR-10). By the distance
    alone a generator of nothing but typical images, near to many training images, passes for one that copies: for
    Gaussian clusters drawn at 0.6 of their width the share is 1.00 by the distance alone and 0.11 by this. The
    comparison with held-out images is that of Meehan et al. 2020, who standardise a rank sum instead; a share shows a
    generator that copies some images and draws the others far off, where a rank sum averages the two.

    The interval takes the quantile at either end of its own interval (by ranks, whatever the distribution), and the
    share at the end of Clopper and Pearson's, each of 97.5 %. Raises Misuse for no generated images, for fewer than
    2 training or 20 held-out ones; DcganError for NaN, and where 5 % of the held-out images are training images.
    """
    generated = usable_features(generated, "memorisation: generated images", least=1)
    training = usable_features(training, "memorisation: training images", least=2)
    held_out = usable_features(held_out, "memorisation: held-out images", least=_FEWEST)
    near = _nearness(generated, training)
    ranked = _nearness(held_out, training).sort().values
    rank = round(NEAREST * (len(ranked) + 1))
    if ranked[rank - 1] == 0:
        raise DcganError(f"memorisation: {NEAREST:.0%} of the held-out images are training images: nothing can be told")

    def below(position: int) -> int:
        """Generated images nearer than the held-out image of that rank: none before the first, all after the last."""
        if position < 1:
            return 0
        return len(near) if position > len(ranked) else int((near < ranked[position - 1]).sum())

    outside = (1 - _CONFIDENCE) / 4  # two ends for each of two intervals
    first = int(binom.ppf(outside, len(ranked), NEAREST))
    last = int(binom.ppf(1 - outside, len(ranked), NEAREST)) + 1
    low, high = (_limits(below(position), len(near), 1 - 2 * outside) for position in (first, last))
    return Memorisation(below(rank) / len(near), (low[0], high[1]))


def _nearness(images: Tensor, training: Tensor) -> Tensor:
    """(m,), within 0 and 1; 0 for a copy, also where all its neighbours are copies of one another."""
    distances = nearest(images, training, min(_AROUND, len(training)))
    return (distances[:, 0] / distances.mean(dim=1)).nan_to_num(nan=0.0)


def _limits(successes: int, trials: int, confidence: float) -> tuple[float, float]:
    interval = binomtest(successes, trials).proportion_ci(confidence, method="exact")
    return float(interval.low), float(interval.high)
