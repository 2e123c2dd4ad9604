"""Feature matching by hand."""

from __future__ import annotations

import torch

from dcgan.objectives import feature_matching


def test_feature_matching_by_hand() -> None:
    real = torch.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)  # means 2 and 3
    fake = torch.tensor([[0.0, 1.0], [2.0, 0.0], [4.0, 5.0]], requires_grad=True)  # means 2 and 2
    value = feature_matching(real, fake)
    assert value.item() == 1 / 2
    for_real, for_fake = torch.autograd.grad(value, (real, fake), allow_unused=True)
    assert for_real is None
    torch.testing.assert_close(for_fake, torch.tensor([[0.0, -1 / 3]]).expand(3, 2))


def test_feature_matching_weighs_as_much_whatever_the_number_of_features() -> None:
    real, fake = torch.randn(2, 6, 12, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    by_hand = sum((real[:, f].mean() - fake[:, f].mean()) ** 2 for f in range(12)) / 12
    torch.testing.assert_close(feature_matching(real.repeat(1, 5), fake.repeat(1, 5)), by_hand)
    torch.testing.assert_close(feature_matching(real, fake), by_hand)
