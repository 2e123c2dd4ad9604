"""Several studies put together: what is refused before any work, what is pooled, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.comparison import several as module
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.results import Results
from dcgan.comparison.several import Several, distinct_names, put_together
from dcgan.statistics.meta_analysis import pool
from dcgan.statistics.paired import holm
from tests.several_sources import table_of

Csv = Callable[..., Path]


@pytest.fixture
def one(csv_file: Csv) -> Results:
    return from_csv(table_of(csv_file, "one", good=-0.3, bad=0.3, odd=-0.25))


@pytest.fixture
def two(csv_file: Csv) -> Results:
    return from_csv(table_of(csv_file, "two", level=3.0, good=-0.4, bad=0.2, odd=0.25))


@pytest.fixture
def three(csv_file: Csv) -> Results:
    return from_csv(table_of(csv_file, "three", level=9.0, good=-0.35, bad=0.25, odd=0.3, own=-0.1))


def by_label(several: Several) -> dict[str, Any]:
    return {tip.label: tip for tip in several.tips}


def test_the_pooled_effect_is_that_of_the_studies_own_estimates(one: Results, two: Results, three: Results) -> None:
    several = put_together({"one": one, "two": two, "three": three})
    good = by_label(several)["good"]
    estimates = [effect.estimate for effect in good.effects.values()]
    assert good.pooled == pool([each.effect for each in estimates], [each.se for each in estimates])
    assert good.pooled.effect == pytest.approx(-0.35, abs=0.03)
    assert good.weights == dict(zip(("one", "two", "three"), good.pooled.weights, strict=True))
    pooled = [tip for tip in several.tips if tip.pooled]
    assert [tip.p_adjusted for tip in pooled] == holm([tip.pooled.p for tip in pooled])
    assert len(pooled) == 3
    assert several.margin == pytest.approx(0.04879, abs=1e-5)  # log(1.05)


def test_conflicts_come_first_then_from_the_most_helpful_on_and_those_of_one_study_last(
    one: Results, two: Results, three: Results
) -> None:
    several = put_together({"one": one, "two": two, "three": three})
    assert [(tip.label, tip.consensus) for tip in several.tips] == [
        ("odd", "disagree"),
        ("good", "helps in all"),
        ("bad", "hurts in all"),
        ("own", "one study"),
    ]
    own = several.tips[-1]
    assert (own.pooled, own.verdict, own.p_adjusted, own.unpooled) == (None, None, None, "only three has it")


def test_where_more_is_better_signs_and_verdicts_turn(one: Results, two: Results) -> None:
    tips = by_label(put_together({"one": one, "two": two}, goal="maximize"))
    assert tips["good"].consensus == "hurts in all" and tips["good"].signs("maximize") == (0, 2)
    assert tips["bad"].consensus == "helps in all" and tips["bad"].signs("maximize") == (2, 0)


def test_different_metrics_are_told_with_the_study_that_has_each(one: Results, csv_file: Csv) -> None:
    kid = from_csv(csv_file("arm,seed,kid", "bare,0,0.10", "bare,1,0.12", "good,0,0.1", "good,1,0.2", name="kid.csv"))
    with pytest.raises(Misuse) as error:
        put_together({"one": one, "kid": kid})
    assert str(error.value) == (
        "the studies have different metrics: fid in one; kid in kid. One --metric for all settles it"
    )


def test_different_scales_and_goals_are_told_and_settled_by_an_option(one: Results, two: Results) -> None:
    planned = replace(two, metric="fid", scale="difference", goal="maximize")
    with pytest.raises(Misuse, match="different goals: minimize in one; maximize in two. One --goal for all"):
        put_together({"one": one, "two": planned})
    with pytest.raises(Misuse, match="different scales: ratio in one; difference in two. One --scale for all"):
        put_together({"one": one, "two": planned}, goal="minimize")
    assert put_together({"one": one, "two": planned}, goal="minimize", scale="ratio").first.scale == "ratio"


def test_nothing_is_computed_before_the_refusal(one: Results, two: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "analyse", lambda *_, **__: pytest.fail("was computed"))
    with pytest.raises(Misuse):
        put_together({"one": one, "two": replace(two, metric="fid", scale="difference")})
    with pytest.raises(Misuse, match="two has no metric 'fids'|one has no metric 'fids'"):
        put_together({"one": one, "two": two}, metric="fids")


def test_the_same_runs_under_another_name_are_refused(one: Results, csv_file: Csv) -> None:
    again = replace(one, title="again")
    with pytest.raises(Misuse, match="one and again are the same runs: name each study once"):
        put_together({"one": one, "again": again})
    fewer = replace(one, table=one.table[one.table["seed"] < 4])
    with pytest.raises(Misuse, match="all of fewer are in the other"):
        put_together({"one": one, "fewer": fewer})


def test_what_rests_on_runs_in_common_is_not_pooled(one: Results, csv_file: Csv) -> None:
    """Two studies on the same experiment share their baseline's runs."""
    other = from_csv(table_of(csv_file, "other", noise=5, good=-0.2))
    bare = one.table[one.table["arm"] == "bare"]
    table = other.table
    table.loc[table["arm"] == "bare", "fid"] = bare["fid"].to_numpy()
    several = put_together({"one": one, "other": replace(other, table=table)})
    good = by_label(several)["good"]
    assert several.shared == {("one", "other"): len(bare)}
    assert (good.pooled, good.unpooled) == (None, "one and other have 6 runs in common: not independent")
    assert several.unpooled == ""


