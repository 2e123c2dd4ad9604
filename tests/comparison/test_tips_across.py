"""Which effects of several studies are of the same tip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.tips_across import StudyEffect, TipAcross, TipKey, side_by_side
from dcgan.statistics.paired import Verdict
from dcgan.statistics.verdicts import Estimate
from tests.known_studies import make_study
from tests.report.designs import tips, write_study
from tests.several_sources import table_of

Make = Callable[..., Path]
OFF_ON = TipKey("he_init", "off", "on")


def test_a_study_from_bare_and_one_from_all_speak_of_the_same_tips(tmp_path: Path) -> None:
    bare = analyse(from_study(make_study(tmp_path / "a", name="a")))
    full = analyse(from_study(make_study(tmp_path / "b", name="b", start="all", seeds=4)))
    found = {tip.key: tip for tip in side_by_side({"a": bare, "b": full})}
    assert set(found) == {TipKey(name, "off", "on") for name in ("he_init", "batch_norm", "optimizer")}
    assert all(set(tip.effects) == {"a", "b"} for tip in found.values())
    assert [effect.verdict for effect in found[OFF_ON].effects.values()] == ["helps", "helps"]
    assert all(effect.estimate.effect < 0 for effect in found[OFF_ON].effects.values())


def test_a_tables_arms_are_the_tips_that_a_study_has_them_for(tmp_path: Path, csv_file: Make) -> None:
    """An arm without a tip is turned round."""
    full = analyse(from_study(make_study(tmp_path, name="full", start="all")))
    table = analyse(from_csv(table_of(csv_file, "table", **{"without-he_init": 0.2, "batch_norm": 0.3, "mine": 0.1})))
    found = {tip.key: tip for tip in side_by_side({"full": full, "table": table})}
    turned = found[OFF_ON].effects["table"]
    assert turned.estimate.effect == pytest.approx(-0.2, abs=0.02) and turned.verdict == "helps"
    assert turned.estimate.interval[0] < turned.estimate.effect < turned.estimate.interval[1]
    assert found[TipKey("batch_norm", "off", "on")].effects["table"].verdict == "hurts"
    assert found[TipKey("mine", "", "")].effects.keys() == {"table"}


def test_two_tables_match_by_the_names_of_their_arms(csv_file: Make) -> None:
    one, two = (analyse(from_csv(table_of(csv_file, name, noise=1, mine=0.1))) for name in ("one", "second"))
    (tip,) = side_by_side({"one": one, "two": two})
    assert (tip.key, set(tip.effects)) == (TipKey("mine", "", ""), {"one", "two"})


def test_a_design_gives_its_main_effects(tmp_path: Path) -> None:
    design = analyse(from_study(write_study(tmp_path, "factorial", tips(3), {("he_init",): -4.0}, noise=0.3)))
    found = side_by_side({"design": design})
    assert len(found) == 3 and {(tip.key.instead, tip.key.level) for tip in found} == {("off", "on")}
    assert all(tip.effects["design"].estimate.se for tip in found)


def test_of_two_baselines_the_first_one_counts(tmp_path: Path) -> None:
    both = analyse(from_study(write_study(tmp_path, "both", tips(3), {("he_init",): -4.0}, noise=0.1)))
    found = side_by_side({"both": both})
    assert len(found) == 3
    first = both.effects.mains[0].effect.beside
    expected = [main.estimate for main in both.effects.mains if main.effect.beside == first]
    assert [tip.effects["both"].estimate for tip in found] == expected


def test_arms_of_two_searches_are_not_the_same_for_their_names(study: Make) -> None:
    results = from_study(study())
    settings = [{"he_init": "on", "batch_norm": "on"}, {"he_init": "on", "optimizer": "on"}]
    analyses = {}
    for name, changed in zip(("one", "two"), settings, strict=True):
        levels = {arm: dict(of_arm) for arm, of_arm in results.levels.items()}
        levels["he_init"] |= changed
        analyses[name] = analyse(replace(results, levels=levels))
    alike = [tip for tip in side_by_side(analyses) if tip.label == "he_init"]
    assert [set(tip.effects) for tip in alike] == [{"one"}, {"two"}]


def across(*verdicts: Verdict) -> TipAcross:
    effects = {str(index): StudyEffect(Estimate("paired", effect=-1.0), each) for index, each in enumerate(verdicts)}
    return TipAcross(OFF_ON, "he_init", effects)


@pytest.mark.parametrize(
    ("verdicts", "consensus"),
    [
        (("helps", "hurts", "inconclusive"), "disagree"),
        (("helps", "helps"), "helps in all"),
        (("helps", "no effect"), "helps in some"),
        (("hurts", "hurts"), "hurts in all"),
        (("inconclusive", "hurts"), "hurts in some"),
        (("no effect", "no effect"), "no effect in all"),
        (("no effect", "inconclusive"), "open"),
        (("inconclusive", "inconclusive"), "open"),
        (("helps",), "one study"),
    ],
)
def test_the_consensus_is_that_of_the_verdicts(verdicts: tuple[Verdict, ...], consensus: str) -> None:
    assert across(*verdicts).consensus == consensus


def test_an_effect_that_is_turned_has_the_opposite_verdict() -> None:
    effect = StudyEffect(Estimate("paired", effect=0.2, interval=(0.1, 0.4)), "hurts").turned()
    assert (effect.estimate.effect, effect.estimate.interval, effect.verdict) == (-0.2, (-0.4, -0.1), "helps")
    assert StudyEffect(Estimate("paired"), "no effect").turned().verdict == "no effect"
