"""All that is worth knowing of one generator at the end, beside the usual scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from dcgan.common.errors import DcganError
from dcgan.common.rng import stream
from dcgan.scoring.coverage import density_coverage
from dcgan.scoring.features import Features
from dcgan.scoring.fid_infinity import FidReference, infinite_fid
from dcgan.scoring.fidelity import statistics
from dcgan.scoring.memorisation import memorisation
from dcgan.scoring.modes import STACKED_MODES, modes, stacked_modes
from dcgan.scoring.stacked_mnist_classifier import digits
from dcgan.scoring.uncertainty import sampling_spread

COPIES = 1000  # generated and held-out images among which copies of training images are sought
_SEED = 20260403  # of what is dealt at random here: the same for every generator


@dataclass
class FinalScores:
    """`scores`: numbers to compare or to judge others by; `details`: what is behind them; `left_out`: why a figure is
    not among them."""

    scores: dict[str, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def examine(
    draws: Sequence[Features],
    even: Tensor,
    *,
    real: Features,
    training: Tensor,
    held_out: Tensor,
    labels: Tensor | None,
) -> FinalScores:
    """See `Scorer.examine`. A figure that these images cannot tell is left out: a trained run does not fail for it."""
    result = FinalScores()
    generated = draws[0]
    reference = FidReference.of(statistics(real))
    order = torch.randperm(len(held_out), generator=stream(_SEED, "copies"))  # data sets may be ordered
    some = held_out[order[:COPIES]]
    _add(result, "density", lambda: _neighbours(generated["features"], real["features"]))
    _add(result, "memorisation", lambda: _copies(generated["features"][:COPIES], training, some))
    _add(result, "fid_infinity", lambda: _endless(even, reference))
    if labels is not None:
        _add(result, "modes", lambda: _classes(generated["logits"], labels))
    if len(draws) > 1:
        _add(result, "fid_sd", lambda: _spread([draw["features"] for draw in draws], reference))
    return result


_Part = tuple[dict[str, float], dict[str, Any]]  # scores and details


def _add(result: FinalScores, name: str, part: Callable[[], _Part]) -> None:
    """Puts a part's figures in, or under its name why there are none."""
    try:
        scores, details = part()
    except DcganError as error:
        result.left_out[name] = str(error)
        return
    if not_finite := [key for key, value in scores.items() if not math.isfinite(value)]:
        result.left_out[name] = f"{not_finite[0]} is {scores[not_finite[0]]}"
        return
    result.scores |= scores
    result.details |= {name: details} if details else {}


def _neighbours(generated: Tensor, real: Tensor) -> _Part:
    near = density_coverage(generated, real)
    return {"density": near.density, "coverage": near.coverage}, {}


def _copies(generated: Tensor, training: Tensor, held_out: Tensor) -> _Part:
    copies = memorisation(generated, training, held_out)
    details = {"interval": list(copies.interval), "flagged": copies.flagged, "training_images": len(training)}
    return {"memorisation": copies.share}, details


def _endless(even: Tensor, reference: FidReference) -> _Part:
    endless = infinite_fid(even, reference)
    details = {"fid_by_images": {str(count): fid for count, fid in endless.curve.items()}}
    return {"fid_infinity": endless.value, "fid_infinity_error": endless.error}, details


def _classes(logits: Tensor, labels: Tensor) -> _Part:
    classes = modes(logits, labels)
    scores = {"modes": float(classes.covered), "class_distance": classes.distance}
    if logits.shape[1] == STACKED_MODES:
        scores["modes_kl"] = stacked_modes(digits(logits))[1]
    shares = {"generated": [round(share, 6) for share in classes.generated]}
    shares["real"] = [round(share, 6) for share in classes.real]
    return scores, {"of": classes.classes, "shares": shares, "class_distance_floor": classes.floor}


def _spread(draws: Sequence[Tensor], reference: FidReference) -> _Part:
    repeated = sampling_spread(draws, reference)
    if repeated.sd is None or repeated.interval is None:
        return {}, {}
    return {"fid_sd": repeated.sd}, {"fids": list(repeated.fids), "interval": list(repeated.interval)}
