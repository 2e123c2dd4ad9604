"""The queue of a study: an Optuna study whose trials are each trained once, whoever dies when."""

from __future__ import annotations

from dcgan.study.queue.claim import Claim
from dcgan.study.queue.queue import Queue

__all__ = ["Claim", "Queue"]
