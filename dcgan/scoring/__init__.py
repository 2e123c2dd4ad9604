"""Scores of generated images under a protocol that is written down with them."""

from dcgan.scoring.scorer import Scorer

__all__ = ["Scorer"]
