"""The smallest experiment that trains and scores, and what takes all trials of a queue without training any."""

from __future__ import annotations

from typing import Any

from dcgan.queue import Queue
from dcgan.records.protocol import RECIPE, Protocol
from dcgan.records.run_record import RunRecord
from dcgan.study.plan import Trial

TINY = {
    "data": {"name": "digits", "size": 16},
    "latent": {"dim": 8},
    "generator": {"width": 8},
    "discriminator": {"width": 8},
    "update": {"batch": 10},  # bare multiplies it by ten
    "budget": {"epochs": 2, "images_per_epoch": 100},
    "score": {"every_epochs": 0},  # said, so that no curve is drawn along so little
    "compute": {"device": "cpu", "threads": 1},
}
PROTOCOL = Protocol(
    recipe=RECIPE,
    extractor="classifier",
    extractor_hash="0123456789abcdef",
    extractor_training="seed 0, 2 epochs",
    extractor_accuracy=0.99,
    precision="float64",
    data="digits",
    data_fingerprint="fedcba9876543210",
    size=16,
    channels=1,
    resize="none",
    split="test",
    real=360,
    generated=360,
    training=1000,
    selection_seed=1,
    noise="generator",
    noise_seed=0,
    weights="raw",
    isc_splits=1,
    kid_subsets=1,
    kid_subset_size=360,
    prc_neighborhood=3,
    torch_fidelity="0.4.0",
)
CURVED = {**TINY, "score": {"every_epochs": 1}}


def record(trial: Trial | None = None, **values: Any) -> RunRecord:
    """A run's record, by default a finished one with a score; `trial`: its id and seed."""
    of = {"id": trial.run, "seed": trial.seed} if trial else {"id": "0" * 12}
    usual = {"status": "finished", "attempts": 1, "seconds": 2.0, "images": 200}
    return RunRecord(**{**of, **usual, **values})


def drain(queue: Queue, outcome: RunRecord) -> list[tuple[str, int]]:
    """Settles each trial that there is with that outcome; returns their arms and seeds in the order they came."""
    cells = []
    while True:
        with queue.claim() as claim:
            if claim is None:
                return cells
            cells.append((claim.trial.arm, claim.trial.seed))
            queue.settle(claim, outcome)
