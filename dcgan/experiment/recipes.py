"""Recipes: changes of the program by which an unchanged description is another run than before.

A run's id hashes what its description says. Where a later version makes another run of the same description, the id
must follow, or old runs would be taken for new ones. So each such change is a recipe here, and the id hashes its number
too, but only where it acts: all other runs keep their ids.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dcgan.experiment.description import PLAYERS, SHIFTLESS, Description
from dcgan.experiment.sections import GRADIENT_PENALTIES


@dataclass(frozen=True)
class Recipe:
    """A behaviour under the number that it has now; 1 was before there were recipes, and is not hashed.

    `acts`: whether a description is of those that it made another run of. `change`: what is other, in a clause.
    """

    name: str
    number: int
    acts: Callable[[Description], bool]
    change: str


def _replaces_a_shift(d: Description) -> bool:
    """Whether a convolution of a network that has no biases of its own stands before a normalisation without a shift.

    All of G's layers but the last have a normalisation, and of D's all but the first and the last.
    """
    return any(
        d.network(player).architecture in {"dcgan", "article_prose"}
        and d.network(player).normalisation in SHIFTLESS
        and (player == "generator" or d.depth(player) > 2)
        for player in PLAYERS
    )


def _pretrains_by_chance(d: Description) -> bool:
    """Whether D's steps draw anything but images and noise, or count, while D is pre-trained."""
    penalty = d.objective.penalty
    drawn = penalty.kind != "none" and (GRADIENT_PENALTIES[penalty.kind].draws or penalty.every > 1)
    return bool(d.pretrain.images) and (
        drawn or bool(d.objective.virtual_adversarial.weight or d.discriminator.dropout) or d.augment.changes
    )


# In the order in which they came; a new one is added at the end, and a further change of the same behaviour is one too:
# runs of an earlier version are known by how many of these there were.
RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "shift",
        2,
        _replaces_a_shift,
        "layers with normalisation=none or spectral have a bias where BatchNorm's shift would be",
    ),
    Recipe(
        "translation",
        2,
        lambda d: d.augment.translation and d.data.size % 8 >= 4,
        "augment.translation moves by an eighth of the size rounded to the nearest pixel, no longer down",
    ),
    Recipe(
        "pretrain",
        2,
        _pretrains_by_chance,
        "pre-training draws from streams of its own, so that it no longer moves those of adversarial training",
    ),
)


def acting(d: Description, first: int | None = None) -> list[Recipe]:
    """The recipes by which that description now makes another run than before, oldest first; of the `first` so many."""
    return [recipe for recipe in RECIPES[:first] if recipe.acts(d)]
