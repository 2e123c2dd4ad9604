"""How a run is judged, who watches it, and the arithmetic that it uses."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dcgan.experiment.sections.section import Count, Positive, Section, Weight

# The classifier is trained here on the data's own labels; the others are published networks that torch-fidelity ships.
# `auto` is one of them, found when a run or a study is planned (`dcgan.runs.settling`): it is never recorded or hashed.
Extractor = Literal[
    "auto",
    "classifier",
    "inception",
    "vgg16",
    "dinov2-vit-s-14",
    "dinov2-vit-b-14",
    "dinov2-vit-l-14",
    "dinov2-vit-g-14",
    "clip-rn50",
    "clip-rn101",
    "clip-rn50x4",
    "clip-rn50x16",
    "clip-rn50x64",
    "clip-vit-b-32",
    "clip-vit-b-16",
    "clip-vit-l-14",
    "clip-vit-l-14-336px",
    "none",
]


class Score(Section):
    """How the generator is judged. Intermediate scores use the validation split, the final ones `split`."""

    extractor: Extractor = "classifier"
    split: Literal["test", "train"] = "test"
    samples: Annotated[int, Field(ge=2)] | None = None  # None: as many as the split has, at most 10,000
    repeats: Positive = 3  # draws of noise at the end, for the spread of FID; 1: none
    # 0: only at the end; else before the first epoch, too. Along a budget that was shortened `tracking.curve_points`
    # sees to it that there still is a curve.
    every_epochs: Count = 0


# Of whoever trains: never recorded, so that neither a plan nor a database says who watches another machine's runs.
WATCHERS = ("wandb", "project", "entity", "group")


class Tracking(Section):
    """Who watches. Nothing here can change a result."""

    wandb: Literal["auto", "online", "offline", "disabled"] = "auto"  # auto: as set in W&B, else online when logged in
    project: str | None = None  # None: as set in W&B, else the study, or the experiment of a run alone
    entity: str | None = None
    group: str | None = None
    tick_images: Positive = 2_000  # one row of metrics.csv per so many images
    checkpoint_seconds: Weight = 60.0
    grid: Annotated[int, Field(ge=1, le=400)] = 64  # images in a sample grid
    # Scores along the training, at least: evenly spread where `score.every_epochs` gives fewer. 0: those alone.
    curve_points: Count = 0


class Compute(Section):
    """The arithmetic. `device` and `threads` are not part of the id; `precision` is."""

    device: str = "auto"
    threads: Positive | None = None  # None: all cores, shared between the workers of a study
    precision: Literal["fp32", "bf16"] = "fp32"
