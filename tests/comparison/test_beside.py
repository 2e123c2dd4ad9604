"""A study beside its replications: each judged alone, compared by tip."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from dcgan.common.files import write_json
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.beside import more_command, open_command, side_by_side
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.comparison.tip_effects import TipEffect

Make = Callable[..., Path]


def _labels(analysis: Analysis, number: int = 0) -> list[tuple[str, str, str, str]]:
    sides = side_by_side(analysis, analysis.replications[number])
    return [
        (of.label, first.judgement.verdict, again.judgement.verdict, agreement)
        for of, first, again, agreement in sides
        if isinstance(of, TipEffect)
    ]


def test_each_is_judged_alone_and_shown_beside(study: Make) -> None:
    folder = study()
    alone = analyse(from_study(folder))
    again = study(name="tips-more-1", first_seed=5, seeds=4, replicates="tips")
    study(name="tips-more-2", first_seed=9, seeds=3, replicates="other")
    analysis = analyse(from_study(folder))
    assert [each.results.title for each in analysis.replications] == ["tips-more-1"]
    assert analysis.comparisons == alone.comparisons, "nothing is pooled"
    assert analysis.replications[0].comparisons == analyse(from_study(again)).comparisons
    assert set(analysis.replications[0].results.table["seed"]) == {5, 6, 7, 8}
    assert _labels(analysis) == [
        ("he_init", "helps", "helps", "agrees"),
        ("optimizer", "no effect", "no effect", "agrees"),
        ("batch_norm", "hurts", "hurts", "agrees"),
    ]
    assert analysis.results.commands == (
        "dcgan sweep studies/tips/sweep.yaml",
        "dcgan sweep tips --more 4",
        "dcgan report tips",
    )
    assert from_study(again).commands == ("dcgan sweep tips --more 4", "dcgan report tips-more-1")
    assert "A replication of study tips on fresh seeds, judged alone." in from_study(again).notes


def test_the_same_is_compared_the_same_way(study: Make) -> None:
    folder = study(start="all")
    study(start="all", name="tips-more-1", first_seed=5, seeds=4, replicates="tips")
    analysis = analyse(from_study(folder), metric="kid", scale="difference", alpha=0.01, baseline="without-he_init")
    again = analysis.replications[0]
    assert (again.metric, again.scale, again.alpha, again.baseline.arm) == (
        "kid",
        "difference",
        0.01,
        "without-he_init",
    )
    assert _labels(analyse(from_study(folder)))[0] == ("he_init", "helps", "helps", "agrees"), "from off to on"


def test_one_that_is_not_over_has_no_agreement_and_one_without_a_score_is_a_note(study: Make) -> None:
    folder = study()
    study(name="tips-more-1", first_seed=5, seeds=4, replicates="tips", statuses={("he_init", 8): "planned"})
    study(name="tips-more-2", first_seed=20, seeds=1, replicates="tips", statuses={})
    study(name="tips-more-3", first_seed=30, seeds=2, replicates="tips", statuses=_all("planned", 30))
    study(name="tips-more-4", first_seed=40, seeds=2, replicates="tips", statuses=_all("diverged", 40))
    results = from_study(folder)
    assert {agreement for *_, agreement in _labels(analyse(results))} == {""}
    assert "Replication tips-more-3: no trial is finished yet." in results.notes
    assert any(note.startswith("Replication tips-more-4: every run diverged: 8 of 8") for note in results.notes)


def _all(status: str, first: int) -> dict[tuple[str, int], str]:
    return {
        (arm, seed): status for arm in ("bare", "he_init", "batch_norm", "optimizer") for seed in (first, first + 1)
    }


def test_the_command_for_more_is_that_of_the_first_study(study: Make, three_arms: Path) -> None:
    folder = study(seeds=2)
    analysis = analyse(from_study(folder))
    open_ones = [each for each in analysis.comparisons if each.verdict == "inconclusive"]
    needed = min(each.seeds_needed for each in open_ones if each.seeds_needed)
    assert open_command(analysis) == f"dcgan sweep tips --more {needed}"
    again = study(name="tips-more-1", first_seed=5, seeds=2, replicates="tips")
    assert more_command(from_study(again), 7) == "dcgan sweep tips --more 7"
    assert more_command(from_csv(three_arms), 7) == "", "a table has no study"
    plan = folder / "plan.json"
    write_json(plan, {**json.loads(plan.read_text()), "stop": {"first": 2, "every": 1, "at_most": 2}})
    assert more_command(from_study(folder), 7) == ""
    assert open_command(analyse(from_study(study(name="settled", first_seed=9)))) == ""
