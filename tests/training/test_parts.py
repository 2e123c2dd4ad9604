"""The parts of the trainer, each against its closed form."""

from __future__ import annotations

import pytest
import torch

from dcgan.common.rng import stream
from dcgan.data import normalise, to_uint8
from dcgan.experiment.sections import Augment, Budget, Latent, PlayerOptimizer, Schedule
from dcgan.training.average_meter import AverageMeter
from dcgan.training.data_order import DataOrder
from dcgan.training.discriminator_input import DiscriminatorInput
from dcgan.training.latent import draw_noise
from dcgan.training.lazy_regulariser import LazyRegulariser
from dcgan.training.optimizers import build_optimizer, rate_multiplier
from dcgan.training.replay_buffer import ReplayBuffer
from dcgan.training.sampling import walk
from dcgan.training.weight_average import WeightAverage


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
    replay = ReplayBuffer(share=0.5, capacity=12, shape=(1, 2, 2), generator=stream(0, "replay"))
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
    first, second = (
        ReplayBuffer(share=0.5, capacity=6, shape=(1, 2, 2), generator=stream(0, "replay")) for _ in range(2)
    )
    fakes = torch.rand(9, 4, 1, 2, 2, generator=stream(0, "test")) * 2 - 1
    for fake in fakes[:5]:
        first.mix(fake)
    second.load_state_dict({**first.state_dict(), "images": first.state_dict()["images"].clone()})
    for fake in fakes[5:]:
        assert torch.equal(first.mix(fake), second.mix(fake))


def test_meter_means_and_fresh_starts() -> None:
    meter = AverageMeter(("a", "b"), torch.device("cpu"))
    meter.add(torch.tensor(1.0), torch.tensor(10.0))
    meter.add(torch.tensor(3.0), torch.tensor(float("nan")))
    means = meter.read()
    assert means["a"] == 2.0
    assert means["b"] != means["b"]
    meter.add(torch.tensor(5.0), torch.tensor(6.0))
    assert meter.read() == {"a": 5.0, "b": 6.0}


def _rates(schedule: Schedule, seen: list[int]) -> list[float]:
    """Over 8 epochs of 100 images in batches of 50."""
    return [rate_multiplier(schedule, Budget(epochs=8, images_per_epoch=100), at, 50) for at in seen]


def test_schedules_are_their_closed_forms() -> None:
    epochs = [100 * epoch for epoch in range(8)]
    assert _rates(Schedule(kind="constant"), epochs) == [1] * 8
    step = Schedule(kind="step", every_epochs=3, factor=0.5)
    assert _rates(step, epochs) == [1, 1, 1, 0.5, 0.5, 0.5, 0.25, 0.25]
    assert _rates(step, [299, 300, 850]) == [1, 0.5, 0.25]  # within an epoch nothing changes; the last one lasts
    smooth = Schedule(kind="exponential", every_epochs=2, factor=0.25)
    assert _rates(smooth, [0, 50, 100, 200, 400]) == pytest.approx([1, 0.25**0.25, 0.5, 0.25, 0.0625])
    assert _rates(Schedule(kind="linear"), [0, 200, 600, 750, 850]) == pytest.approx([1, 0.75, 0.25, 0.0625, 0])
    cosine = _rates(Schedule(kind="cosine"), [0, 200, 400, 600, 800])
    assert cosine == pytest.approx([1, (1 + 0.5**0.5) / 2, 0.5, (1 - 0.5**0.5) / 2, 0])


@pytest.mark.parametrize("kind", ["constant", "step", "exponential", "linear", "cosine"])
def test_warm_up_rises_to_the_schedule(kind: str) -> None:
    plain = Schedule.model_validate({"kind": kind, "every_epochs": 3})
    warm = plain.model_copy(update={"warmup_epochs": 1.5})
    seen = [0, 50, 100, 150, 300]
    shares = [rate / usual for rate, usual in zip(_rates(warm, seen), _rates(plain, seen), strict=True)]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1, 1, 1])


def test_an_average_is_its_closed_form() -> None:
    """w <- d w + (1 - d) w' with the ramp's d: a twentieth of the images so far, and at most the half-life."""
    network = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False), torch.nn.BatchNorm1d(1)).double()
    weight, norm = network[0].weight, network[1]
    torch.nn.init.constant_(weight, 8.0)
    average = WeightAverage(network, half_life=30, images=10)
    values = [1.0, -2.0, 5.0]
    for value in values:
        torch.nn.init.constant_(weight, value)
        norm.running_mean.fill_(value)
        norm.num_batches_tracked.add_(1)
        average.update(network)
    first, second = 0.5 ** (10 / (0.05 * 10)), 0.5 ** (10 / (0.05 * 20))
    followed = second * (first * 1.0 + (1 - first) * -2.0) + (1 - second) * 5.0  # the first step copies
    assert average.network[0].weight.item() == pytest.approx(followed, rel=1e-12)
    assert average.network[1].running_mean.item() == pytest.approx(followed, rel=1e-12)
    assert average.network[1].num_batches_tracked.item() == 3
    assert weight.item() == 5.0
    assert not average.network[0].weight.requires_grad


def test_an_average_reaches_its_half_life() -> None:
    network = torch.nn.Linear(1, 1, bias=False).double()
    torch.nn.init.constant_(network.weight, 0.0)
    average = WeightAverage(network, half_life=30, images=10)
    for _ in range(60):  # 0.05 x 600 images are 30
        average.update(network)
    torch.nn.init.constant_(network.weight, 1.0)
    for _ in range(3):
        average.update(network)
    assert average.network.weight.item() == pytest.approx(0.5, rel=1e-12)


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


