"""Losses against their papers' formulas, written out on probabilities or scores in float64."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from dcgan.experiment.sections import Objective
from dcgan.objectives import build_loss
from dcgan.objectives.losses import LOSSES

REAL, FAKE = torch.randn(2, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2
CROSS_ENTROPY = ("non_saturating", "minimax")
UNBOUNDED = ("least_squares", "hinge", "wasserstein")


def objective(loss: str, **settings: float) -> Objective:
    return Objective.model_validate({"loss": loss, **settings})


def test_every_loss_that_can_be_chosen_is_here() -> None:
    assert set(LOSSES) == {*CROSS_ENTROPY, *UNBOUNDED}
    for name in LOSSES:
        build_loss(objective(name), "logit")  # the setting knows the name


def generator_by_hand(name: str, fake: Tensor) -> Tensor:
    """From D's probabilities of "real" for generated images."""
    return {"non_saturating": -fake.log().mean(), "minimax": (1 - fake).log().mean()}[name]


@pytest.mark.parametrize("name", CROSS_ENTROPY)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropies_of_logits(name: str, smoothing: float) -> None:
    real, fake = 1 / (1 + (-REAL).exp()), 1 / (1 + (-FAKE).exp())
    by_hand = -((1 - smoothing) * real.log() + smoothing * (1 - real).log() + (1 - fake).log()).mean()
    loss = build_loss(objective(name, smoothing=smoothing), "logit")
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), by_hand)
    torch.testing.assert_close(loss.generator(FAKE), generator_by_hand(name, fake))
    torch.testing.assert_close(loss.reported_output(REAL), real)


