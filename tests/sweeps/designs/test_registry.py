"""Designs: balanced, with the baseline, as published, and their estimates equal to the truth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from dcgan.common.errors import Misuse
from dcgan.study import plan
from dcgan.sweeps import sweep
from dcgan.sweeps.designs import DESIGNS, Factor, read_design
from dcgan.sweeps.designs.aliased import signs_of
from tests.sweeps.designs.lettered import TWO_LEVEL, lettered


@pytest.mark.parametrize("start", ["bare", "all"])
@pytest.mark.parametrize(("design", "number"), TWO_LEVEL, ids=str)
def test_arms_are_unique_balanced_and_orthogonal_with_the_baseline_first(design: Any, number: int, start: str) -> None:
    factors = lettered(number, start)
    arms = read_design(design).arms(factors, start)
    assert dict(arms[0].levels) == {factor.name: factor.start for factor in factors}
    assert len({arm.name for arm in arms}) == len({tuple(arm.levels.items()) for arm in arms}) == len(arms)
    signs = signs_of(arms, factors)
    assert np.array_equal(signs.T @ signs, len(arms) * np.eye(number))
    assert not signs.sum(axis=0).any()


@pytest.mark.parametrize(
    ("design", "factors", "message"),
    [
        ("fractional", lettered(3), "no fraction of 3 factors has resolution 4: the highest is 3 (4 arms)"),
        (
            "fractional",
            lettered(2),
            "a fraction needs three factors or more; design=factorial tells everything apart in 4 arms",
        ),
        (
            {"fractional": {"resolution": 6}},
            lettered(5),
            "no fraction of 5 factors has resolution 6: the highest is 5",
        ),
        (
            {"fractional": {"resolution": 9}},
            lettered(22),
            "is offered (4096 arms at most): ask for another resolution",
        ),
        ("plackett-burman", lettered(2), "needs three factors or more, not 2: use factorial"),
        ("plackett-burman", [Factor(str(n), "off", ("on",)) for n in range(25)], "of 25 factors (28 arms) is known"),
        ("factorial", lettered(13), "of these 13 factors has 8192 arms, and 4096 are the most: use {fractional"),
        ("both", lettered(1), "design=both needs two factors or more"),
        *(
            (design, [*lettered(3), Factor("kind", "adam", ("sgd", "rmsprop"))], "'kind' has 3: choose two of them")
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


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_compares_arm_by_arm_or_estimates_effects_from_all_arms(name: str) -> None:
    needed = {"search": {"trials": 5}, "given": {"combinations": {"best": {"A": "off"}}}}
    design, factors = read_design({name: needed[name]} if name in needed else name), lettered(4)
    effects = design.reading(design.arms(factors, "all"), factors).effects
    assert bool(effects) != design.arm_by_arm


def test_settings_are_named_where_they_matter() -> None:
    assert str(read_design("fractional")) == "fractional (resolution 4)"
    assert str(read_design({"plackett-burman": {"foldover": True}})) == "plackett-burman (foldover)"
    assert str(read_design("plackett-burman")) == "plackett-burman"


def test_every_design_is_shown_on_the_page_as_it_can_be_written() -> None:
    page = (Path(__file__).parents[3] / "docs" / "designs.md").read_text()
    shown = [yaml.safe_load(block) for block in re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)]
    for content in shown:
        usual = {"study": "s", "experiment": "mnist", "seeds": 2}
        assert plan.make(sweep.parse({**usual, **content}, "docs/designs.md")).arms
    assert {read_design(content["design"]).name for content in shown} == set(DESIGNS)


def test_the_page_counts_the_arms_of_eleven_tips() -> None:
    page = (Path(__file__).parents[3] / "docs" / "designs.md").read_text()
    rows = re.findall(r"^\| (`.*?) \| ([\d,]+) \|", page, re.MULTILINE)
    counted = {text: int(count.replace(",", "")) for line, count in rows for text in re.findall(r"`(.*?)`", line)}
    assert {str(next(iter(yaml.safe_load(text)), text)) if "{" in text else text for text in counted} == set(
        DESIGNS
    ) - {"given", "search"}, "how many arms these have is the user's choice"
    for text, count in counted.items():
        assert len(read_design(yaml.safe_load(text)).arms(lettered(11), "all")) == count, text
