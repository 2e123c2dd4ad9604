"""The answer of a search: the winner where there is one, and its recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.records.search_file import SearchScore
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.search_text import search_view
from tests.known_studies import SEARCH

Make = Callable[..., Path]
RECORD = replace(
    SEARCH,
    split="train",
    chosen={"he_init": {"he_init": "on"}, "batch_norm": {"batch_norm": "on"}},
    values={"he_init": SearchScore(30.0, 1.0), "batch_norm": SearchScore(31.0, 1.0)},
    found_as={"he_init": "s003", "batch_norm": "s007"},
)


def test_the_winner_is_named_with_its_recipe(study: Make) -> None:
    view = search_view(analyse(replace(from_study(study()), search=RECORD)), Numbers(2, "ratio"))
    assert view is not None
    assert view["lines"][0].startswith("Of 19 other combinations that finished in the search, the best 2 were compared")
    assert view["lines"][1].startswith("The winner is he_init: FID −2")  # noqa: RUF001
    assert (view["winner"], view["levels"]) == ("he_init", {"he_init": "on"})
    assert view["train"] == "dcgan train studies/tips/recipes/s003.yaml"


def test_where_fresh_seeds_show_nothing_the_best_is_not_called_a_winner(study: Make) -> None:
    chosen = {"batch_norm": RECORD.chosen["batch_norm"]}
    results = replace(from_study(study()), search=replace(RECORD, chosen=chosen))
    view = search_view(analyse(results), Numbers(2, "ratio"))
    assert view is not None and view["lines"][1].startswith("None was shown to be better on 5 fresh seeds. The best")
    assert view["lines"][1].endswith(", hurts.")
    older = search_view(analyse(replace(results, search=replace(RECORD, found_as={}))), Numbers(2, "ratio"))
    assert older is not None and older["recipe"] == older["train"] == "", "which wrote no recipes"


def test_nothing_is_named_where_nothing_was_confirmed_or_searched(study: Make) -> None:
    results = from_study(study())
    assert search_view(analyse(results), Numbers(2)) is None
    view = search_view(analyse(replace(results, search=replace(RECORD, chosen={}, values={}))), Numbers(2))
    assert view is not None and (view["winner"], view["recipe"]) == (None, "")
    assert view["lines"] == [RECORD.__class__.answer(replace(RECORD, chosen={}))]
