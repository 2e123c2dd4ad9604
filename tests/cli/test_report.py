"""`dcgan report` as it is typed."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.cli import main
from dcgan.cli.report import report_study
from dcgan.common import paths
from dcgan.records.table_file import read_rows

Make = Callable[..., Path]
ARMS = ("bare", "he_init", "batch_norm", "optimizer")


def test_a_study_by_name(study: Make, capsys: pytest.CaptureFixture[str]) -> None:
    study(statuses={("optimizer", 1): "diverged", ("he_init", 1): "running"})
    assert main(["report", "tips"]) == 0
    shown = capsys.readouterr()
    page = paths.reports() / "tips" / "index.html"
    assert page.is_file()
    lines = shown.out.splitlines()
    assert lines[0] == (
        "Of 3 tips, 1 helps, 1 hurts and 1 has no effect where its runs survive with 5 seeds. "
        "Not every run survived: optimizer 1 of 5 diverged."
    )
    assert "5 seeds and 3 comparisons" in lines[1]
    assert any("he_init" in line and "helps" in line for line in lines)
    assert any("no effect where it survives: 1 of 5 runs diverged" in line for line in lines)
    assert lines[-2:] == [f"report: {page}", f"next: open {page}"]
    assert shown.err.startswith("partial: 19 of 20 trials are done")


def test_a_study_by_folder_whose_arms_lack_a_tip_speaks_of_the_tips(
    study: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(study(start="all"))]) == 0
    shown = capsys.readouterr().out
    lines = [line.split() for line in shown.splitlines() if "%" in line]
    assert [line[0] for line in lines if "helps" in line] == ["he_init"]
    assert "without" not in shown


def test_a_table_with_its_options(three_arms: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "mine"
    words = [
        "report",
        str(three_arms),
        "--out",
        str(out),
        "--baseline",
        "good",
        "--metric",
        "kid",
        "--goal",
        "maximize",
    ]
    assert main([*words, "--margin", "10%", "--alpha", "0.01", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content == json.loads((out / "report.json").read_text())
    assert (content["baseline"], content["metric"], content["goal"], content["alpha"]) == (
        "good",
        "kid",
        "maximize",
        0.01,
    )
    good = next(arm for arm in content["arms"] if arm["arm"] == "good")
    assert content["margin"] == pytest.approx(0.1 * good["mean"])


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["tipps"], 2, "no study named 'tipps' in {home}/studies; did you mean 'tips'?"),
        (["arm.csv"], 2, "no file arm.csv in {here}; did you mean 'arms.csv'?"),
        (["tips", "--baseline", "heinit"], 2, "tips has no arm 'heinit'; did you mean 'he_init'?"),
        (["tips", "--metric", "fids"], 2, "tips has no metric 'fids'; did you mean 'fid'?"),
        (
            ["tips", "--margin", "much"],
            2,
            "--margin much: expected a number in the metric's units, or a share such as 5%",
        ),
        (["tips", "--alpha", "2"], 2, "alpha=2: expected a number between 0 and 1, usually 0.05"),
        (["tips", "--arm-column", "tip"], 2, "--arm-column is for tables, and tips is a study"),
        (["arms.csv", "--seed-column", "sed"], 2, "arms.csv has no column 'sed'; did you mean 'seed'?"),
        (["arms.csv", "--seed", "sed"], 2, "arms.csv has no column 'sed'; did you mean 'seed'?"),
        (["arms.csv", "--metric", "fids"], 2, "arms.csv has no column 'fids'; did you mean 'fid'?"),
    ],
)
def test_misuse_is_one_line(
    study: Make,
    three_arms: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    code: int,
    message: str,
) -> None:
    study()
    monkeypatch.chdir(three_arms.parent)
    assert main(["report", *words]) == code
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == f"error: {message.format(home=paths.home(), here=Path.cwd())}\n"
    assert not paths.reports().exists()


def test_another_metric_is_another_folder_and_never_over_the_planned_report(
    study: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    study()
    assert main(["report", "tips"]) == 0
    planned = {path: path.read_bytes() for path in (paths.reports() / "tips").rglob("*") if path.is_file()}
    assert main(["report", "tips", "--metric", "kid"]) == 0
    other = paths.reports() / "tips-kid"
    assert capsys.readouterr().out.endswith(f"report: {other / 'index.html'}\nnext: open {other / 'index.html'}\n")
    assert {path: path.read_bytes() for path in (paths.reports() / "tips").rglob("*") if path.is_file()} == planned
    assert json.loads((other / "report.json").read_text())["metric"] == "kid"
    assert main(["report", "tips", "--metric", "fid"]) == 0
    assert {path.name for path in paths.reports().iterdir()} == {"tips", "tips-kid"}


def test_another_metric_never_takes_the_folder_of_what_is_called_so(
    study: Make, three_arms: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    study()
    assert main(["report", str(three_arms.rename(three_arms.with_name("tips-kid.csv")))]) == 0
    before = (paths.reports() / "tips-kid" / "index.html").read_bytes()
    capsys.readouterr()
    assert main(["report", "tips", "--metric", "kid"]) == 2
    assert capsys.readouterr().err == (
        f"error: {paths.reports() / 'tips-kid'} is the report on 'tips-kid': name another folder with --out\n"
    )
    assert (paths.reports() / "tips-kid" / "index.html").read_bytes() == before


def test_a_table_of_another_kind_says_how_it_was_read(csv_file: Make, capsys: pytest.CaptureFixture[str]) -> None:
    path = csv_file("optimizer;fid", "adam;10,25", "adam;11", "sgd;5,5", "sgd;6")
    assert main(["report", str(path), "--arm-column", "optimizer"]) == 0
    shown = capsys.readouterr()
    assert shown.err == (
        "How table.csv was read: separated by semicolons; decimal commas; the arm is 'optimizer'. No column says the "
        "seeds, so runs are not paired: arms are compared by Welch's test.\n"
    )
    assert "dcgan report table.csv --arm-column optimizer" in (paths.reports() / "table" / "report.md").read_text()


def test_a_study_with_nothing_finished_fails_in_one_line(study: Make, capsys: pytest.CaptureFixture[str]) -> None:
    folder = study(seeds=1)
    (folder / "trials.csv").unlink()
    assert main(["report", "tips"]) == 1
    assert (
        capsys.readouterr().err
        == "error: study 'tips' has no finished trial yet: dcgan status tips shows how far it is\n"
    )


def test_a_study_whose_every_run_diverged_is_told_as_a_result(study: Make, capsys: pytest.CaptureFixture[str]) -> None:
    study(seeds=1, statuses={(arm, 0): "diverged" for arm in ARMS})
    assert main(["report", "tips"]) == 1
    assert capsys.readouterr().err == (
        "error: study 'tips': every run diverged: 4 of 4; that is the result, and there are no scores to compare\n"
    )


def test_a_plan_that_names_a_place_elsewhere_writes_nothing(study: Make, capsys: pytest.CaptureFixture[str]) -> None:
    plan = study() / "plan.json"
    plan.write_text(plan.read_text().replace('"study": "tips"', '"study": "../../evil/x"'))
    before = sorted(paths.home().parent.rglob("*"))
    assert main(["report", "tips"]) == 1
    assert "plan.json is damaged: study '../../evil/x'" in capsys.readouterr().err
    assert sorted(paths.home().parent.rglob("*")) == before


def test_failed_trials_leave_a_studys_report_partial(study: Make, capsys: pytest.CaptureFixture[str]) -> None:
    study(statuses={("he_init", 1): "failed"})
    assert main(["report", "tips"]) == 0
    assert capsys.readouterr().err.startswith("partial: 19 of 20 trials are done")


def test_a_sweep_can_report_by_name(study: Make) -> None:
    study()
    content = report_study("tips")
    assert content["headline"].startswith("Of 3 tips")
    assert (paths.reports() / "tips" / "report.json").is_file()


def test_a_cell_that_a_spreadsheet_would_run_is_said_and_written_as_it_came(
    csv_file: Make, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [f"{arm},{seed},{score + seed}" for arm, score in (("-1", 3), ("=1+1", 4)) for seed in range(3)]
    assert main(["report", str(csv_file("arm,seed,fid", *rows, name="arms.csv")), "--out", str(tmp_path / "out")]) == 0
    assert (
        "note: '=1+1' is a formula to a spreadsheet: import arms's tables/*.csv there as text"
        in capsys.readouterr().err
    )
    assert [row.cells["arm"] for row in read_rows(tmp_path / "out/tables/arms.csv")] == ["-1", "=1+1"]
    with (tmp_path / "out/tables/trials.csv").open(newline="") as file:
        assert [row["arm"] for row in csv.DictReader(file)][-1] == "=1+1"
