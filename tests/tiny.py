"""The smallest experiment that trains and scores, and what takes all trials of a queue without training any."""

from __future__ import annotations

from dcgan.queue import Queue
from dcgan.study.outcomes import Outcome

TINY = {
    "data": {"name": "digits", "size": 16},
    "latent": {"dim": 8},
    "generator": {"width": 8},
    "discriminator": {"width": 8},
    "update": {"batch": 10},  # bare multiplies it by ten
    "budget": {"epochs": 2, "images_per_epoch": 100},
    "tracking": {"wandb": "disabled"},
    "compute": {"device": "cpu", "threads": 1},
}
CURVED = {**TINY, "score": {"every_epochs": 1}}


def drain(queue: Queue, outcome: Outcome) -> list[tuple[str, int]]:
    """Settles each trial that there is with that outcome; returns their arms and seeds in the order they came."""
    cells = []
    while True:
        with queue.claim() as claim:
            if claim is None:
                return cells
            cells.append((claim.trial.arm, claim.trial.seed))
            queue.settle(claim, outcome)
