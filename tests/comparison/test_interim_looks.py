"""Reports on studies that stop when decided: adjusted numbers, where each was decided, and that the rule is told."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dcgan import report
from dcgan.common.errors import DcganError
from dcgan.comparison.analysis import Analysis, analyse
from dcgan.comparison.comparisons import Comparison
from dcgan.comparison.from_study import from_study
from dcgan.report.text.processors_text import spread_of

STOP = {"first": 4, "every": 2, "at_most": 8}
EARLY = ("without-he_init", "without-batch_norm")  # decided at the first look


def _stopped(study: Callable[..., Path], statuses: dict[tuple[str, int], str], **settings: Any) -> Path:
    folder = study(start="all", seeds=8, statuses=statuses, **settings)
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps({**plan, "stop": STOP}))
    return folder


def _skipped(*arms: str, first: int = 4) -> dict[tuple[str, int], str]:
    return {(arm, seed): "skipped" for arm in arms for seed in range(first, 8)}


def _of(analysis: Analysis, arm: str) -> Comparison:
    return next(each for each in analysis.comparisons if each.arm.arm == arm)


def test_a_decided_comparison_speaks_of_the_seeds_of_its_look(study: Callable[..., Path]) -> None:
    analysis = analyse(from_study(_stopped(study, _skipped(*EARLY))), margin=0.01)
    for arm in EARLY:
        found = _of(analysis, arm)
        assert (found.look, found.paired.pairs, found.dropped) == (4, 4, 0)
        assert found.verdict in ("helps", "hurts")
    last = _of(analysis, "without-optimizer")
    assert (last.look, last.paired.pairs) == (8, 8)
    assert (analysis.planned, analysis.undone) == (24, 0)


def test_runs_beyond_the_look_of_a_decided_comparison_are_not_counted(study: Callable[..., Path]) -> None:
    folder = _stopped(study, {("without-he_init", 2): "diverged", ("without-he_init", 7): "diverged"})
    found = _of(analyse(from_study(folder), margin=0.01), "without-he_init")
    assert found.look is not None and found.look < 8
    assert (found.paired.pairs, found.dropped) == (found.look - 1, 1)


def test_pairs_over_two_kinds_of_processors_are_counted_up_to_the_look(study: Callable[..., Path]) -> None:
    made = {("without-he_init", seed): [{"torch": "2.13.0"}] for seed in (1, 6)}
    analysis = analyse(from_study(_stopped(study, {}, environments=made)), margin=0.01)
    look = _of(analysis, "without-he_init").look
    assert look is not None and look < 6
    found = next(each for each in spread_of(analysis).pairs if each.arm == "without-he_init")
    assert (found.pairs, found.across) == (look, 1)


def test_p_and_intervals_are_wider_than_those_of_a_fixed_number_of_seeds(study: Callable[..., Path]) -> None:
    folder = _stopped(study, {})
    stopped = _of(analyse(from_study(folder), margin=0.01), "without-optimizer")
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps({**plan, "stop": None, "scale": "difference"}))
    fixed = _of(analyse(from_study(folder), margin=0.01), "without-optimizer")
    assert stopped.paired.differences == fixed.paired.differences
    for key in ("interval", "equivalence"):
        ours, theirs = getattr(stopped.estimate, key), getattr(fixed.paired, key)
        assert ours[0] < theirs[0] < theirs[1] < ours[1]
    assert (stopped.look, fixed.look) == (8, None)


def test_the_margin_is_of_the_first_look(study: Callable[..., Path]) -> None:
    results = from_study(_stopped(study, _skipped(*EARLY)))
    analysis = analyse(results)
    first = [score for seed, score in analysis.baseline.scores.items() if seed < 4]
    assert analysis.margin == pytest.approx(0.05 * sum(first) / 4)


def test_another_level_judges_what_there_is(study: Callable[..., Path]) -> None:
    strict = analyse(from_study(_stopped(study, _skipped(*EARLY))), margin=0.01, alpha=1e-6)
    assert [(each.look, each.verdict) for each in strict.comparisons] == [
        (4, "inconclusive"),
        (4, "inconclusive"),
        (8, "inconclusive"),
    ]


def test_the_reader_is_told_the_rule_and_where_each_was_decided(study: Callable[..., Path], tmp_path: Path) -> None:
    folder = _stopped(study, _skipped("all", *EARLY, "without-optimizer"))
    record = report.write(from_study(folder), tmp_path / "out")
    assert record["stop"]["looks"] == [4, 6, 8]
    assert [each["look"] for each in record["comparisons"]] == [4, 4, 4]
    assert record["trials"]["total"] == record["trials"]["done"] == 16
    assert record["trials"]["skipped"] == 16
    assert not record["partial"]
    for name in ("index.html", "report.md"):
        text = " ".join((tmp_path / "out" / name).read_text().split())
        for told in (
            "This study adds seeds until comparisons are decided: they were looked at after 4 seeds, then after every 2 seeds up",
            "decided with 4",
            "over the first 4 seeds",
            "16 skipped",
        ):
            assert told in text.replace("\N{NO-BREAK SPACE}", " "), (name, told)


def test_tables_of_earlier_versions_say_spared_for_skipped(study: Callable[..., Path]) -> None:
    folder = _stopped(study, _skipped(*EARLY))
    skipped = from_study(folder).table
    assert (skipped["status"] == "skipped").sum() == 8
    table = folder / "trials.csv"
    former = table.read_text().replace(",skipped,", ",spared,")
    assert former.count("spared") == 8
    table.write_text(former)
    assert from_study(folder).table.equals(skipped)


def test_before_the_first_look_there_is_nothing_to_report(study: Callable[..., Path]) -> None:
    folder = _stopped(study, {("all", 3): "planned", ("all", 5): "planned"})
    with pytest.raises(DcganError, match="its first look, after 4 seeds, is not complete yet: dcgan status tips"):
        analyse(from_study(folder))


def test_a_damaged_rule_is_named(study: Callable[..., Path]) -> None:
    folder = _stopped(study, {})
    plan = json.loads((folder / "plan.json").read_text())
    (folder / "plan.json").write_text(json.dumps({**plan, "stop": {"first": 4}}))
    with pytest.raises(DcganError, match="plan.json is damaged: stop is"):
        from_study(folder)


def test_a_score_without_a_logarithm_leaves_its_comparison_open_and_is_told(study: Callable[..., Path]) -> None:
    results = from_study(_stopped(study, {}))
    table = results.table.copy()
    table.loc[(table["arm"] == "without-he_init") & (table["seed"] == 1), "fid"] = -0.5
    results = replace(results, scale="ratio", table=table)
    analysis = analyse(results)
    refused = _of(analysis, "without-he_init")
    assert (refused.verdict, refused.estimate.p, refused.seeds_needed) == ("inconclusive", None, None)
    assert refused.estimate.reason.startswith("a score of -0.5 has no logarithm")
    assert _of(analysis, "without-batch_norm").verdict == "helps"
    assert _of(analyse(results, scale="difference"), "without-he_init").estimate.p is not None
