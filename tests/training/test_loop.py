"""The loop around the step: what happens in which order, and how it ends before its budget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from dcgan.common.errors import Interrupted
from dcgan.experiment import Experiment
from dcgan.training.events import Event, Ticked
from dcgan.training.loop import Diverged, Pruned, train
from dcgan.training.trainer import Trainer


class Counting:
    """In place of a trainer: batches of 20 to the end of 200 images; what it reads is how far it is."""

    def __init__(self, calls: list[str], trouble_at: int = 10**9) -> None:
        self.seen = 0
        self.calls = calls
        self.trouble_at = trouble_at

    @property
    def done(self) -> bool:
        return self.seen >= 200

    def step(self) -> None:
        self.seen += 20
        self.calls.append("step")

    def read(self) -> dict[str, float]:
        return {"images": self.seen}

    def divergence(self, row: dict[str, float]) -> str | None:
        return f"nan after {self.seen} images" if row["images"] >= self.trouble_at else None


@pytest.fixture
def trained(tiny: Experiment) -> Callable[..., list[str]]:
    """The calls of a training of the tiny experiment (a tick each 60 images, an epoch is 50) with these settings."""

    def run(trouble_at: int = 10**9, stop_after: int = 99, prune_after: int = 99, **changes: Any) -> list[str]:
        calls: list[str] = []

        def observe(event: Event) -> None:
            assert isinstance(event, Ticked)
            calls.append(f"tick {event.row['images']}")

        experiment = tiny.with_({key.replace("__", "."): value for key, value in changes.items()})
        try:
            train(
                experiment,
                cast(Trainer, Counting(calls, trouble_at)),
                observe=observe,
                score=lambda: calls.append("score"),
                checkpoint=lambda: calls.append("checkpoint"),
                stop=lambda: calls.count("step") >= stop_after,
                prune=lambda: "too far behind" if calls.count("step") >= prune_after else None,
            )
        except (Interrupted, Diverged, Pruned) as end:
            calls.append(f"{type(end).__name__}: {end}")
        return calls

    return run


def test_a_tick_comes_with_its_images_and_at_the_end(trained: Callable[..., list[str]]) -> None:
    calls = trained()
    assert calls.count("step") == 10
    assert [call for call in calls if call.startswith("tick")] == ["tick 60", "tick 120", "tick 180", "tick 200"]
    assert calls[-2:] == ["step", "tick 200"]


def test_scores_come_with_their_epochs_after_the_tick_and_not_at_the_end(trained: Callable[..., list[str]]) -> None:
    calls = trained(score__every_epochs=1)
    assert calls.count("score") == 3, "the score after the last of four epochs is the run's own"
    assert calls[:5] == ["step", "step", "step", "tick 60", "score"]
    assert "score" not in trained(score__every_epochs=0)


def test_a_checkpoint_comes_after_what_the_step_made_due(trained: Callable[..., list[str]]) -> None:
    calls = trained(score__every_epochs=1, tracking__checkpoint_seconds=1e-9)
    assert calls.count("checkpoint") == 10
    assert calls[4:8] == ["step", "tick 60", "score", "checkpoint"]
    assert "checkpoint" not in trained(tracking__checkpoint_seconds=1000)


def test_asked_to_stop_it_writes_a_checkpoint_first(trained: Callable[..., list[str]]) -> None:
    calls = trained(stop_after=2, prune_after=2)
    assert calls == [
        "step",
        "step",
        "checkpoint",
        "Interrupted: interrupted after 40 images; the same command goes on from there",
    ]


def test_a_reason_to_prune_ends_it_without_a_checkpoint(trained: Callable[..., list[str]]) -> None:
    assert trained(prune_after=1) == ["step", "Pruned: too far behind"]


def test_what_diverged_is_told_first_and_neither_scored_nor_kept(trained: Callable[..., list[str]]) -> None:
    calls = trained(trouble_at=60, score__every_epochs=1, tracking__checkpoint_seconds=1000)
    assert calls == ["step", "step", "step", "tick 60", "Diverged: nan after 60 images"]
