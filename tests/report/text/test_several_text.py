"""Several studies in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dcgan.comparison.from_table import from_csv
from dcgan.comparison.several import Several, put_together
from dcgan.comparison.tips_across import TipKey
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.several_text import (
    across,
    agreement,
    glossary,
    pooling_words,
    several_headline,
    several_noun,
    several_warnings,
    unfinished,
)
from tests.several_sources import table_of

Make = Callable[..., Path]


def several_of(csv_file: Make, *, names: tuple[str, ...] = ("one", "two", "three"), **effects: list[float]) -> Several:
    """`effects`: an arm's in each study, NaN where a study has not got it."""
    sources = {}
    for index, name in enumerate(names):
        own = {arm: values[index] for arm, values in effects.items() if values[index] == values[index]}
        sources[name] = from_csv(table_of(csv_file, name, level=float(index), noise=index, **own))
    return put_together(sources)


def with_tips(several: Several) -> Several:
    """As if the arms were tips."""
    tips = tuple(replace(tip, key=TipKey(tip.label, "off", "on")) for tip in several.tips)
    return replace(several, tips=tips)


def test_the_headline_counts_the_tips_by_what_the_studies_agree_on(csv_file: Make) -> None:
    several = several_of(
        csv_file, a=[-0.3, -0.3, -0.4], b=[-0.2, -0.3, -0.2], c=[0.3, 0.3, 0.4], d=[0.3, -0.3, 0.3], e=[0.0, 0.0, 0.0]
    )
    assert several_headline(with_tips(several)) == (
        "Of 5 tips in 3 studies, 2 help in all, 1 hurts in all, 1 disagrees and 1 has no effect in all."
    )
    assert several_noun(several) == "comparison"


def test_the_headline_says_what_only_some_studies_have(csv_file: Make) -> None:
    nan = float("nan")
    several = several_of(csv_file, a=[-0.3, -0.3, nan], b=[-0.2, nan, nan], c=[nan, nan, 0.3])
    assert (
        several_headline(several)
        == "The only comparison in two or more of 3 studies helps in all. 2 more are in one study only."
    )
    nothing = several_of(csv_file, a=[0.3, nan, nan], b=[nan, 0.3, 0.3])
    apart = replace(nothing, tips=tuple(tip for tip in nothing.tips if tip.label == "a"))
    assert several_headline(apart) == (
        "The 3 studies have no comparison in common: nothing can be compared across them."
    )


def test_agreement_counts_verdicts_and_signs(csv_file: Make) -> None:
    several = several_of(csv_file, a=[-0.3, -0.3, -0.001], d=[0.3, -0.3, 0.3], f=[-0.3, -0.3, 0.3], g=[0.3, 0.3, 0.001])
    told = {tip.label: agreement(several, tip) for tip in several.tips}
    assert told["a"][0] == "helps in 2 of 3"
    assert told["d"] == ("disagree", "helps in 1, hurts in 2")
    assert told["f"] == ("disagree", "helps in 2, hurts in 1")
    assert told["g"][0] == "hurts in 2 of 3"
    assert told["a"][1].startswith("better in ") and told["g"][1].startswith("worse in ")


def test_a_sentence_tells_every_study_and_what_they_come_to(csv_file: Make) -> None:
    several = several_of(csv_file, a=[-0.3, -0.3, -0.4])
    numbers = {name: Numbers.of(analysis) for name, analysis in several.analyses.items()}
    text = across(several, several.tips[0], numbers)
    assert text.startswith("a, helps in all 3, better in 3 of 3: one −2")  # noqa: RUF001
    assert text.count("(helps)") == 3
    assert "Pooled −2" in text or "Pooled −3" in text  # noqa: RUF001
    assert text.endswith(" %.") and "adjusted p" in text


def test_two_studies_are_said_to_settle_next_to_nothing(csv_file: Make) -> None:
    words = " ".join(pooling_words(several_of(csv_file, names=("one", "two"), a=[-0.3, -0.4])))
    assert "Two studies leave one degree of freedom" in words
    assert "Two studies" not in " ".join(pooling_words(several_of(csv_file, a=[-0.3, -0.3, -0.4])))


def test_what_is_not_pooled_is_said_once_and_the_glossary_leaves_it_out(csv_file: Make) -> None:
    several = several_of(csv_file, a=[-0.3, -0.3, -0.4])
    unpooled = replace(several, unpooled="of this", tips=(replace(several.tips[0], pooled=None, unpooled="of this"),))
    assert pooling_words(unpooled) == ["Nothing is pooled: of this. Compare signs and verdicts."]
    assert "pooled" not in dict(glossary(unpooled, "5 %"))
    words = dict(glossary(several, "5 %"))
    assert "Holm's procedure over 1 pooled effect" in words["p, adjusted"] and "±5 %" in words["p, adjusted"]
    assert "not over studies" in words["a study's verdict"]


def test_warnings_name_their_study_and_unfinished_ones_are_told(csv_file: Make) -> None:
    several = several_of(csv_file, names=("one", "two"), a=[-0.3, -0.4])
    results = several.analyses["two"].results
    odd = replace(several.analyses["two"], results=replace(results, metric="kid"))
    several = replace(several, analyses={**several.analyses, "two": odd}, shared={("one", "two"): 3})
    first, second = several_warnings(several)
    assert first.startswith("Runs in common: one and two have 3 runs in common.")
    assert second.startswith("two, Not the planned metric: ")
    assert unfinished(several) == ""


def test_studies_of_unequal_budgets_are_told(csv_file: Callable[..., Path]) -> None:
    sources = {
        name: from_csv(table_of(csv_file, name, level=level, good=-0.3)) for name, level in (("a", 2.0), ("b", 3.0))
    }
    images = {"a": 800, "b": 1600}
    seen = {name: replace(each, images=dict.fromkeys([("bare", 0)], images[name])) for name, each in sources.items()}
    (line,) = [line for line in several_warnings(put_together(seen)) if line.startswith("Unequal budgets")]
    assert line.startswith("Unequal budgets: runs saw 800 in a, 1,600 in b images")
    assert not [line for line in several_warnings(put_together(sources)) if line.startswith("Unequal budgets")]
