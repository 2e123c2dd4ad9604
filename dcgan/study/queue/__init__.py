"""The queue of a study: an Optuna study whose trials are each trained once, whoever dies when."""

from __future__ import annotations

from dcgan.study.queue.queue import Claim, Queue

__all__ = ["Claim", "Queue"]
