"""What the players minimise: adversarial losses and gradient penalties, pure functions with one contract each."""

from dcgan.objectives.losses import LOSSES, Loss
from dcgan.objectives.penalties import PENALTIES, Penalty

__all__ = ["LOSSES", "PENALTIES", "Loss", "Penalty"]
