"""Regularisers that come every so many steps."""

from __future__ import annotations

import torch
from torch import Tensor

from dcgan.common.rng import stream
from dcgan.experiment import Experiment
from dcgan.training.lazy_regulariser import LazyRegulariser
from dcgan.training.trainer import Trainer


def test_a_lazy_regulariser_weighs_as_much_as_it_is_rare() -> None:
    term = LazyRegulariser(lambda *_: torch.tensor(1.0), weight=2.0, every=3, generator=stream(0, "x"))
    due = []
    for _ in range(7):
        due.append(term.due)
        term.count_step()
    assert due == [True, False, False, True, False, False, True]
    assert term.weight == 6.0
    other = LazyRegulariser(lambda *_: torch.tensor(1.0), weight=2.0, every=3, generator=stream(0, "x"))
    other.load_state_dict(term.state_dict())
    assert not other.due


def test_a_lazy_penalty_comes_at_its_interval_with_its_weight(tiny: Experiment, drawn_images: Tensor) -> None:
    lazy = tiny.with_({"objective.penalty.kind": "r1", "objective.penalty.weight": 1.0, "objective.penalty.every": 2})
    heavy = lazy.with_({"objective.penalty.every": 1, "objective.penalty.weight": 2.0})
    trainers = [Trainer(each, drawn_images) for each in (lazy, heavy)]
    for trainer in trainers:
        trainer.step()
    rows = [trainer.read() for trainer in trainers]
    assert rows[0]["grad_d"] == rows[1]["grad_d"]
    assert rows[0]["penalty"] == rows[1]["penalty"] > 0
    for trainer in trainers:
        trainer.step()
    rows = [trainer.read() for trainer in trainers]
    assert rows[0]["penalty"] == 0 < rows[1]["penalty"]
