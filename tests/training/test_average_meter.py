"""Means since the last reading."""

from __future__ import annotations

import torch

from dcgan.training.average_meter import AverageMeter


def test_meter_means_and_fresh_starts() -> None:
    meter = AverageMeter(("a", "b"), torch.device("cpu"))
    meter.add(torch.tensor(1.0), torch.tensor(10.0))
    meter.add(torch.tensor(3.0), torch.tensor(float("nan")))
    means = meter.read()
    assert means["a"] == 2.0
    assert means["b"] != means["b"]
    meter.add(torch.tensor(5.0), torch.tensor(6.0))
    assert meter.read() == {"a": 5.0, "b": 6.0}
