"""The usual scores from features, by torch-fidelity's own functions: what its command prints for the same images."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric
from torch_fidelity.metric_isc import isc_features_to_metric
from torch_fidelity.metric_kid import kid_features_to_metric
from torch_fidelity.metric_prc import prc_features_to_metric

from dcgan.common.errors import DcganError
from dcgan.scoring.features import Features

Statistics = dict[str, np.ndarray[Any, Any]]  # `mu` (d) and `sigma` (d, d) of features
_BLOCK = 10_000_000  # distances held at once for precision and recall: 76 MiB, from 10,000 images on


def settings(count: int) -> dict[str, int]:
    """torch-fidelity's settings for `count` images a side; those below its usual minimum get what they allow.

    KID: 100 subsets of 1,000, or once over all images if there are no more (it is unbiased at any size). Inception
    Score: ten splits from 5,000 images on, otherwise one. Precision and recall: the third neighbour.
    """
    return {
        "isc_splits": 10 if count >= 5000 else 1,
        "kid_subsets": 100 if count > 1000 else 1,
        "kid_subset_size": min(1000, count),
        "prc_neighborhood": min(3, count - 1),
    }


def statistics(features: Features) -> Statistics:
    """Mean and covariance of the features that FID is taken on."""
    moments: Statistics = fid_features_to_statistics(features["features"])
    return moments


def fid(generated: Statistics, real: Statistics) -> float:
    """|mu - mu'|^2 + tr(S + S' - 2 (S S')^(1/2)) (Heusel et al. 2017, equation 6). 0 for equal statistics.

    Raises DcganError where it is not a finite number.
    """
    try:
        distance = float(fid_statistics_to_metric(generated, real, verbose=False)["frechet_inception_distance"])
    except np.linalg.LinAlgError as error:
        raise DcganError(f"the features cannot be scored: {error}") from error
    return distance


def measure(generated: Features, real: Features) -> dict[str, float]:
    """fid, isc (with logits only), kid, precision, recall of as many generated as real images.

    Raises DcganError for a score that is not finite.
    """
    chosen = settings(len(real["features"]))
    kid = kid_features_to_metric(
        generated["unit_features"],
        real["unit_features"],
        kid_subsets=chosen["kid_subsets"],
        kid_subset_size=chosen["kid_subset_size"],
        verbose=False,
    )
    near = prc_features_to_metric(
        generated["features"],
        real["features"],
        prc_neighborhood=chosen["prc_neighborhood"],
        save_cpu_ram=True,  # in parts: torch-fidelity's whole matrix of distances needs the square of the images
        prc_batch_size=max(1, min(1000, _BLOCK // len(real["features"]))),
        verbose=False,
    )
    scores = {"fid": fid(statistics(generated), statistics(real))}
    if "logits" in generated:
        scores["isc"] = isc_features_to_metric(generated["logits"], chosen["isc_splits"])["inception_score_mean"]
    scores["kid"] = kid["kernel_inception_distance_mean"]
    scores |= {"precision": near["precision"], "recall": near["recall"]}
    return {name: _finite(name, value) for name, value in scores.items()}


def _finite(name: str, value: float) -> float:
    if not np.isfinite(value):
        raise DcganError(f"{name} is {value}: the extractor's features cannot be scored")
    return float(value)
