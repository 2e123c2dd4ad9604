import math

import pytest
import torch
from torch import Tensor

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.rng import stream
from dcgan.scoring.memorisation import NEAREST, memorisation


class World:
    """Ten clusters in 16 dimensions."""

    def __init__(self) -> None:
        self.chance = stream(0, "world")
        self.centres = 1.5 * torch.randn(10, 16, generator=self.chance)

    def draw(self, count: int, width: float = 1.0) -> Tensor:
        clusters = torch.randint(10, (count,), generator=self.chance)
        return self.centres[clusters] + width * torch.randn(count, 16, generator=self.chance)


@pytest.fixture
def world() -> World:
    return World()


def test_a_generator_that_replays_training_images_is_flagged(world: World):
    training, held_out = world.draw(1000), world.draw(300)
    found = memorisation(training[:400], training, held_out)
    assert found.share == 1.0
    assert found.flagged
    noisy = training[:400] + 0.1 * torch.randn(400, 16, generator=world.chance)
    assert memorisation(noisy, training, held_out).flagged


def test_a_generator_that_draws_held_out_images_is_not(world: World):
    training, held_out = world.draw(1000), world.draw(600)
    for generated in (held_out[300:], world.draw(400)):
        found = memorisation(generated, training, held_out[:300])
        assert not found.flagged
        assert found.interval[0] < NEAREST < found.interval[1]


def test_copies_among_images_that_are_far_off_are_found(world: World):
    training, held_out = world.draw(1000), world.draw(1000)
    far = world.draw(800, width=3.0)
    assert memorisation(far, training, held_out).share < NEAREST
    found = memorisation(torch.cat([far, training[:200]]), training, held_out)
    assert 0.2 <= found.share < 0.25
    assert found.flagged


def test_a_generator_of_typical_images_that_copies_none_is_not_flagged(world: World):
    training, held_out, typical = world.draw(1000), world.draw(600), world.draw(600, width=0.6)
    assert not memorisation(typical, training, held_out).flagged
    near = torch.cdist(typical, training).amin(dim=1) < torch.cdist(held_out, training).amin(dim=1).quantile(NEAREST)
    assert near.double().mean() > 0.2  # by the distance alone it is


def test_share_is_that_of_brute_force(world: World):
    training, held_out, generated = world.draw(200), world.draw(99), world.draw(150)

    def nearness(images: Tensor) -> Tensor:
        ranked = torch.cdist(images.double(), training.double()).sort(dim=1).values
        return ranked[:, 0] / ranked[:, :50].mean(dim=1)

    limit = nearness(held_out).sort().values[4]  # the fifth of 99: below it lie 5 % of what is drawn alike
    assert memorisation(generated, training, held_out).share == (nearness(generated) < limit).double().mean().item()


def test_interval_holds_what_is_true_and_chance_raises_no_flag(world: World):
    training = world.draw(500)
    found = [memorisation(world.draw(200), training, world.draw(200)) for _ in range(100)]
    assert sum(each.interval[0] <= NEAREST <= each.interval[1] for each in found) >= 95
    assert sum(each.share for each in found) / 100 == pytest.approx(10 / 201, abs=0.01)
    assert not any(each.flagged for each in found)


def test_interval_narrows_with_the_number_of_images(world: World):
    training = world.draw(300)
    few, many = (memorisation(world.draw(count), training, world.draw(count)).interval for count in (100, 1000))
    assert few[0] >= 0 and few[1] <= 1
    assert many[1] - many[0] < 0.5 * (few[1] - few[0])


def test_the_units_and_the_order_of_images_do_not_matter(world: World):
    generated, training, held_out = world.draw(100), world.draw(300), world.draw(100)
    found = memorisation(generated, training, held_out)
    moved = [images.double().flip(0) * 8 + 64 for images in (generated, training, held_out)]
    assert memorisation(*moved) == found


def test_what_cannot_be_scored_is_one_line(world: World):
    training, held_out = world.draw(100), world.draw(50)
    with pytest.raises(Misuse, match="^memorisation: held-out images: 19 images, at least 20 are needed$"):
        memorisation(held_out, training, held_out[:19])
    with pytest.raises(Misuse, match="^memorisation: training images: 1 images, at least 2 are needed$"):
        memorisation(held_out, training[:1], held_out)
    with pytest.raises(Misuse, match="^memorisation: generated images: 0 images"):
        memorisation(held_out[:0], training, held_out)
    with pytest.raises(DcganError, match="^memorisation: 5% of the held-out images are training images"):
        memorisation(held_out, training, torch.cat([held_out, training[:10]]))
    with pytest.raises(DcganError, match="^memorisation: generated images: the features hold NaN or infinity$"):
        memorisation(held_out * math.nan, training, held_out)


def test_training_images_that_are_all_alike_are_copied_not_divided_by_zero():
    alike, held_out = torch.ones(60, 4), torch.randn(40, 4, generator=stream(0, "held-out"))
    assert memorisation(alike[:10], alike, held_out).share == 1.0


def test_too_few_held_out_images_to_bound_their_quantile_flag_nothing(world: World):
    """Of 20 the nearest twentieth may lie nearer than all of them: the interval then starts at 0."""
    training, held_out = world.draw(500), world.draw(20)
    assert memorisation(world.draw(200), training, held_out).interval[0] == 0.0
    assert not memorisation(training[:200], training, held_out).flagged
