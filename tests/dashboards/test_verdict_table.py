"""The table of verdicts says what the report says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.dashboards.verdict_table import cells, verdict_columns, verdict_markdown, verdict_rows
from dcgan.report import from_csv, from_study, write
from tests.report.designs import tips, write_study


def test_the_rows_are_those_of_the_report(study: Callable[..., Path], tmp_path: Path) -> None:
    folder = study(statuses={("optimizer", 1): "diverged"})
    analysis = analyse(from_study(folder))
    report = write(from_study(folder), tmp_path / "report")
    rows = verdict_rows(analysis)
    assert [row.name for row in rows] == [tip["label"] for tip in report["tips"]]
    assert [row.verdict for row in rows] == [tip["verdict"] for tip in report["tips"]]
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    for row in rows:
        for text in (row.effect, row.interval, row.p_adjusted, row.seeds_needed, *row.remarks):
            assert text.replace("<", "&lt;").replace(" %", "\u00a0%") in page
    assert any("1 diverged" in remark or "1 of" in remark for row in rows for remark in row.remarks)


def test_while_the_study_runs_no_verdict_is_given_and_the_row_says_why(study: Callable[..., Path]) -> None:
    folder = study(statuses={("optimizer", 4): "planned"})
    rows = {row.name: row for row in verdict_rows(analyse(replace(from_study(folder), live=True)))}
    assert rows["optimizer"].verdict == "inconclusive"
    assert rows["optimizer"].p_adjusted == "–"  # noqa: RUF001
    assert any("no verdict before all are in" in remark for remark in rows["optimizer"].remarks)
    assert rows["he_init"].verdict == "helps"


def test_a_design_is_judged_by_its_effects(tmp_path: Path) -> None:
    factors = tips(3)
    names = tuple(factor.name for factor in factors)
    folder = write_study(tmp_path, "factorial", factors, {names[:1]: -20.0}, noise=0.5)
    analysis = analyse(from_study(folder))
    rows = verdict_rows(analysis)
    assert {row.name for row in rows} == set(names)
    assert rows[0].name == names[0] and rows[0].verdict == "helps" and not rows[0].arm
    assert verdict_columns(analysis)[0] == "effect"


def test_in_markdown_every_name_is_text(csv_file: Callable[..., Path]) -> None:
    lines = [f"{arm},{seed},{score + seed % 2}" for arm, score in (("a|b", 9), ("<i>*x*", 5)) for seed in range(4)]
    analysis = analyse(from_csv(csv_file("arm,seed,fid", *lines)))
    text = verdict_markdown(analysis)
    assert r"&lt;i&gt;\*x\*" in text and r"a\|b" in text
    columns = len(verdict_columns(analysis))
    assert [line.replace(r"\|", "").count("|") for line in text.splitlines()] == [columns + 1] * 3
    assert cells(verdict_rows(analysis)[0])[3].startswith(("helps", "inconclusive"))
