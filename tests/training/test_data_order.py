"""The order of the images: the same however it is cut, and it goes on where it was."""

from __future__ import annotations

import pytest
import torch

from dcgan.common.rng import stream
from dcgan.training.data_order import DataOrder


@pytest.mark.parametrize("batch", [1, 3, 7, 10])
def test_the_order_is_the_same_however_it_is_cut(batch: int) -> None:
    order, whole = (DataOrder(10, stream(0, "data")) for _ in range(2))
    cut = torch.cat([order.next(batch) for _ in range(42)])
    full = torch.cat([whole.next(10) for _ in range(-(-42 * batch // 10))])
    assert torch.equal(cut, full[: len(cut)])
    for number in range(len(cut) // 10):
        assert sorted(cut[10 * number : 10 * number + 10].tolist()) == list(range(10))


def test_the_order_goes_on_where_it_was() -> None:
    order = DataOrder(10, stream(0, "data"))
    order.next(7)
    state = order.state_dict()
    expected = torch.cat([order.next(4) for _ in range(9)])
    other = DataOrder(10, stream(5, "data"))
    other.load_state_dict(state)
    assert torch.equal(torch.cat([other.next(4) for _ in range(9)]), expected)
