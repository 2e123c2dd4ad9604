"""What a run directory holds, as rows of one table: the curves, scores and sample grids by the images seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dcgan.common.errors import DcganError
from dcgan.common.json_text import UNEXPECTED
from dcgan.common.png import is_png
from dcgan.runs.directory import RunDirectory

IMAGES = "images"  # the axis of every curve
GRID = "samples"  # the sample grid, beside the numbers


@dataclass(frozen=True)
class Row:
    """All that was recorded after `images` images: columns of metrics.csv as they are, scores as `SPLIT/NAME`
    (`validation/fid`), and the grid of samples if one was drawn."""

    images: int
    values: Mapping[str, float] = field(default_factory=dict)
    grid: Path | None = None

    def and_(self, values: Mapping[str, float], grid: Path | None = None) -> Row:
        """The row with more of the same moment."""
        return Row(self.images, {**self.values, **values}, grid or self.grid)


def rows(directory: RunDirectory, *, since: int = 0, last: int | None = None) -> list[Row]:
    """The rows of a run from `since` images on, in order; each of metrics.csv, of scores.csv and every grid is in one.

    `last`: the images of a run that is over, where its final grid belongs.
    """
    found: dict[int, Row] = {}
    for images, values, grid in _parts(directory, last):
        if images >= since:
            found[images] = found.get(images, Row(images)).and_(values, grid)
    return [found[images] for images in sorted(found)]


def _parts(directory: RunDirectory, last: int | None) -> Iterator[tuple[int, dict[str, float], Path | None]]:
    for row in directory.rows("metrics"):
        yield _images(row, directory.path / "metrics.csv"), _numbers(row), None
    for row in directory.rows("scores"):
        yield _images(row, directory.path / "scores.csv"), scores(row["split"], _numbers(row)), None
    for grid in filter(is_png, directory.samples.glob("*.png")):
        if grid.stem.isdigit():
            yield int(grid.stem), {}, grid
        elif last is not None and grid.stem == "final":
            yield last, {}, grid


def scores(split: str, values: Mapping[str, float]) -> dict[str, float]:
    """Scores named after their split."""
    return {f"{split}/{name}": value for name, value in values.items()}


def _images(row: Mapping[str, str], file: Path) -> int:
    try:
        return int(float(row[IMAGES]))
    except UNEXPECTED:
        raise DcganError(f"{file} is damaged: a row without a number of {IMAGES}") from None


def _numbers(row: Mapping[str, str]) -> dict[str, float]:
    """The columns that are numbers but the axis; the others say how a score was taken and stand in run.json."""
    numbers = {}
    for name, text in row.items():
        try:
            numbers[name] = float(text)
        except (TypeError, ValueError):
            continue
    return {name: value for name, value in numbers.items() if name not in {IMAGES, GRID}}
