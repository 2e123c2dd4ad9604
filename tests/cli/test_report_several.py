"""`dcgan report STUDY STUDY ...` as it is typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.common import paths
from tests.several_sources import table_of

Make = Callable[..., Path]


@pytest.fixture
def tables(csv_file: Make, study: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The study `tips` and, in the working directory, two tables."""
    study()
    table_of(csv_file, "one", he_init=-0.3, batch_norm=-0.2)
    folder = table_of(csv_file, "second", level=3.0, he_init=-0.4).parent
    monkeypatch.chdir(folder)
    return folder


def test_a_study_and_tables(tables: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "tips", "one.csv", "second.csv"]) == 0
    shown = capsys.readouterr().out
    page = paths.reports() / "tips+one+second" / "index.html"
    lines = shown.splitlines()
    assert (
        lines[0]
        == "Of 2 tips in two or more of 3 studies, 1 helps in all and 1 disagrees. 1 more is in one study only."
    )
    cells = {line.split()[0]: line for line in lines if line.startswith(" ") and line.strip()}
    assert cells["tip"].split()[:5] == ["tip", "tips", "one", "second", "agreement"]
    assert (
        cells["batch_norm"].index("hurts") < cells["batch_norm"].index("helps") < cells["batch_norm"].index("disagree")
    )
    assert cells["he_init"].count("helps") == 4  # in each, and in all
    assert lines[-2:] == [f"report: {page}", f"next: open {page}"]
    assert {path.name for path in page.parent.iterdir()} == {
        "index.html",
        "report.md",
        "report.json",
        "figures",
        "tables",
    }


def test_json_prints_its_report_json(tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine"
    assert main(["report", "tips", "one.csv", "--out", str(out), "--alpha", "0.01", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content == json.loads((out / "report.json").read_text())
    assert (content["title"], content["alpha"]) == ("tips and one", 0.01)
    assert "dcgan report tips one.csv --alpha 0.01" in (out / "report.md").read_text()


def test_a_report_of_one_in_the_same_folder_leaves_nothing_behind(tables: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    assert main(["report", "one.csv", "--out", str(out)]) == 0
    assert main(["report", "one.csv", "second.csv", "--out", str(out)]) == 0
    assert sorted(path.name for path in (out / "figures").iterdir()) == ["pooled.svg"]
    assert main(["report", "one.csv", "--out", str(out)]) == 0
    assert not (out / "figures" / "pooled.svg").exists() and not (out / "tables" / "matrix.csv").exists()


def test_another_metric_than_the_planned_one_is_another_folder(study: Make, csv_file: Make) -> None:
    study()
    rows = [
        f"{arm},{seed},{value + seed / 50:.3f}" for seed in range(3) for arm, value in (("bare", 0.4), ("he_init", 0.2))
    ]
    table = csv_file("arm,seed,kid", *rows, name="other.csv")
    assert main(["report", "tips", str(table), "--metric", "kid"]) == 0
    assert [path.name for path in paths.reports().iterdir()] == ["tips+other-kid"]


def test_options_for_tables_are_of_the_tables_among_the_sources(
    tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tables / "other.csv"
    other.write_text((tables / "one.csv").read_text().replace("arm,seed", "group,seed"))
    assert main(["report", "tips", "other.csv", "--arm-column", "group"]) == 0
    text = (paths.reports() / "tips+other" / "report.md").read_text()
    assert "    dcgan report tips other.csv --arm-column group\n" in text
    capsys.readouterr()
    assert main(["report", "tips", "--arm-column", "group"]) == 2
    assert capsys.readouterr().err == "error: --arm-column is for tables, and tips is a study\n"


def test_where_a_table_lies_is_not_told(tables: Path) -> None:
    assert main(["report", "tips", str(tables / "one.csv")]) == 0
    assert all(str(tables).encode() not in path.read_bytes() for path in paths.reports().rglob("*") if path.is_file())


def test_of_many_studies_the_verdicts_are_shown(
    csv_file: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [table_of(csv_file, f"t{index}", level=index, noise=index, good=-0.3) for index in range(5)]
    monkeypatch.chdir(files[0].parent)
    assert main(["report", *(file.name for file in files)]) == 0
    (row,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith(" good ")]
    assert row.count("helps") == 6 and row.count("%") == 3  # of the pooled effect and its interval


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["tips", "tipps"], 2, "no study named 'tipps' in {home}/studies; did you mean 'tips'?"),
        (["tipps", "no.csv"], 2, "no study named 'tipps' in {home}/studies; did you mean 'tips'?"),
        (["one.csv", "secnd.csv"], 2, "no file secnd.csv in {here}; did you mean 'second.csv'?"),
        (["tips", "one.csv", "tips"], 2, "tips is there twice: name each study once"),
        (["one.csv", "./one.csv"], 2, "./one.csv is there twice (also as one.csv): name each study once"),
        (["tips", "one.csv", "--watch"], 2, "--watch: one study is watched at a time, and here are 2"),
        (["tips", "one.csv", "--metric", "kid"], 2, "one.csv has no column 'kid'; did you mean 'fid'?"),
        (["tips", "one.csv", "--baseline", "heinit"], 2, "tips has no arm 'heinit'; did you mean 'he_init'?"),
    ],
)
def test_misuse_is_one_line_and_writes_nothing(
    tables: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, message: str
) -> None:
    assert main(["report", *words]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"error: {message.format(home=paths.home(), here=Path.cwd())}\n"
    assert not paths.reports().exists()


def test_every_source_is_looked_for_before_any_is_read(
    tables: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("dcgan.report.from_csv", lambda *_, **__: pytest.fail("was read"))
    assert main(["report", "one.csv", "nothing"]) == 2
    assert "no study named 'nothing'" in capsys.readouterr().err