def _input(pack: int = 1, **chosen: object) -> DiscriminatorInput:
    return DiscriminatorInput(
        Augment.model_validate(chosen), pack, changes=stream(0, "augment"), noise=stream(0, "instance_noise")
    )


def test_d_sees_images_as_they_are_unless_told() -> None:
    images = torch.rand(4, 3, 16, 16)
    assert _input()(images) is images


def test_instance_noise_fades_to_nothing() -> None:
    d_input, images = _input(instance_noise=0.5), torch.zeros(20, 1, 16, 16)
    deviations = []
    for share in (0.0, 0.5, 1.0, 1.01):
        d_input.set_progress(share)
        deviations.append(d_input(images).std().item())
    assert deviations == pytest.approx([0.5, 0.25, 0, 0], rel=0.05)


def test_a_pack_holds_images_that_follow_each_other() -> None:
    images = torch.arange(6.0).reshape(6, 1, 1, 1).expand(6, 2, 3, 3)
    packs = _input(pack=3)(images)
    assert packs.shape == (2, 6, 3, 3)
    assert packs[:, ::2, 0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert packs[:, 1::2, 0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_augmentation_is_differentiable_and_its_chance_its_own() -> None:
    images = torch.rand(8, 3, 16, 16).requires_grad_()
    seen = _input(translation=True, cutout=True)(images)
    seen.sum().backward()  # type: ignore[no-untyped-call]
    assert images.grad is not None
    assert 0 < (images.grad != 0).double().mean() < 1  # cut out or moved away: no gradient there
    assert torch.equal(seen, _input(translation=True, cutout=True)(images))


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


def test_adamw_shrinks_weights_by_its_decay() -> None:
    """Loshchilov and Hutter 2019, algorithm 2: w <- w - lr decay w beside Adam's step; no gradient, no step."""
    weight = torch.nn.Parameter(torch.tensor([3.0], dtype=torch.float64))
    weight.grad = torch.zeros_like(weight)
    build_optimizer(PlayerOptimizer(kind="adamw", lr=0.1, weight_decay=0.2), [weight]).step()
    assert weight.item() == pytest.approx(3 * (1 - 0.1 * 0.2), rel=1e-12)


def test_momentum_is_the_optimizers_own() -> None:
    weight = torch.nn.Parameter(torch.zeros(1, dtype=torch.float64))
    optimizer = build_optimizer(PlayerOptimizer(kind="sgd", lr=0.1, momentum=0.5), [weight])
    for _ in range(2):
        weight.grad = torch.ones_like(weight)
        optimizer.step()
    assert weight.item() == pytest.approx(-0.1 * (1 + 1.5), rel=1e-12)


def test_noise_distributions() -> None:
    normal = draw_noise(Latent(dim=50), 2000, stream(0, "noise"))
    assert normal.mean().item() == pytest.approx(0, abs=0.02)
    assert normal.std().item() == pytest.approx(1, abs=0.02)
    uniform = draw_noise(Latent(dim=50, distribution="uniform"), 2000, stream(0, "noise"))
    assert uniform.abs().max() <= 1
    assert uniform.std().item() == pytest.approx(3**-0.5, abs=0.02)


@pytest.mark.parametrize("bound", [0.5, 1.0, 2.0, 12.0, 1e6])
def test_truncated_noise_is_the_normal_between_its_bounds(bound: float) -> None:
    """Against scipy's truncated normal: no closer than a Kolmogorov-Smirnov test at 1e-3 would let another be."""
    from scipy.stats import kstest, truncnorm

    latent = Latent(dim=50, distribution="truncated", truncation=bound)
    drawn = draw_noise(latent, 400, stream(0, "noise"))
    assert drawn.abs().max() <= bound
    assert kstest(drawn.flatten().numpy(), truncnorm(-bound, bound).cdf).pvalue > 1e-3


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
def test_walks_pass_through_their_ends_at_the_usual_length(distribution: str) -> None:
    latent = Latent.model_validate({"dim": 200, "distribution": distribution})
    path = walk(latent, 20, 8, stream(0, "walk"))
    ends = draw_noise(latent, 4, stream(0, "walk"))
    assert path.shape == (20, 200)
    torch.testing.assert_close(path[[0, 8, 16]], ends[:3], rtol=1e-4, atol=1e-5)
    if distribution == "normal":
        lengths = path.norm(dim=1)
        assert lengths.min() > 0.9 * ends.norm(dim=1).min()


@pytest.mark.parametrize("distribution", ["normal", "uniform", "truncated"])
def test_walks_stay_where_the_noise_is(distribution: str) -> None:
    """Also where two draws lie in one line, as all do in one dimension."""
    latent = Latent.model_validate({"dim": 1, "distribution": distribution, "truncation": 1.0})
    path, ends = walk(latent, 400, 8, stream(0, "walk")), draw_noise(latent, 51, stream(0, "walk"))
    assert path.isfinite().all()
    assert path.abs().max() <= ends.abs().max()
    wide = Latent.model_validate({"dim": 50, "distribution": distribution, "truncation": 1.0})
    if distribution != "normal":
        assert walk(wide, 400, 8, stream(0, "walk")).abs().max() <= 1


def test_pixels_survive_the_round_trip() -> None:
    every = torch.arange(256, dtype=torch.uint8).reshape(1, 1, 16, 16)
    assert torch.equal(to_uint8(normalise(every)), every)
    assert normalise(every).min() == -1
    assert normalise(every).max() == 1