@pytest.mark.parametrize("name", CROSS_ENTROPY)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_two_classes_are_a_softmax(name: str, smoothing: float) -> None:
    """The prose's head has a score for "real" and one for "generated"; what reaches the loss is their difference."""
    scores = torch.randn(2, 30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 3
    (real, not_real), (fake, not_fake) = (batch.softmax(dim=1).unbind(1) for batch in scores)
    by_hand = -((1 - smoothing) * real.log() + smoothing * not_real.log() + not_fake.log()).mean()
    outputs = scores[..., 0] - scores[..., 1]
    loss = build_loss(objective(name, smoothing=smoothing), "two_class")
    torch.testing.assert_close(loss.discriminator(*outputs), by_hand)
    torch.testing.assert_close(loss.generator(outputs[1]), generator_by_hand(name, fake))
    torch.testing.assert_close(loss.reported_output(outputs[0]), real)


@pytest.mark.parametrize("name", CROSS_ENTROPY)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_listings_form_on_probabilities(name: str, smoothing: float) -> None:
    """epsilon, here large enough to be seen, is inside each logarithm."""
    real, fake = REAL.sigmoid(), FAKE.sigmoid()
    on_real = [-(1 - smoothing) * math.log(p + 0.01) - smoothing * math.log(1 - p + 0.01) for p in real.tolist()]
    on_fake = [-math.log(1 - p + 0.01) for p in fake.tolist()]
    for_g = {"non_saturating": [-math.log(p + 0.01) for p in fake.tolist()], "minimax": [-value for value in on_fake]}
    loss = build_loss(objective(name, smoothing=smoothing, epsilon=0.01), "sigmoid")
    assert loss.discriminator(real, fake).item() == pytest.approx(sum(on_real) / 50 + sum(on_fake) / 50, rel=1e-12)
    assert loss.generator(fake).item() == pytest.approx(sum(for_g[name]) / 50, rel=1e-12)
    assert torch.equal(loss.reported_output(real), real)


def test_heads_agree_where_epsilon_is_nothing() -> None:
    logits = build_loss(objective("non_saturating"), "logit")
    listing = build_loss(objective("non_saturating", epsilon=0.0), "sigmoid")
    expected = logits.discriminator(REAL, FAKE)
    torch.testing.assert_close(listing.discriminator(REAL.sigmoid(), FAKE.sigmoid()), expected)


def test_the_default_keeps_its_bits() -> None:
    real, fake = torch.randn(2, 999, generator=torch.Generator().manual_seed(2))
    loss = build_loss(Objective(), "logit")
    assert torch.equal(loss.discriminator(real, fake), softplus(-real).mean() + softplus(fake).mean())
    assert torch.equal(loss.generator(fake), softplus(-fake).mean())
    assert torch.equal(loss.reported_output(fake), fake.sigmoid())


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_least_squares(smoothing: float) -> None:
    loss = build_loss(objective("least_squares", smoothing=smoothing), "logit")
    on_real = sum((score - (1 - smoothing)) ** 2 / 2 for score in REAL.tolist()) / 50
    on_fake = sum((score - 0) ** 2 / 2 for score in FAKE.tolist()) / 50
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(on_real + on_fake, rel=1e-12)
    assert loss.generator(FAKE).item() == pytest.approx(sum((s - 1) ** 2 / 2 for s in FAKE.tolist()) / 50, rel=1e-12)


def test_hinge() -> None:
    loss = build_loss(objective("hinge"), "logit")
    on_real = sum(-min(0, -1 + score) for score in REAL.tolist()) / 50
    on_fake = sum(-min(0, -1 - score) for score in FAKE.tolist()) / 50
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(on_real + on_fake, rel=1e-12)
    assert loss.generator(FAKE).item() == pytest.approx(-sum(FAKE.tolist()) / 50, rel=1e-12)


def test_wasserstein() -> None:
    loss = build_loss(objective("wasserstein"), "logit")
    distance = sum(REAL.tolist()) / 50 - sum(FAKE.tolist()) / 50
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(-distance, rel=1e-12)
    assert loss.generator(FAKE).item() == pytest.approx(-sum(FAKE.tolist()) / 50, rel=1e-12)


@pytest.mark.parametrize("name", UNBOUNDED)
def test_scores_are_reported_as_they_are(name: str) -> None:
    assert torch.equal(build_loss(objective(name), "logit").reported_output(REAL), REAL)


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("head", ["logit", "two_class", "sigmoid"])
def test_losses_stay_finite_for_certain_discriminators(name: str, smoothing: float, head: str) -> None:
    sure = torch.tensor([-1000.0, 1000.0], requires_grad=True)
    outputs = sure.sigmoid() if head == "sigmoid" else sure
    loss = build_loss(objective(name, smoothing=smoothing), head)
    for value in (loss.discriminator(outputs, outputs.flip(0)), loss.generator(outputs)):
        (gradient,) = torch.autograd.grad(value, sure, retain_graph=True)
        assert torch.isfinite(value)
        assert torch.isfinite(gradient).all()


def test_logits_lose_nothing_at_a_thousand() -> None:
    """-log sigmoid(-1000) is 1000, which the logarithm of a float32 sigmoid cannot give."""
    loss, wrong = build_loss(Objective(), "logit"), torch.tensor([1000.0])
    assert loss.discriminator(-wrong, wrong).item() == 2000
    assert loss.generator(-wrong).item() == 1000
    assert build_loss(objective("minimax"), "logit").generator(wrong).item() == -1000


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("head", ["logit", "sigmoid"])
def test_players_pull_the_right_way(name: str, head: str) -> None:
    """D learns larger outputs for real images and smaller ones for generated images, G larger ones."""
    real, fake = (torch.full((5,), 0.4, requires_grad=True) for _ in range(2))
    loss = build_loss(objective(name), head)
    for_real, for_fake = torch.autograd.grad(loss.discriminator(real, fake), (real, fake))
    (for_g,) = torch.autograd.grad(loss.generator(fake), fake)
    assert (for_real < 0).all()
    assert (for_fake > 0).all()
    assert (for_g < 0).all()


def test_a_smoothed_target_is_reached_at_one_less_s() -> None:
    """The minimum over D's output for real images is where p = 1 - s, or where the output itself is."""
    for name in (*CROSS_ENTROPY, "least_squares"):
        p = torch.tensor([0.8], dtype=torch.float64)
        output = (p if name == "least_squares" else p.logit()).requires_grad_()
        value = build_loss(objective(name, smoothing=0.2), "logit").discriminator(output, torch.zeros_like(p))
        (gradient,) = torch.autograd.grad(value, output)
        assert gradient.item() == pytest.approx(0, abs=1e-12)  # terms of about 0.2, each rounded at 1e-17
