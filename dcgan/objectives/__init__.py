"""What the players minimise: losses, penalties, smoothness and matched features, pure functions, a contract each."""

from dcgan.objectives.feature_matching import feature_matching
from dcgan.objectives.losses import LOSSES, Loss, build_loss
from dcgan.objectives.penalties import PENALTIES, Penalty
from dcgan.objectives.smoothness import build_smoothness

__all__ = ["LOSSES", "PENALTIES", "Loss", "Penalty", "build_loss", "build_smoothness", "feature_matching"]
