"""Designs: balanced, with the baseline, as published, and their estimates equal to the truth."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from dcgan.common.errors import Misuse
from dcgan.statistics.contrasts import Effect, Term, by_seed, codes
from dcgan.sweeps.designs import DESIGNS, Arm, Factor, path_factor, read_design, tip_factor
from dcgan.sweeps.designs.aliased import signs_of
from dcgan.sweeps.designs.fractional import choose, words

LETTERS = "ABCDEFGHJKLMNOPQRSTUVWX"
TWO_LEVEL: list[tuple[Any, int]] = [
    ("factorial", 1),
    ("factorial", 4),
    *(({"fractional": {"resolution": 3}}, number) for number in range(3, 16)),
    *(({"fractional": {"resolution": 4}}, number) for number in range(4, 17)),
    *(({"fractional": {"resolution": 5}}, number) for number in range(5, 13)),
    ({"fractional": {"resolution": 8}}, 8),
    *(("plackett-burman", number) for number in (3, 4, 7, 8, 11, 12, 15, 19, 23)),
    *(({"plackett-burman": {"foldover": True}}, number) for number in (3, 7, 11, 12)),
]
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


def _lettered(number: int, start: str = "all") -> list[Factor]:
    """Factors called A, B, C, ... that are switches, as tips are."""
    first, other = ("on", "off") if start == "all" else ("off", "on")
    return [Factor(letter, first, (other,)) for letter in LETTERS[:number]]


def _levels(arms: list[Arm]) -> dict[str, Mapping[str, str]]:
    return {arm.name: arm.levels for arm in arms}


def _response(arms: list[Arm], truth: Mapping[tuple[Term, ...], float]) -> dict[str, dict[int, float]]:
    """Scores without noise, seed 0, of arms with these effects."""
    scores = {arm.name: {0: 50.0} for arm in arms}
    for terms, effect in truth.items():
        for arm, code in codes(terms, _levels(arms)).items():
            scores[arm][0] += code * effect / 2
    return scores


def _estimate(effect: Effect, arms: list[Arm], scores: Mapping[str, Mapping[int, float]]) -> float:
    read = {arm.name: arm.levels for arm in arms if not effect.arms or arm.name in effect.arms}
    return by_seed(codes(effect.terms, read), scores)[0]


@pytest.mark.parametrize("start", ["bare", "all"])
@pytest.mark.parametrize(("design", "number"), TWO_LEVEL, ids=str)
def test_arms_are_unique_balanced_and_orthogonal_with_the_baseline_first(design: Any, number: int, start: str) -> None:
    factors = _lettered(number, start)
    arms = read_design(design).arms(factors, start)
    assert dict(arms[0].levels) == {factor.name: factor.start for factor in factors}
    assert len({arm.name for arm in arms}) == len({tuple(arm.levels.items()) for arm in arms}) == len(arms)
    signs = signs_of(arms, factors)
    assert np.array_equal(signs.T @ signs, len(arms) * np.eye(number))
    assert not signs.sum(axis=0).any()


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([each for each in TWO_LEVEL if each[1] <= 12]),
    st.sampled_from(["bare", "all"]),
    st.randoms(use_true_random=False),
)
def test_estimates_are_the_truth_and_what_the_alias_table_says(
    design: tuple[Any, int], start: str, chance: Any
) -> None:
    """Every main effect and interaction of two factors has an effect; nothing else is in any estimate."""
    factors = _lettered(design[1], start)
    made = read_design(design[0])
    arms = made.arms(factors, start)
    reading = made.reading(arms, factors)
    terms = {factor.name: factor.terms()[0] for factor in factors}
    effects = [(name,) for name in terms] + list(itertools.combinations(terms, 2))
    truth = {effect: chance.uniform(-9, 9) for effect in effects}
    scores = _response(arms, {tuple(terms[name] for name in effect): value for effect, value in truth.items()})
    shares = {alias.effect: alias.others for alias in reading.aliases.table} if reading.aliases else {}
    assert {(name,) for name in terms} <= {tuple(term[0] for term in effect.terms) for effect in reading.effects}
    for effect in reading.effects:
        names = tuple(term[0] for term in effect.terms)
        expected = truth[names] + sum(weight * truth[other] for other, weight in shares.get(names, ()))
        assert _estimate(effect, arms, scores) == pytest.approx(expected, abs=1e-9)
    if reading.aliases and reading.aliases.resolution >= 4:
        assert not any(others for effect, others in shares.items() if len(effect) == 1)
    if reading.aliases is None or reading.aliases.resolution >= 5:
        assert len(reading.effects) == len(effects) and not any(shares.values())


def _aliases_of(number: int, resolution: int, start: str = "all") -> dict[str, set[tuple[str, float]]]:
    made = read_design({"fractional": {"resolution": resolution}})
    factors = _lettered(number, start)
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
    factors = _lettered(number, "bare")
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


def test_eleven_tips_share_a_third_of_every_interaction_in_twelve_arms_and_none_when_folded() -> None:
    factors = [tip_factor(name, "bare") for name in ("he_init", "batch_norm", "replay", "ema")] + _lettered(7, "bare")
    plain, folded = read_design("plackett-burman"), read_design({"plackett-burman": {"foldover": True}})
    aliases = plain.reading(plain.arms(factors, "bare"), factors).aliases
    assert aliases is not None and aliases.resolution == 3 and len(aliases.table) == 11
    for alias in aliases.table:
        assert len(alias.others) == math.comb(10, 2)
        assert {round(abs(weight), 12) for _, weight in alias.others} == {round(1 / 3, 12)}
    arms = folded.arms(factors, "bare")
    clear = folded.reading(arms, factors).aliases
    assert len(arms) == 24 and clear is not None and clear.resolution == 4
    assert not any(alias.others for alias in clear.table)


def test_levels_of_a_grid_are_compared_on_average_over_everything_else() -> None:
    kind = path_factor("optimizer.generator.kind", ["adam", "rmsprop", "sgd"])
    factors = [tip_factor("he_init", "all"), kind]
    made = read_design("grid")
    arms = made.arms(factors, "all")
    value = {("on", "adam"): 1.0, ("off", "adam"): 2.0, ("on", "rmsprop"): 4.0, ("off", "rmsprop"): 8.0}
    value |= {("on", "sgd"): 16.0, ("off", "sgd"): 32.0}
    scores = {arm.name: {0: value[tuple(arm.levels.values())]} for arm in arms}  # type: ignore[index]
    found = {effect.terms: _estimate(effect, arms, scores) for effect in made.reading(arms, factors).effects}
    he_init = ("he_init", "off", "on")
    sgd = ("optimizer.generator.kind", "adam", "sgd")
    rmsprop = ("optimizer.generator.kind", "adam", "rmsprop")
    assert found == pytest.approx(
        {(he_init,): -7.0, (rmsprop,): 4.5, (sgd,): 22.5, (he_init, rmsprop): -1.5, (he_init, sgd): -7.5}
    )


@pytest.mark.parametrize("start", ["bare", "all"])
def test_both_baselines_show_the_effect_beside_each(start: str) -> None:
    factors = [*_lettered(3, start), path_factor("generator.width", [8, 16])]
    made = read_design("both")
    arms = made.arms(factors, start)
    far = "bare" if start == "all" else "all"
    assert [arm.name for arm in arms if len(set(list(arm.levels.values())[:3])) == 1 and "=" not in arm.name] == [
        start,
        far,
    ]
    assert len(arms) == 2 + 2 * 4 == len({tuple(arm.levels.items()) for arm in arms})
    a, b = factors[0].terms()[0], factors[1].terms()[0]
    scores = _response(arms, {(a,): 4.0, (b,): 2.0, (a, b): 3.0})
    effects = made.reading(arms, factors).effects
    found = {(effect.terms[0][0], effect.beside): _estimate(effect, arms, scores) for effect in effects}
    assert found == pytest.approx(
        {
            ("A", "bare"): 1.0,
            ("A", "all"): 7.0,
            ("B", "bare"): -1.0,
            ("B", "all"): 5.0,
            ("C", "bare"): 0.0,
            ("C", "all"): 0.0,
            ("generator.width", "bare"): 0.0,
            ("generator.width", "all"): 0.0,
        }
    )


def test_both_of_two_factors_is_the_factorial() -> None:
    arms = read_design("both").arms(_lettered(2, "bare"), "bare")
    assert [arm.name for arm in arms] == ["bare", "A", "B", "all"]


def test_a_seed_that_lacks_an_arm_is_left_out() -> None:
    scores = {"a": {0: 1.0, 1: 2.0}, "b": {0: 3.0, 1: 5.0, 2: 9.0}, "c": {2: 1.0}}
    assert by_seed({"a": -1, "b": 1}, scores) == {0: 2.0, 1: 3.0}
    assert by_seed({"a": -1, "b": 1, "c": 1}, scores) == {}
    assert by_seed({"a": 1}, scores) == {}


@pytest.mark.parametrize(
    ("design", "factors", "message"),
    [
        ("fractional", _lettered(3), "no fraction of 3 factors has resolution 4: the highest is 3 (4 arms)"),
        (
            "fractional",
            _lettered(2),
            "a fraction needs three factors or more; design=factorial tells everything apart in 4 arms",
        ),
        (
            {"fractional": {"resolution": 6}},
            _lettered(5),
            "no fraction of 5 factors has resolution 6: the highest is 5",
        ),
        (
            {"fractional": {"resolution": 9}},
            _lettered(22),
            "is offered (4096 arms at most): ask for another resolution",
        ),
        ("plackett-burman", _lettered(2), "needs three factors or more, not 2: use factorial"),
        ("plackett-burman", [Factor(str(n), "off", ("on",)) for n in range(25)], "of 25 factors (28 arms) is known"),
        ("factorial", _lettered(13), "of these 13 factors has 8192 arms, and 4096 are the most: use {fractional"),
        ("both", _lettered(1), "design=both needs two factors or more"),
        *(
            (design, [*_lettered(3), Factor("kind", "adam", ("sgd", "rmsprop"))], "'kind' has 3: choose two of them")
            for design in ("both", "fractional", "plackett-burman")
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_design_that_does_not_exist_is_refused_with_what_would_do(
    design: Any, factors: list[Factor], message: str
) -> None:
    with pytest.raises(Misuse) as refusal:
        read_design(design).arms(factors, "bare")
    assert message in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_with_all_its_settings_reads_as_itself(name: str) -> None:
    needed = {"search": {"trials": 5}, "given": {"combinations": {"best": {"he_init": "on"}}}}
    made = read_design({name: needed[name]} if name in needed else name)
    assert read_design(made.settings()) == made
    assert str(made).startswith(name)


def test_settings_are_named_where_they_matter() -> None:
    assert str(read_design("fractional")) == "fractional (resolution 4)"
    assert str(read_design({"plackett-burman": {"foldover": True}})) == "plackett-burman (foldover)"
    assert str(read_design("plackett-burman")) == "plackett-burman"


def test_the_page_counts_the_arms_of_eleven_tips() -> None:
    page = (Path(__file__).parents[3] / "docs" / "designs.md").read_text()
    rows = re.findall(r"^\| (`.*?) \| ([\d,]+) \|", page, re.MULTILINE)
    counted = {text: int(count.replace(",", "")) for line, count in rows for text in re.findall(r"`(.*?)`", line)}
    assert {str(next(iter(yaml.safe_load(text)), text)) if "{" in text else text for text in counted} == set(
        DESIGNS
    ) - {"given", "search"}, "how many arms these have is the user's choice"
    for text, count in counted.items():
        assert len(read_design(yaml.safe_load(text)).arms(_lettered(11), "all")) == count, text
