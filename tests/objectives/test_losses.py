"""Losses against their papers' formulas, written out on probabilities or scores in float64.

What holds of any loss is asked of all that stand in the table, by what it says of them.
"""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn.functional import softplus

from dcgan.experiment.sections import ADVERSARIAL_LOSSES, Objective
from dcgan.objectives import build_loss
from dcgan.objectives.losses import LOSSES

REAL, FAKE = torch.randn(2, 50, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 2
NO_REAL = torch.empty(0)  # what G's loss is given where it does not compare with real images
CROSS_ENTROPY = [name for name, loss in ADVERSARIAL_LOSSES.items() if loss.cross_entropy]
UNBOUNDED = [name for name, loss in ADVERSARIAL_LOSSES.items() if not loss.cross_entropy]
ALONE = [name for name, loss in ADVERSARIAL_LOSSES.items() if not loss.paired]
PAIRED = [name for name, loss in ADVERSARIAL_LOSSES.items() if loss.paired]
SMOOTHABLE = [name for name, loss in ADVERSARIAL_LOSSES.items() if loss.smoothable]


def objective(loss: str, **settings: float) -> Objective:
    return Objective.model_validate({"loss": loss, **settings})


def test_every_loss_in_the_table_is_computed_and_no_other() -> None:
    assert LOSSES.keys() == ADVERSARIAL_LOSSES.keys()


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_a_loss_is_the_mean_of_its_formula(name: str) -> None:
    """The table's, on the pairs of a batch, in plain Python."""
    told, loss = ADVERSARIAL_LOSSES[name], build_loss(objective(name), "logit")
    for player, formula in (("discriminator", told.discriminator), ("generator", told.generator)):
        known = {"log": math.log, "exp": math.exp, "max": max}
        terms = [
            eval(formula, known, {"real": real, "fake": fake})  # noqa: S307
            for real, fake in zip(REAL.tolist(), FAKE.tolist(), strict=True)
        ]
        assert getattr(loss, player)(REAL, FAKE).item() == pytest.approx(sum(terms) / 50, rel=1e-12)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_gradients_are_those_of_the_values(name: str) -> None:
    loss = build_loss(objective(name), "logit")
    real, fake = (outputs.clone().requires_grad_() for outputs in (REAL, FAKE))
    assert torch.autograd.gradcheck(loss.discriminator, (real, fake))
    assert torch.autograd.gradcheck(lambda fake: loss.generator(REAL, fake), (fake,))


@pytest.mark.parametrize("name", ALONE)
def test_g_needs_no_real_images_where_the_table_says_so(name: str) -> None:
    loss = build_loss(objective(name), "logit")
    assert torch.equal(loss.generator(NO_REAL, FAKE), loss.generator(REAL, FAKE))


@pytest.mark.parametrize("name", PAIRED)
def test_a_paired_loss_compares_one_by_one(name: str) -> None:
    """G's value depends on the real outputs and on which stands beside which; turned alike, on nothing else."""
    loss, turned = build_loss(objective(name), "logit"), REAL.flip(0)
    for of_player in (loss.discriminator, loss.generator):
        assert of_player(turned, FAKE) != of_player(REAL, FAKE)
        torch.testing.assert_close(of_player(turned, FAKE.flip(0)), of_player(REAL, FAKE))


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_smoothing_changes_the_losses_that_have_a_target(name: str) -> None:
    plain, smoothed = (build_loss(objective(name, smoothing=s), "logit").discriminator(REAL, FAKE) for s in (0, 0.1))
    assert (smoothed != plain) == (name in SMOOTHABLE)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_what_needs_a_bounded_slope_has_no_least_value(name: str) -> None:
    loss = build_loss(objective(name), "logit").discriminator
    assert (loss(REAL.abs() * 1e6, -FAKE.abs() * 1e6).item() < -1e5) == ADVERSARIAL_LOSSES[name].bounded_slope


@pytest.mark.parametrize("name", CROSS_ENTROPY)
def test_cross_entropies_are_the_same_of_logits_and_of_probabilities(name: str) -> None:
    on_logits, on_probabilities = (
        build_loss(objective(name), "logit"),
        build_loss(objective(name, epsilon=0), "sigmoid"),
    )
    for player in ("discriminator", "generator"):
        expected = getattr(on_logits, player)(REAL, FAKE)
        torch.testing.assert_close(getattr(on_probabilities, player)(REAL.sigmoid(), FAKE.sigmoid()), expected)


WRITTEN_OUT = ("non_saturating", "minimax")


def generator_by_hand(name: str, fake: Tensor) -> Tensor:
    """From D's probabilities of "real" for generated images."""
    return {"non_saturating": -fake.log().mean(), "minimax": (1 - fake).log().mean()}[name]


@pytest.mark.parametrize("name", WRITTEN_OUT)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropies_of_logits(name: str, smoothing: float) -> None:
    real, fake = 1 / (1 + (-REAL).exp()), 1 / (1 + (-FAKE).exp())
    by_hand = -((1 - smoothing) * real.log() + smoothing * (1 - real).log() + (1 - fake).log()).mean()
    loss = build_loss(objective(name, smoothing=smoothing), "logit")
    torch.testing.assert_close(loss.discriminator(REAL, FAKE), by_hand)
    torch.testing.assert_close(loss.generator(NO_REAL, FAKE), generator_by_hand(name, fake))
    torch.testing.assert_close(loss.reported_output(REAL), real)


@pytest.mark.parametrize("name", WRITTEN_OUT)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_two_classes_are_a_softmax(name: str, smoothing: float) -> None:
    """The prose's head has a score for "real" and one for "generated"; what reaches the loss is their difference."""
    scores = torch.randn(2, 30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) * 3
    (real, not_real), (fake, not_fake) = (batch.softmax(dim=1).unbind(1) for batch in scores)
    by_hand = -((1 - smoothing) * real.log() + smoothing * not_real.log() + not_fake.log()).mean()
    outputs = scores[..., 0] - scores[..., 1]
    loss = build_loss(objective(name, smoothing=smoothing), "two_class")
    torch.testing.assert_close(loss.discriminator(*outputs), by_hand)
    torch.testing.assert_close(loss.generator(NO_REAL, outputs[1]), generator_by_hand(name, fake))
    torch.testing.assert_close(loss.reported_output(outputs[0]), real)


@pytest.mark.parametrize("name", WRITTEN_OUT)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_listings_form_on_probabilities(name: str, smoothing: float) -> None:
    """epsilon, here large enough to be seen, is inside each logarithm."""
    real, fake = REAL.sigmoid(), FAKE.sigmoid()
    on_real = [-(1 - smoothing) * math.log(p + 0.01) - smoothing * math.log(1 - p + 0.01) for p in real.tolist()]
    on_fake = [-math.log(1 - p + 0.01) for p in fake.tolist()]
    for_g = {"non_saturating": [-math.log(p + 0.01) for p in fake.tolist()], "minimax": [-value for value in on_fake]}
    loss = build_loss(objective(name, smoothing=smoothing, epsilon=0.01), "sigmoid")
    assert loss.discriminator(real, fake).item() == pytest.approx(sum(on_real) / 50 + sum(on_fake) / 50, rel=1e-12)
    assert loss.generator(NO_REAL, fake).item() == pytest.approx(sum(for_g[name]) / 50, rel=1e-12)
    assert torch.equal(loss.reported_output(real), real)


def test_the_default_keeps_its_bits() -> None:
    real, fake = torch.randn(2, 999, generator=torch.Generator().manual_seed(2))
    loss = build_loss(Objective(), "logit")
    assert torch.equal(loss.discriminator(real, fake), softplus(-real).mean() + softplus(fake).mean())
    assert torch.equal(loss.generator(NO_REAL, fake), softplus(-fake).mean())
    assert torch.equal(loss.reported_output(fake), fake.sigmoid())


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_least_squares(smoothing: float) -> None:
    loss = build_loss(objective("least_squares", smoothing=smoothing), "logit")
    on_real = sum((score - (1 - smoothing)) ** 2 / 2 for score in REAL.tolist()) / 50
    on_fake = sum((score - 0) ** 2 / 2 for score in FAKE.tolist()) / 50
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(on_real + on_fake, rel=1e-12)
    assert loss.generator(NO_REAL, FAKE).item() == pytest.approx(
        sum((s - 1) ** 2 / 2 for s in FAKE.tolist()) / 50, rel=1e-12
    )


def test_hinge() -> None:
    loss = build_loss(objective("hinge"), "logit")
    on_real = sum(-min(0, -1 + score) for score in REAL.tolist()) / 50
    on_fake = sum(-min(0, -1 - score) for score in FAKE.tolist()) / 50
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(on_real + on_fake, rel=1e-12)
    assert loss.generator(NO_REAL, FAKE).item() == pytest.approx(-sum(FAKE.tolist()) / 50, rel=1e-12)


def test_wasserstein() -> None:
    loss = build_loss(objective("wasserstein"), "logit")
    distance = sum(REAL.tolist()) / 50 - sum(FAKE.tolist()) / 50
    assert loss.discriminator(REAL, FAKE).item() == pytest.approx(-distance, rel=1e-12)
    assert loss.generator(NO_REAL, FAKE).item() == pytest.approx(-sum(FAKE.tolist()) / 50, rel=1e-12)


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
    for value in (loss.discriminator(outputs, outputs.flip(0)), loss.generator(outputs.flip(0), outputs)):
        (gradient,) = torch.autograd.grad(value, sure, retain_graph=True)
        assert torch.isfinite(value)
        assert torch.isfinite(gradient).all()


def test_logits_lose_nothing_at_a_thousand() -> None:
    """-log sigmoid(-1000) is 1000, which the logarithm of a float32 sigmoid cannot give."""
    loss, wrong = build_loss(Objective(), "logit"), torch.tensor([1000.0])
    assert loss.discriminator(-wrong, wrong).item() == 2000
    assert loss.generator(NO_REAL, -wrong).item() == 1000
    assert build_loss(objective("minimax"), "logit").generator(NO_REAL, wrong).item() == -1000


@pytest.mark.parametrize("name", sorted(LOSSES))
@pytest.mark.parametrize("head", ["logit", "sigmoid"])
def test_players_pull_the_right_way(name: str, head: str) -> None:
    """D learns larger outputs for real images and smaller ones for generated images, G larger ones."""
    real, fake = (torch.full((5,), 0.4, requires_grad=True) for _ in range(2))
    loss = build_loss(objective(name), head)
    for_real, for_fake = torch.autograd.grad(loss.discriminator(real, fake), (real, fake))
    (for_g,) = torch.autograd.grad(loss.generator(real.detach(), fake), fake)
    assert (for_real < 0).all()
    assert (for_fake > 0).all()
    assert (for_g < 0).all()


GIVEN_TARGETS = ("non_saturating", "minimax", "least_squares")


def test_a_smoothed_target_is_reached_at_one_less_s() -> None:
    """The minimum over D's output for real images is where p = 1 - s, or where the output itself is."""
    for name in GIVEN_TARGETS:
        p = torch.tensor([0.8], dtype=torch.float64)
        output = (p if name == "least_squares" else p.logit()).requires_grad_()
        value = build_loss(objective(name, smoothing=0.2), "logit").discriminator(output, torch.zeros_like(p))
        (gradient,) = torch.autograd.grad(value, output)
        assert gradient.item() == pytest.approx(0, abs=1e-12)  # terms of about 0.2, each rounded at 1e-17
