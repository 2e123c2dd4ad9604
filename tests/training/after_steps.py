"""A trainer after so many steps."""

from __future__ import annotations

from torch import Tensor

from dcgan.experiment import Experiment
from dcgan.training.trainer import Trainer


def after_steps(experiment: Experiment, images: Tensor, steps: int) -> Trainer:
    """Pre-trained, if the experiment asks for that, then trained."""
    trainer = Trainer(experiment, images)
    trainer.prepare(lambda: False)
    for _ in range(steps):
        trainer.step()
    return trainer
