"""The digest of a state: equal for equal ones, and different for any other bit, type, shape or place."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from dcgan.common.hashing import digest


def _state(**changes: Any) -> dict[str, Any]:
    return {"weights": {"w": torch.arange(6, dtype=torch.float32).reshape(2, 3)}, "steps": [1, 2], **changes}


def test_neither_the_order_of_keys_nor_strides_nor_gradients_count() -> None:
    turned = {"steps": [1, 2], "weights": {"w": _state()["weights"]["w"].t().contiguous().t()}}
    assert not turned["weights"]["w"].is_contiguous()
    assert digest(turned) == digest(_state())
    assert digest({**turned, "weights": {"w": turned["weights"]["w"].requires_grad_()}}) == digest(_state())


@pytest.mark.parametrize(
    "changes",
    [
        {"weights": {"w": torch.arange(6, dtype=torch.float32).reshape(3, 2)}},
        {"weights": {"w": torch.arange(6, dtype=torch.float64).reshape(2, 3)}},
        {"weights": {"w": torch.arange(6, dtype=torch.float32).reshape(2, 3) * (1 + 2**-23)}},
        {"weights": {"v": torch.arange(6, dtype=torch.float32).reshape(2, 3)}},
        {"steps": [2, 1]},
        {"steps": [1, 2.0]},
        {"steps": [1, 2, 3]},
        {"steps": None},
        {"more": 0},
    ],
    ids=str,
)
def test_any_difference_is_another_digest(changes: dict[str, Any]) -> None:
    assert digest(_state(**changes)) != digest(_state())


def test_a_negative_zero_is_another_bit() -> None:
    assert digest(torch.tensor(0.0)) != digest(torch.tensor(-0.0))


def test_half_precision_has_a_digest_too() -> None:
    ones, twos = (torch.full((2,), value, dtype=torch.bfloat16) for value in (1.0, 2.0))
    assert digest(ones) == digest(ones.clone()) != digest(twos)