def test_scores_that_are_rounded_are_not_taken_for_the_same_run(csv_file: Csv) -> None:
    lines = [f"{arm},{seed},{value}" for seed in range(4) for arm, value in (("bare", 30 + seed), ("good", 20 + seed))]
    lines2 = [f"{arm},{seed},{value}" for seed in range(4) for arm, value in (("bare", 30 + seed), ("good", 22 - seed))]
    one, two = (
        from_csv(csv_file("arm,seed,fid", *rows, name=f"{name}.csv")) for name, rows in (("a", lines), ("b", lines2))
    )
    assert put_together({"a": one, "b": two}).shared == {}


def test_differences_are_pooled_under_one_protocol_only(one: Results, two: Results) -> None:
    several = put_together({"one": one, "two": two}, scale="difference")
    assert all(tip.pooled is None for tip in several.tips)
    assert several.unpooled == (
        "differences are pooled under one protocol only, and how one and two were scored is not said"
    )
    same = {name: replace(results, protocol={"name": "x"}) for name, results in (("one", one), ("two", two))}
    several = put_together(same, scale="difference")
    assert several.unpooled == "" and by_label(several)["good"].pooled is not None
    same["two"] = replace(two, protocol={"name": "y"})
    several = put_together(same, scale="difference")
    assert several.unpooled.endswith("these differ: one as x and two as y")
    assert [tip.label for tip in several.tips] == ["odd", "good", "bad"]  # ordered all the same, by how sure they help


def test_a_study_without_a_standard_error_is_shown_and_not_pooled(one: Results, two: Results, csv_file: Csv) -> None:
    single = from_csv(table_of(csv_file, "single", seeds=1, noise=7, good=-0.3))
    several = put_together({"one": one, "two": two, "single": single})
    good = by_label(several)["good"]
    assert good.effects["single"].estimate.effect is not None
    assert good.weights.keys() == {"one", "two"}
    pair = by_label(put_together({"one": one, "single": single}))["good"]
    assert (pair.pooled, pair.unpooled) == (None, "fewer than two studies have an effect with a standard error")


def test_studies_and_tables_go_together(study: Callable[..., Path], csv_file: Csv) -> None:
    results = from_study(study())
    table = from_csv(table_of(csv_file, "table", **{"he_init": -0.2, "without-batch_norm": -0.2}))
    tips = by_label(put_together({"tips": results, "table": table}))
    assert tips["he_init"].effects.keys() == {"tips", "table"} and tips["he_init"].consensus == "helps in all"
    assert "without-batch_norm" in tips  # no study has an arm of that name


def test_names_that_are_the_same_are_told_apart_by_their_folders() -> None:
    assert distinct_names(["a", "b"], [["x"], ["x"]]) == ["a", "b"]
    assert distinct_names(["t", "t", "b"], [["tables", "demo"], ["tables", "mine"], []]) == ["demo/t", "mine/t", "b"]
    with pytest.raises(Misuse, match="'t' is there twice"):
        distinct_names(["t", "t"], [["x"], ["x"]])
