"""Density and coverage: whether generated images lie where real ones do, and whether they reach all of them.

Distances come from matrix products, a block at a time, so that memory stays flat; what such a product cannot tell for
sure, equal or nearly equal distances, is settled by the distance itself. A replayed image is thus at distance 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from dcgan.common.errors import DcganError
from dcgan.scoring.fid_infinity import usable_features

NEIGHBOUR = 5  # whose distance is an image's radius: the paper's choice
_BLOCK = 2**22  # numbers in a block of distances: 32 MiB
_ROUNDING = 1e-12  # of a squared distance by matrix product, relative to the features' squared lengths


@dataclass(frozen=True)
class DensityCoverage:
    """`density`: 0 or more, near 1 for real images; `coverage`: within 0 and 1."""

    density: float
    coverage: float


def density_coverage(generated: Tensor, real: Tensor, neighbour: int = NEIGHBOUR) -> DensityCoverage:
    """Density and coverage (Naeem et al. 2020, section 3) of features (m, d) against real ones (n, d).

    A real image's ball reaches to its k-th nearest other real image. Density is the mean number of balls that a
    generated image is in, over k; coverage the share of the balls with a generated image in them. A ball is open, as in
    the authors' program. Raises Misuse for no generated or fewer than k + 1 real images, DcganError for NaN.
    """
    generated = usable_features(generated, "density and coverage of the generated images", least=1)
    real = usable_features(real, f"density and coverage by neighbour {neighbour} of the real images", neighbour + 1)
    radii = nearest(real, None, neighbour)[:, -1]
    pairs, covered = 0, 0
    for rows, squares, margin in _squares(real, generated):
        limits = radii[rows].square()[:, None]
        inside = squares < limits
        row, column = torch.nonzero((squares - limits).abs() <= margin, as_tuple=True)
        for some in torch.split(torch.arange(len(row)), 1 + _BLOCK // real.shape[1]):
            exact = (real[rows][row[some]] - generated[column[some]]).norm(dim=1)
            inside[row[some], column[some]] = exact < radii[rows][row[some]]
        pairs += int(inside.sum())
        covered += int(inside.any(dim=1).sum())
    return DensityCoverage(pairs / (neighbour * len(generated)), covered / len(real))


def nearest(images: Tensor, others: Tensor | None, count: int) -> Tensor:
    """Distances (n, count) from features (n, d) to the nearest of others (m, d), rising; float64.

    Without `others` to the nearest of the images besides itself. Equal features are at distance 0 exactly.
    """
    distances = []
    for rows, squares, _ in _squares(images, images if others is None else others):
        if others is None:
            squares[torch.arange(len(squares)), torch.arange(rows.start, rows.start + len(squares))] = torch.inf
        chosen = squares.topk(count, dim=1, largest=False).indices
        pool = images if others is None else others
        for row, columns in zip(images[rows], chosen, strict=True):
            distances.append((pool[columns] - row).norm(dim=1).sort().values)
    return torch.stack(distances)


def _squares(images: Tensor, others: Tensor) -> Iterator[tuple[slice, Tensor, float]]:
    """Squared distances of some of the images to all others, with those images' rows and the error's bound."""
    if images.shape[1] != others.shape[1]:
        raise DcganError(f"{images.shape[1]} features against {others.shape[1]}: they are of different extractors")
    middle = others.mean(dim=0)  # the nearer to the middle, the smaller the rounding
    centred, opposite = images - middle, others - middle
    lengths, across = centred.square().sum(dim=1), opposite.square().sum(dim=1)
    margin = _ROUNDING * (lengths.max() + across.max()).item()
    step = max(1, _BLOCK // len(others))
    for start in range(0, len(images), step):
        rows = slice(start, start + step)
        yield rows, torch.addmm(lengths[rows, None] + across, centred[rows], opposite.T, alpha=-2), margin
