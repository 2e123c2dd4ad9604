"""Latent noise has the distribution that it is said to have."""

from __future__ import annotations

import pytest

from dcgan.common.rng import stream
from dcgan.experiment.sections import Latent
from dcgan.training.latent import draw_noise


def test_noise_distributions() -> None:
    normal = draw_noise(Latent(dim=50), 2000, stream(0, "noise"))
    assert normal.mean().item() == pytest.approx(0, abs=0.02)
    assert normal.std().item() == pytest.approx(1, abs=0.02)
    uniform = draw_noise(Latent(dim=50, distribution="uniform"), 2000, stream(0, "noise"))
    assert uniform.abs().max() <= 1
    assert uniform.std().item() == pytest.approx(3**-0.5, abs=0.02)


@pytest.mark.parametrize("bound", [0.5, 1.0, 2.0, 12.0, 1e6])
def test_truncated_noise_is_the_normal_between_its_bounds(bound: float) -> None:
    """Against scipy's truncated normal: no closer than a Kolmogorov-Smirnov test at 1e-3 would let another be."""
    from scipy.stats import kstest, truncnorm

    latent = Latent(dim=50, distribution="truncated", truncation=bound)
    drawn = draw_noise(latent, 400, stream(0, "noise"))
    assert drawn.abs().max() <= bound
    assert kstest(drawn.flatten().numpy(), truncnorm(-bound, bound).cdf).pvalue > 1e-3
