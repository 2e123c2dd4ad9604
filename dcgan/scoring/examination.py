"""All that is worth knowing of one generator at the end, beside the usual scores."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import torch
from torch import Tensor

from dcgan.errors import DcganError
from dcgan.scoring.coverage import density_coverage
from dcgan.scoring.features import Features
from dcgan.scoring.infinity import Reference, infinite_fid
from dcgan.scoring.memorisation import memorisation
from dcgan.scoring.metrics import statistics
from dcgan.scoring.modes import STACKED_MODES, modes, stacked_modes
from dcgan.scoring.stacked import digits
from dcgan.scoring.uncertainty import noise_floor, sampling_spread
from dcgan.streams import stream

_COPIES = 1000  # generated and held-out images among which copies of training images are sought
_SEED = 20260403  # of what is dealt at random here: the same for every generator


def examine(
    draws: Sequence[Features],
    even: Features,
    *,
    real: Features,
    others: Tensor,
    training: Features,
    held_out: Features,
    labels: Tensor | None,
) -> dict[str, float]:
    """See `Scorer.examine`. `others` are features of real images that `real` does not have, for the noise floor.

    A figure that these images cannot tell is left out: a trained run does not fail for it.
    """
    generated = draws[0]
    reference = Reference.of(statistics(real))
    count = len(generated["features"])
    found: dict[str, float] = {}
    with contextlib.suppress(DcganError):  # a handful of real images have no neighbourhoods
        near = density_coverage(generated["features"], real["features"])
        found |= {"density": near.density, "coverage": near.coverage}
    order = torch.randperm(len(held_out["features"]), generator=stream(_SEED, "copies"))  # data sets may be ordered
    some = held_out["features"][order[:_COPIES]]
    with contextlib.suppress(DcganError):  # too few, or the splits share images: nothing can be told
        copies = memorisation(generated["features"][:_COPIES], training["features"], some)
        found["memorisation"] = copies.share
    if labels is not None:
        classes = modes(generated["logits"], labels)
        found |= {"modes": float(classes.covered), "class_distance": classes.distance}
        if generated["logits"].shape[1] == STACKED_MODES:
            found["modes_kl"] = stacked_modes(digits(generated["logits"]))[1]
    if len(draws) > 1 and (spread := sampling_spread([draw["features"] for draw in draws], reference).sd) is not None:
        found["fid_sd"] = spread
    if len(others) >= count:
        found["fid_floor"] = noise_floor(others, count, reference, stream(_SEED, "floor")).mean
    if count > 2 * generated["features"].shape[1] + 1:
        endless = infinite_fid(even["features"], reference)
        found |= {"fid_infinity": endless.value, "fid_infinity_error": endless.error}
    return found
