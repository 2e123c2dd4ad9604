"""Fractions of the factorial: the published generators, alias tables and resolutions."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from dcgan.sweeps.designs import read_design
from dcgan.sweeps.designs.aliased import signs_of
from dcgan.sweeps.designs.fractional import choose, words
from tests.sweeps.designs.lettered import LETTERS, lettered

# Two-factor interactions of the published tables (Montgomery, chapter 8; Box, Hunter and Hunter, chapter 12).
SEVEN_IN_EIGHT = {
    "A": "BD CE FG",
    "B": "AD CF EG",
    "C": "AE BF DG",
    "D": "AB CG EF",
    "E": "AC BG DF",
    "F": "BC AG DE",
    "G": "CD BE AF",
}


EIGHT_IN_SIXTEEN = {
    "AB": "CG DH EF",
    "AC": "BG DF EH",
    "AD": "BH CF EG",
    "AE": "BF CH DG",
    "AF": "BE CD GH",
    "AG": "BC DE FH",
    "AH": "BD CE FG",
}


# Numbers of words of length 3, 4 and 5 of the designs of minimum aberration (Chen, Sun and Wu 1993).
WORD_LENGTHS = {
    (7, 3): (7, 7, 0),
    (9, 3): (4, 14, 8),
    (10, 3): (8, 18, 16),
    (11, 3): (12, 26, 28),
    (12, 3): (16, 39, 48),
    (6, 4): (0, 3, 0),
    (7, 4): (0, 7, 0),
    (8, 4): (0, 14, 0),
    (9, 4): (0, 6, 8),
    (10, 4): (0, 10, 16),
    (11, 4): (0, 25, 0),
    (12, 4): (0, 38, 0),
    (8, 5): (0, 0, 2),
    (10, 5): (0, 0, 3),
    (11, 5): (0, 0, 6),
}


def _aliases_of(number: int, resolution: int, start: str = "all") -> dict[str, set[tuple[str, float]]]:
    made = read_design({"fractional": {"resolution": resolution}})
    factors = lettered(number, start)
    aliases = made.reading(made.arms(factors, start), factors).aliases
    assert aliases is not None
    return {
        "".join(alias.effect): {("".join(other), weight) for other, weight in alias.others} for alias in aliases.table
    }


def test_the_alias_tables_are_the_published_ones() -> None:
    of_seven, of_eight = _aliases_of(7, 3), _aliases_of(8, 4)
    assert of_seven == {
        effect: {("".join(sorted(other)), 1.0) for other in others.split()} for effect, others in SEVEN_IN_EIGHT.items()
    }
    assert of_eight == {
        **{letter: set() for letter in "ABCDEFGH"},
        **{effect: {(other, 1.0) for other in others.split()} for effect, others in EIGHT_IN_SIXTEEN.items()},
    }


def test_from_bare_it_is_the_fraction_of_the_same_family_that_has_the_bare_arm() -> None:
    """There the words of odd length have the other sign: A = -BD and so on."""
    assert _aliases_of(7, 3, "bare") == {
        effect: {("".join(sorted(other)), -1.0) for other in others.split()}
        for effect, others in SEVEN_IN_EIGHT.items()
    }
    assert _aliases_of(8, 4, "bare") == _aliases_of(8, 4, "all")


@pytest.mark.parametrize(("design", "lengths"), WORD_LENGTHS.items(), ids=str)
def test_the_generators_are_those_of_minimum_aberration(design: tuple[int, int], lengths: tuple[int, ...]) -> None:
    number, resolution = design
    found = np.bitwise_count(words(number, choose(number, resolution)))
    assert tuple(int((found == length).sum()) for length in (3, 4, 5)) == lengths


@pytest.mark.parametrize(("number", "resolution"), [(3, 3), (4, 4), (5, 4), (7, 3), (8, 4), (8, 5), (9, 4), (10, 6)])
def test_the_resolution_is_the_length_of_the_shortest_word(number: int, resolution: int) -> None:
    """Found anew from the arms alone: the fewest columns whose product is constant."""
    factors = lettered(number, "bare")
    made = read_design({"fractional": {"resolution": resolution}})
    arms = made.arms(factors, "bare")
    signs = signs_of(arms, factors)
    constant = {
        subset: int(product[0])
        for length in range(1, number + 1)
        for subset in itertools.combinations(range(number), length)
        if abs((product := np.prod(signs[:, subset], axis=1)).sum()) == len(arms)
    }
    shortest = min(len(subset) for subset in constant)
    aliases = made.reading(arms, factors).aliases
    assert aliases is not None
    assert aliases.resolution == shortest >= resolution
    assert {(word.factors, word.sign) for word in aliases.words} == {
        (tuple(LETTERS[index] for index in subset), sign)
        for subset, sign in constant.items()
        if len(subset) == shortest
    }
    assert len(aliases.generators) == number - math.log2(len(arms))
    assert all(
        constant[tuple(LETTERS.index(name) for name in word.factors)] == word.sign for word in aliases.generators
    )
