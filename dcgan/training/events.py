"""What the training of a run tells those who watch it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dcgan.experiment import Experiment
from dcgan.records.protocol import Protocol
from dcgan.records.run_record import RunRecord


@dataclass(frozen=True)
class Started:
    """Training begins, or goes on after `images` images."""

    experiment: Experiment
    directory: Path
    images: int
    total_images: int


@dataclass(frozen=True)
class Ticked:
    """A row of metrics.csv: means over the steps since the row before. `row["images"]` is the images seen."""

    row: Mapping[str, float]


@dataclass(frozen=True)
class Scored:
    """A row of scores.csv after `images` images, with the protocol that it was taken under."""

    images: int
    split: str
    scores: Mapping[str, float]
    protocol: Protocol


@dataclass(frozen=True)
class Sampled:
    """A grid of images from the run's fixed noise, written to `path`."""

    images: int
    path: Path


@dataclass(frozen=True)
class Ended:
    """The run is over for now: `record` is run.json, its status says how."""

    record: RunRecord


Event = Started | Ticked | Scored | Sampled | Ended
Observer = Callable[[Event], None]
