"""Spectral normalisation: every layer's weights divided by their largest singular value."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch.nn.utils.parametrizations import _SpectralNorm
from torch.nn.utils.parametrize import register_parametrization

from dcgan.common.rng import stream
from dcgan.networks.init import weighted_layers

_ITERATIONS = 15  # before the first use: as many as PyTorch makes


class _InFullPrecision(_SpectralNorm):
    """PyTorch's, also under autocast: on GPUs that would take the singular value in bf16, wrong from its third digit.

    On CPUs it leaves those products alone, so that bf16 would mean another thing on each device.
    """

    def forward(self, weight: Tensor) -> Tensor:
        """The weights divided by their largest singular value."""
        kind = weight.device.type
        if not torch.is_autocast_enabled(kind):
            return super().forward(weight)
        with torch.autocast(kind, enabled=False):
            return super().forward(weight)


def normalise_spectra(network: nn.Module, *, seed: int, player: str) -> None:
    """Divides the weights of all layers of `network`, the last included, by their largest singular value from now on.

    Miyato et al. 2018, equation 8, by PyTorch's power iteration: one in each forward pass in training. It starts from
    vectors of a stream of each layer's own.
    """
    for name, layer in weighted_layers(network):
        inputs_first = isinstance(layer, nn.ConvTranspose2d)
        register_parametrization(layer, "weight", _InFullPrecision(layer.weight, dim=int(inputs_first)))
        generator = stream(seed, "init", player, name, "power")
        estimate = layer.get_submodule("parametrizations.weight")
        with torch.no_grad():
            for vector in estimate.buffers():  # those of the singular value, left and right
                vector.copy_(normalize(torch.randn(vector.shape, generator=generator), dim=0))
            for _ in range(_ITERATIONS):
                estimate()
