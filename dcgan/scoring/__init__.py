"""Scores of generated images: FID, Inception Score, KID, precision and recall, by torch-fidelity."""

from dcgan.scoring.scorer import Scorer

__all__ = ["Scorer"]
