"""An id follows what a description has come to mean: other runs get other ids, and all others keep theirs."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.experiment import Experiment
from dcgan.experiment.recipes import RECIPES, acting

_PROSE = "article_prose"
# Changes to the default experiment, the id that commit ac73669 gave them (a hash of text, the same everywhere), and
# the recipes by which they are other runs now.
BEFORE: list[tuple[dict[str, Any], str, list[str]]] = [
    ({}, "44136fa355b3", []),
    ({"data.name": "digits", "data.size": 16, "seed": 3}, "056af2a9ad1f", []),
    ({"objective.penalty.kind": "wgan_gp", "generator.init": "he"}, "8f5a4299966d", []),
    ({"generator.normalisation": "layer", "discriminator.normalisation": "group"}, "61f6bf7d5186", []),
    ({"discriminator.normalisation": "none", "discriminator.depth": 2, "data.size": 16}, "ea20080addb8", []),
    (
        {
            "generator.normalisation": "none", "generator.architecture": "mlp",
            "discriminator.normalisation": "none", "discriminator.architecture": "veegan",
        },
        "cbeb284d5831", [],
    ),
    ({"augment.translation": True, "data.size": 32}, "0f1e24ac0e4e", []),
    ({"augment.color": True, "data.size": 28}, "ba40f291eb84", []),
    ({"generator.normalisation": "none"}, "386f77be655f", ["shift"]),
    ({"discriminator.normalisation": "none"}, "ad7a14f9bafe", ["shift"]),
    ({"discriminator.normalisation": "spectral"}, "e4c7c983fbf5", ["shift"]),
    ({"generator.normalisation": "none", "generator.architecture": _PROSE}, "b889c48019e4", ["shift"]),
    ({"augment.translation": True, "data.size": 28}, "2fb4d786c3af", ["translation"]),
    ({"pretrain.images": 1000, "objective.penalty.kind": "r1"}, "7f166d5a557e", []),
    ({"pretrain.images": 1000, "objective.penalty.kind": "wgan_gp"}, "a40a7cfad511", ["pretrain"]),
    ({"pretrain.images": 1000, "discriminator.dropout": 0.2}, "6680030a7c3d", ["pretrain"]),
    (
        {"augment.translation": True, "data.size": 28, "generator.normalisation": "none"},
        "3a4aaaf1b074", ["shift", "translation"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "before", "recipes"), BEFORE)
def test_old_and_new_runs_are_apart_and_the_others_together(
    changes: dict[str, Any], before: str, recipes: list[str]
) -> None:
    experiment = Experiment().with_(changes)
    assert [recipe.name for recipe in acting(experiment)] == recipes
    assert (experiment.id == before) == (not recipes)
    assert experiment.former_ids()[:1] == ([before] if recipes else [])
    assert len({experiment.id, *experiment.former_ids()}) == len(recipes) + 1


def test_every_recipe_is_tried_above_and_has_a_number_of_its_own() -> None:
    assert {recipe.name for recipe in RECIPES} == {name for *_, recipes in BEFORE for name in recipes}
    assert all(recipe.number > 1 for recipe in RECIPES)
