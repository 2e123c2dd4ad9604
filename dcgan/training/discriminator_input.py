"""What D sees of images, real or generated alike: augmented, with instance noise, packed."""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan.data.diffaugment import color, cutout, translation
from dcgan.experiment.sections import Augment

_CHANGES = {"color": color, "translation": translation, "cutout": cutout}  # in the order of Zhao et al. 2020


class DiscriminatorInput:
    """Images (N, C, H, W) to D's inputs (N / pack, pack C, H, W), differentiable in the images.

    The noise (Sonderby et al. 2017) falls linearly to nothing over the budget: `set_progress` says how far that is.
    """

    def __init__(self, chosen: Augment, pack: int, *, changes: torch.Generator, noise: torch.Generator) -> None:
        self._changes = [change for name, change in _CHANGES.items() if getattr(chosen, name)]
        self._strength = chosen.instance_noise
        self._deviation = self._strength
        self._pack = pack
        self._change_stream = changes
        self._noise_stream = noise

    def set_progress(self, share: float) -> None:
        """Sets the noise for a point of the training: 0 at its start, 1 at its end."""
        self._deviation = self._strength * max(1 - share, 0)

    def pack(self, images: Tensor) -> Tensor:
        """Images (N, C, H, W), augmented or not, to packs (N / pack, pack C, H, W)."""
        return images.reshape(-1, self._pack * images.shape[1], *images.shape[2:]) if self._pack > 1 else images

    def of_packs(self, packs: Tensor) -> Tensor:
        """Packs of images that are not augmented yet to D's inputs."""
        return self(packs.reshape(-1, packs.shape[1] // self._pack, *packs.shape[2:]))

    def __call__(self, images: Tensor) -> Tensor:
        """See the class."""
        for change in self._changes:
            images = change(images, self._change_stream)
        if self._strength:
            drawn = torch.randn(images.shape, generator=self._noise_stream, device=images.device)
            images = images + self._deviation * drawn
        return self.pack(images)
