"""The noise that the generator turns into images."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from dcgan.experiment.sections import Latent


def draw_noise(latent: Latent, count: int, generator: torch.Generator) -> Tensor:
    """Noise (count, dim): standard normal, uniform on (-1, 1), or normal within +-truncation.

    The truncated one is drawn by inverting its distribution function, which takes as many random numbers as it gives
    and never one again; it is the distribution that resampling what lies outside leads to (Brock et al. 2019, 3.1).
    """
    shape, device = (count, latent.dim), generator.device
    if latent.distribution == "normal":
        return torch.randn(shape, generator=generator, device=device)
    uniform = torch.rand(shape, generator=generator, device=device)
    if latent.distribution == "uniform":
        return uniform * 2 - 1
    inside = math.erf(latent.truncation / math.sqrt(2))
    middles = (uniform.double() + 2.0**-25) * 2 - 1  # of the steps that `rand` makes: its 0 would be minus infinity
    normal = (torch.erfinv(middles * inside) * math.sqrt(2)).to(uniform.dtype)
    return normal.clamp(-latent.truncation, latent.truncation)
