"""Virtual adversarial training: D's output may not change much in the direction in which it would change most.

Miyato, Maeda, Koyama and Ishii 2018, "Virtual adversarial training", equations 5 to 7, section 3.3 and algorithm 1.
Here it smooths D's output about real and about generated images, neither of which needs a label for it.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize, softplus

from dcgan.experiment.sections import VirtualAdversarial
from dcgan.objectives.penalties import Critic, Penalty


def build_smoothness(chosen: VirtualAdversarial, head: str) -> Penalty:
    """The mean of LDS over real and over generated images, averaged, as a penalty; `chosen.weight` is the caller's.

    LDS(x) = KL[p(x) || p(x + r)], equation 5: p is D's probability of "real", p(x) a constant, and r the change of
    length `epsilon` that raises it most (equation 6). D's output is a logit, or with head=sigmoid a probability.

    To second order LDS is r'Hr / 2, and r lies along H's first eigenvector, which `power_iterations` rounds of
    differences of length `xi` look for (section 3.3). For an output of one number H = p(1 - p) g g' with g its logit's
    gradient: rank one, so one round finds the direction from any start, up to its sign.

    All in float32, also where the caller has autocast on: the outputs differ by less than bf16 resolves. D is called
    2 + `power_iterations` times on each batch. Its parameters get gradients only through the output at x + r.
    """
    to_logits = _from_probabilities if head == "sigmoid" else _from_logits

    def smoothness(critic: Critic, real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
        with torch.autocast(real.device.type, enabled=False):
            on_real, on_fake = (
                _lds(lambda images: to_logits(critic(images)), images.detach(), chosen, generator)
                for images in (real, fake)
            )
        return (on_real + on_fake) / 2

    return smoothness


def _lds(logits: Critic, images: Tensor, chosen: VirtualAdversarial, generator: torch.Generator) -> Tensor:
    """The mean over images (N, C, H, W) of LDS, in nats."""
    given = logits(images).detach()
    start = torch.randn(images.shape, generator=generator, device=images.device, dtype=images.dtype)
    direction = _unit(start, start)
    for _ in range(chosen.power_iterations):
        trial = direction.requires_grad_()
        changed = _divergence(given, logits(images + chosen.xi * trial))
        (steepest,) = torch.autograd.grad(changed.sum(), trial)
        direction = _unit(steepest, trial.detach())
    return _divergence(given, logits(images + chosen.epsilon * direction)).mean()


def _unit(directions: Tensor, otherwise: Tensor) -> Tensor:
    """Each image's direction (N, C, H, W) at length 1; `otherwise` where it is zero.

    Divided by the largest number first: where D is sure the gradient is so small that its square would be zero.
    """
    flat = directions.flatten(1)
    largest = flat.abs().amax(dim=1, keepdim=True)
    unit = normalize(flat / largest, dim=1)
    return torch.where(largest == 0, otherwise.flatten(1), unit).view_as(directions)


def _divergence(given: Tensor, moved: Tensor) -> Tensor:
    """KL of the Bernoulli distributions with these logits, p log(p / q) + (1 - p) log((1 - p) / (1 - q)), each (N,).

    1 - p is computed as its own sigmoid: a small one keeps its digits.
    """
    real = given.sigmoid() * (softplus(-moved) - softplus(-given))
    generated = (-given).sigmoid() * (softplus(moved) - softplus(given))
    return real + generated


def _from_logits(outputs: Tensor) -> Tensor:
    return outputs


def _from_probabilities(outputs: Tensor) -> Tensor:
    """Logits, kept finite: a probability stays as far from 0 and 1 as its number format can tell it from 1."""
    return torch.logit(outputs, eps=torch.finfo(outputs.dtype).eps)
