"""Gradient penalties on the discriminator.

A penalty takes a discriminator, real and generated images (N, C, H, W) and a generator of random numbers, and
returns a scalar. The weight is the caller's.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Critic = Callable[[Tensor], Tensor]
Penalty = Callable[[Critic, Tensor, Tensor, torch.Generator], Tensor]


def _wgan_gp(critic: Critic, real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """E[(|grad D(x)| - 1)^2] on points between real and generated images, one point per pair of images.

    Gulrajani et al. 2017, equation 3. With BatchNorm in the critic, D(x) of one image depends on the whole batch and so
    does this gradient; the authors use no BatchNorm there. The combination is allowed, since it is what the tips say.
    """
    share = torch.rand(real.shape[0], 1, 1, 1, generator=generator, device=real.device, dtype=real.dtype)
    between = torch.lerp(fake, real, share).requires_grad_()
    norms: Tensor = torch.linalg.vector_norm(_gradient(critic, between).flatten(1), dim=1)
    return (norms - 1).square().mean()


def _gradient(critic: Critic, images: Tensor) -> Tensor:
    """d D(x) / d x for each image, itself differentiable; same shape as `images`, in float32 or better."""
    (gradient,) = torch.autograd.grad(critic(images).sum(), images, create_graph=True)
    return gradient.float() if gradient.dtype == torch.bfloat16 else gradient


PENALTIES: dict[str, Penalty] = {"wgan_gp": _wgan_gp}
