"""What G can be asked to match besides D's output: the mean of D's inner features."""

from __future__ import annotations

from torch import Tensor


def feature_matching(real_features: Tensor, fake_features: Tensor) -> Tensor:
    """|E f(x) - E f(G(z))|^2 / F, added to G's loss: f is an inner layer of D, each F features (N, F).

    Salimans et al. 2016, section 3.1. The mean over the features, as in the authors' code, so that a weight means the
    same whatever D's width; the real side is a constant target.
    """
    return (real_features.detach().mean(dim=0) - fake_features.mean(dim=0)).square().mean()
