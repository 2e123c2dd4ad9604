import math

import numpy as np
import pytest
import torch
from scipy.spatial.distance import jensenshannon

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.rng import stream
from dcgan.scoring.modes import jensen_shannon, modes, stacked_modes


def _logits(classes: list[int], count: int) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.tensor(classes), count) * 3.0 - 1.0


def test_modes_are_the_classes_with_an_image():
    found = modes(_logits([0, 0, 0, 2], 4), torch.tensor([0, 1, 2, 3]))
    assert (found.covered, found.classes) == (2, 4)
    assert found.generated == (0.75, 0.0, 0.25, 0.0)
    assert found.real == (0.25, 0.25, 0.25, 0.25)
    assert found.distance == pytest.approx(jensenshannon(found.generated, found.real, base=2), rel=1e-12)


def test_probabilities_and_logits_give_the_same():
    logits = torch.randn(100, 5, generator=stream(0, "logits"))
    labels = torch.randint(5, (80,), generator=stream(0, "labels"))
    assert modes(logits, labels) == modes(logits.softmax(dim=1), labels)


def test_distance_is_a_bounded_metric_in_base_2():
    one, two = torch.rand(2, 10, generator=stream(0, "shares"), dtype=torch.float64)
    one, two = one / one.sum(), two / two.sum()
    assert jensen_shannon(one, two) == pytest.approx(jensenshannon(one, two, base=2), rel=1e-12)
    assert jensen_shannon(one, two) == jensen_shannon(two, one)
    assert jensen_shannon(one, one) == 0.0
    assert jensen_shannon(torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])) == 1.0


def test_floor_is_what_chance_alone_comes_to():
    chance = np.random.default_rng(0)
    shares = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    squares = []
    for _ in range(400):
        generated, real = (chance.choice(5, size, p=shares) for size in (500, 800))
        found = modes(_logits(generated.tolist(), 5), torch.from_numpy(real))
        squares.append(found.distance**2)
    assert found.floor == pytest.approx(math.sqrt(np.mean(squares)), rel=0.06)


def test_what_cannot_be_counted_is_one_line():
    logits, labels = _logits([0, 1], 2), torch.tensor([0, 1])
    with pytest.raises(Misuse, match=r"^modes: logits \(0, 2\) and 2 labels, expected at least one of each$"):
        modes(logits[:0], labels)
    with pytest.raises(Misuse, match=r"^modes: logits \(2, 2\) and 0 labels"):
        modes(logits, labels[:0])
    with pytest.raises(DcganError, match="^modes: the classifier's logits hold NaN$"):
        modes(logits * math.nan, labels)
    with pytest.raises(DcganError, match="^modes: classes from 0 to 2, expected 0 to 1$"):
        modes(logits, torch.tensor([0, 2]))


def test_stacked_modes_at_their_ends():
    every = torch.cartesian_prod(*[torch.arange(10)] * 3)
    assert stacked_modes(every.repeat(2, 1)) == (1000, pytest.approx(0.0, abs=1e-12))
    assert stacked_modes(torch.tensor([[3, 1, 4]] * 7)) == (1, pytest.approx(math.log(1000), rel=1e-12))
    half = every[every[:, 2] < 5]
    assert stacked_modes(half) == (500, pytest.approx(math.log(2), rel=1e-12))
    assert stacked_modes(half[:, [2, 0, 1]]) == (500, pytest.approx(math.log(2), rel=1e-12))
    # 3/4 on one mode, 1/4 on another: three digits are told apart by their places.
    uneven = torch.tensor([[1, 2, 3]] * 3 + [[3, 2, 1]])
    expected = 0.75 * math.log(750) + 0.25 * math.log(250)
    assert stacked_modes(uneven) == (2, pytest.approx(expected, rel=1e-12))


def test_real_triples_cover_all_modes_at_0_019_nats():
    digits = torch.randint(10, (26_000, 3), generator=stream(0, "triples"), dtype=torch.uint8)
    covered, divergence = stacked_modes(digits)
    assert covered == 1000
    assert divergence == pytest.approx(999 / 52_000, abs=0.002)


def test_stacked_modes_refuse_what_is_not_three_digits():
    with pytest.raises(DcganError, match=r"expected integers \(n, 3\)$"):
        stacked_modes(torch.zeros(4, 2, dtype=torch.int64))
    with pytest.raises(DcganError, match=r"expected integers \(n, 3\)$"):
        stacked_modes(torch.zeros(4, 3))
    with pytest.raises(DcganError, match="^stacked modes: digits from 0 to 10, expected 0 to 9$"):
        stacked_modes(torch.tensor([[0, 1, 10]]))
    with pytest.raises(Misuse, match="^stacked modes: no images to count$"):
        stacked_modes(torch.zeros(0, 3, dtype=torch.int64))
