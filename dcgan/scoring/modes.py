"""Modes: which classes the generated images fall into, and how far that is from the classes of real images."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan.common.errors import DcganError, Misuse

STACKED_MODES = 1000  # three digits of ten


@dataclass(frozen=True)
class Modes:
    """`covered` of `classes`; shares by class; the generated shares' `distance` from the real ones, and its `floor`."""

    covered: int
    classes: int
    generated: tuple[float, ...]
    real: tuple[float, ...]
    distance: float
    floor: float


def modes(logits: Tensor, labels: Tensor) -> Modes:
    """Classes of generated images by logits or probabilities (n, K), against labels (m,) within 0 and K - 1.

    An image is of the class with the largest logit; a class is covered if one image is of it. The distance is Jensen
    and Shannon's (`jensen_shannon`), and the floor what it comes to by chance, as a root mean square, for n images
    drawn as the m real ones were. Raises Misuse for no images or labels, DcganError for NaN.
    """
    if logits.ndim != 2 or not logits.numel() or not labels.numel():
        raise Misuse(f"modes: logits {tuple(logits.shape)} and {labels.numel()} labels, expected at least one of each")
    if logits.isnan().any():
        raise DcganError("modes: the classifier's logits hold NaN")
    classes = logits.shape[1]
    generated = _shares(logits.argmax(dim=1), classes)
    real = _shares(labels, classes)
    there = int((real > 0).sum())
    # To second order the divergence is chi^2 / 8, with K - 1 degrees of freedom and variance 1/n + 1/m.
    floor = math.sqrt((there - 1) * (1 / len(logits) + 1 / len(labels)) / (8 * math.log(2)))
    return Modes(
        covered=int((generated > 0).sum()),
        classes=classes,
        generated=tuple(generated.tolist()),
        real=tuple(real.tolist()),
        distance=jensen_shannon(generated, real),
        floor=min(1.0, floor),
    )


def jensen_shannon(one: Tensor, two: Tensor) -> float:
    """The Jensen-Shannon distance of shares (K,): the root of the divergence in base 2, a metric within 0 and 1.

    sqrt(H((p + q) / 2) - (H(p) + H(q)) / 2) (Lin 1991, equation 4.1; Endres & Schindelin 2003 for the root).
    """
    one, two = one.double(), two.double()
    middle = (one + two) / 2
    divergence = (
        sum(torch.xlogy(shares, shares / middle.where(middle > 0, 1)).sum().item() for shares in (one, two)) / 2
    )
    return math.sqrt(min(1.0, max(0.0, divergence / math.log(2))))


def stacked_modes(digits: Tensor) -> tuple[int, float]:
    """Digits (n, 3), one a channel, to modes covered of 1000 and the divergence of their histogram from uniform.

    KL(histogram || uniform) in nats, 0 to ln 1000, as VEEGAN's table has it (Srivastava et al. 2017); a perfect
    generator comes to about 999 / (2 n): 0.019 for 26,000. Raises Misuse for no images, DcganError for
    anything but three digits.
    """
    if digits.ndim != 2 or digits.shape[1] != 3 or digits.is_floating_point():
        raise DcganError(
            f"stacked modes: {digits.dtype} digits of shape {tuple(digits.shape)}, expected integers (n, 3)"
        )
    if not len(digits):
        raise Misuse("stacked modes: no images to count")
    if digits.min() < 0 or digits.max() > 9:
        raise DcganError(f"stacked modes: digits from {digits.min()} to {digits.max()}, expected 0 to 9")
    shares = _shares((digits * torch.tensor([100, 10, 1], device=digits.device)).sum(dim=1), STACKED_MODES)
    divergence = torch.xlogy(shares, shares * STACKED_MODES).sum().item()
    return int((shares > 0).sum()), max(0.0, divergence)


def _shares(classes: Tensor, count: int) -> Tensor:
    """Class numbers (n,) to the share of each class (count,), float64 on the CPU."""
    if classes.min() < 0 or classes.max() >= count:
        raise DcganError(f"modes: classes from {classes.min()} to {classes.max()}, expected 0 to {count - 1}")
    return torch.bincount(classes.flatten().long().cpu(), minlength=count).double() / classes.numel()
