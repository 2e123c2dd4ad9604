"""The parts of the trainer, each against its closed form."""

from __future__ import annotations

import pytest
import torch

from dcgan.data import normalise, to_uint8
from dcgan.sections import Latent, PlayerOptimizer, Schedule
from dcgan.streams import stream
from dcgan.training.meter import Meter
from dcgan.training.optimizers import build_optimizer, rate_multiplier
from dcgan.training.order import DataOrder
from dcgan.training.players import draw_noise
from dcgan.training.replay import Replay
from dcgan.training.sampling import walk


def test_streams_are_equal_by_purpose_and_differ_otherwise() -> None:
    def draw(*purpose: str, seed: int = 0) -> list[float]:
        return torch.rand(4, generator=stream(seed, *purpose)).tolist()

    assert draw("noise") == draw("noise")
    drawn = [draw("noise"), draw("data"), draw("noise", seed=1), draw("init", "generator"), draw("init/generator", "x")]
    assert len({tuple(numbers) for numbers in drawn}) == len(drawn)


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


def test_replay_mixes_its_share_of_earlier_images() -> None:
    replay = Replay(share=0.5, capacity=12, shape=(1, 2, 2), generator=stream(0, "replay"))
    batches = [normalise(torch.full((8, 1, 2, 2), value, dtype=torch.uint8)) for value in range(10)]
    seen_late = set()
    for number, fake in enumerate(batches):
        mixed = to_uint8(replay.mix(fake))
        assert mixed.shape == fake.shape
        assert (mixed[4:] == number).all()  # the current half is untouched
        assert number == 0 or (mixed[:4] < number).all()  # the history is of earlier ones
        if number > 5:
            seen_late |= set(mixed[:4].flatten().tolist())
    assert min(seen_late) < 5  # it remembers longer than a batch


def test_replay_goes_on_where_it_was() -> None:
    first, second = (Replay(share=0.5, capacity=6, shape=(1, 2, 2), generator=stream(0, "replay")) for _ in range(2))
    fakes = torch.rand(9, 4, 1, 2, 2, generator=stream(0, "test")) * 2 - 1
    for fake in fakes[:5]:
        first.mix(fake)
    second.load_state_dict({**first.state_dict(), "images": first.state_dict()["images"].clone()})
    for fake in fakes[5:]:
        assert torch.equal(first.mix(fake), second.mix(fake))


def test_meter_means_and_fresh_starts() -> None:
    meter = Meter(("a", "b"), torch.device("cpu"))
    meter.add(torch.tensor(1.0), torch.tensor(10.0))
    meter.add(torch.tensor(3.0), torch.tensor(float("nan")))
    means = meter.read()
    assert means["a"] == 2.0
    assert means["b"] != means["b"]
    meter.add(torch.tensor(5.0), torch.tensor(6.0))
    assert meter.read() == {"a": 5.0, "b": 6.0}


def test_step_decay_is_its_closed_form() -> None:
    schedule = Schedule(kind="step", every_epochs=3, factor=0.5)
    assert [rate_multiplier(schedule, epoch) for epoch in range(8)] == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert rate_multiplier(Schedule(kind="constant"), 99) == 1


@pytest.mark.parametrize(
    ("kind", "update"),
    [("sgd", 0.1 * 0.25), ("rmsprop", 0.1 / 0.01**0.5), ("adam", 0.1), ("adamw", 0.1)],
)
def test_optimizers_take_their_first_step(kind: str, update: float) -> None:
    """One step from 0 on gradient 0.25: lr g; lr g / sqrt((1 - alpha) g^2); lr for Adam, whose ratio is one."""
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    weight.grad = torch.full_like(weight, 0.25)
    chosen = PlayerOptimizer.model_validate({"kind": kind, "lr": 0.1})
    build_optimizer(chosen, [weight]).step()
    assert weight.item() == pytest.approx(-update, rel=1e-6)


def test_noise_distributions() -> None:
    normal = draw_noise(Latent(dim=50), 2000, stream(0, "noise"))
    assert normal.mean().item() == pytest.approx(0, abs=0.02)
    assert normal.std().item() == pytest.approx(1, abs=0.02)
    uniform = draw_noise(Latent(dim=50, distribution="uniform"), 2000, stream(0, "noise"))
    assert uniform.abs().max() <= 1
    assert uniform.std().item() == pytest.approx(3**-0.5, abs=0.02)


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
def test_walks_pass_through_their_ends_at_the_usual_length(distribution: str) -> None:
    latent = Latent.model_validate({"dim": 200, "distribution": distribution})
    path = walk(latent, 20, 8, stream(0, "walk"))
    ends = draw_noise(latent, 4, stream(0, "walk"))
    assert path.shape == (20, 200)
    torch.testing.assert_close(path[[0, 8, 16]], ends[:3], rtol=1e-4, atol=1e-5)
    if distribution == "normal":
        lengths = path.norm(dim=1)
        assert lengths.min() > 0.9 * ends.norm(dim=1).min()


def test_pixels_survive_the_round_trip() -> None:
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(to_uint8(normalise(every)), every)
    assert normalise(every).min() == -1
    assert normalise(every).max() == 1
