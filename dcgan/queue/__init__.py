"""The queue of a study: an Optuna study whose trials are each trained once, whoever dies when."""

from __future__ import annotations

from collections.abc import Callable

from dcgan.queue.claim import Claim, TrialSource
from dcgan.queue.plan_queue import Queue
from dcgan.queue.search_queue import SearchQueue
from dcgan.study.plan import Plan

__all__ = ["Claim", "Queue", "queue_of"]


def queue_of(plan: Plan, url: str | None, stop: Callable[[], bool]) -> TrialSource:
    """Where the workers of that plan get their trials. Raises as the queue that it is."""
    return SearchQueue(plan, url, stop=stop) if plan.design.grows else Queue(plan, url, stop=stop)
