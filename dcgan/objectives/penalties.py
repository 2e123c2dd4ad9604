"""Gradient penalties on the discriminator.

A penalty takes a discriminator, real and generated images (N, C, H, W) and a generator of random numbers, and
returns a scalar. The weight is the caller's. It is about D alone: no gradient goes back into what made the images.

The gradient is that of D's output, whatever its head: a logit or a probability. With BatchNorm in D, D(x) of one image
depends on the whole batch and so does this gradient; the authors of wgan_gp use no BatchNorm there. The combination is
allowed, since it is what the tips say.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Critic = Callable[[Tensor], Tensor]
Penalty = Callable[[Critic, Tensor, Tensor, torch.Generator], Tensor]


def _wgan_gp(critic: Critic, real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """E[(|grad D(x)| - 1)^2] on points between real and generated images, one point per pair of images.

    Gulrajani et al. 2017, equation 3.
    """
    share = torch.rand(real.shape[0], 1, 1, 1, generator=generator, device=real.device, dtype=real.dtype)
    return _distance_from_one(critic, torch.lerp(fake, real, share))


def _dragan(critic: Critic, real: Tensor, _fake: Tensor, generator: torch.Generator) -> Tensor:
    """E[(|grad D(x + delta)| - 1)^2] around real images, delta normal and independent in each pixel.

    Kodali et al. 2017, section 2.4: the scheme's delta ~ N(0, c I). Its standard deviation is half that of all the
    batch's pixels, the scale in the authors' code; there the noise is uniform on [0, 1) instead, so always brighter,
    and a random share of it is added.
    """
    noise = torch.randn(real.shape, generator=generator, device=real.device, dtype=real.dtype)
    return _distance_from_one(critic, real + real.std(correction=0) / 2 * noise)


def _r1(critic: Critic, real: Tensor, _fake: Tensor, _generator: torch.Generator) -> Tensor:
    """E[|grad D(x)|^2] / 2 on real images, so that the weight is the paper's gamma.

    Mescheder et al. 2018, equation 9.
    """
    return _half_square(critic, real)


def _r2(critic: Critic, _real: Tensor, fake: Tensor, _generator: torch.Generator) -> Tensor:
    """E[|grad D(x)|^2] / 2 on generated images, so that the weight is the paper's gamma.

    Mescheder et al. 2018, equation 10.
    """
    return _half_square(critic, fake)


def _r1_r2(critic: Critic, real: Tensor, fake: Tensor, _generator: torch.Generator) -> Tensor:
    """E[|grad D(x)|^2] / 2 on real images plus the same on generated ones, so that the weight is the paper's gamma.

    Huang et al. 2024 (R3GAN), section 2.
    """
    return _half_square(critic, real) + _half_square(critic, fake)


def _distance_from_one(critic: Critic, images: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(_gradient(critic, images), dim=1)
    return (norms - 1).square().mean()


def _half_square(critic: Critic, images: Tensor) -> Tensor:
    return _gradient(critic, images).square().sum(dim=1).mean() / 2


def _gradient(critic: Critic, images: Tensor) -> Tensor:
    """d D(x) / d x for each image, itself differentiable, in float32 or better: (N, C * H * W)."""
    images = images.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return (gradient.float() if gradient.dtype == torch.bfloat16 else gradient).flatten(1)


PENALTIES: dict[str, Penalty] = {"wgan_gp": _wgan_gp, "dragan": _dragan, "r1": _r1, "r2": _r2, "r1_r2": _r1_r2}
