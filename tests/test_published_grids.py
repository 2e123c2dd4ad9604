"""What was seen on the published grids: every arm has its words, beside the pictures they are of and their scores."""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "reports"
sys.path.append(str(ROOT / "benchmarks"))  # where these scripts find each other when one of them is run

import grids_page  # noqa: E402
import published  # noqa: E402
import reports_page  # noqa: E402
from grids_page import Seen  # noqa: E402
from published_report import Report  # noqa: E402


@pytest.fixture
def looked_at(tmp_path: Path) -> Path:
    """A folder with a published report and with what was seen on its grids: of one seed of two arms."""
    tables, samples = tmp_path / "demo" / "tables", tmp_path / "demo" / "samples"
    tables.mkdir(parents=True)
    samples.mkdir()
    rows = ["arm,seed,grid", *(f"{arm},{seed},../samples/{arm}-{seed}.png" for arm in "ab" for seed in (0, 1))]
    (tables / "runs.csv").write_text("\n".join([*rows, "a,2,"]) + "\n")
    for arm in "ab":
        for seed in (0, 1):
            (samples / f"{arm}-{seed}.png").write_text(f"{arm}{seed}")
    (tmp_path / "grids.yaml").write_text(
        "other: {}\ndemo:\n  baseline: has nothing\n  seeds: [0]\n"
        "  pictures: of other pictures\n"
        "  arms: {a: {seen: noise}, b: {seen: digits, but: it looks better}}\n"
    )
    return tmp_path


def _looks(folder: Path) -> list[grids_page.Look]:
    report = Report("demo", {"arms": [], "tips": [], "baseline": "baseline"}, published.Study("demo").origin)
    return grids_page.looks(folder / "grids.yaml", {"demo": report}, folder)


def test_pictures_that_were_made_anew_keep_no_words(looked_at: Path) -> None:
    file = looked_at / "grids.yaml"
    [look] = _looks(looked_at)
    sha256 = hashlib.sha256(b"a0b0").hexdigest()
    assert not look.fresh, "the sum in the file is of no picture"
    page = grids_page.document([look])
    assert f"Trained again since somebody looked at these grids. Whoever looks again notes the sum {sha256}." in page
    assert "noise" not in page
    file.write_text(re.sub("pictures: .*", f"pictures: {sha256}", file.read_text()))
    [look] = _looks(looked_at)
    assert look.fresh and look.disagreeing == [Seen("b", "digits", "it looks better")]
    (looked_at / "demo" / "samples" / "b-1.png").write_text("of a seed that nobody looked at")
    assert _looks(looked_at)[0].fresh
    (looked_at / "demo" / "samples" / "b-0.png").write_text("trained again")
    assert not _looks(looked_at)[0].fresh


def test_an_arm_that_nobody_looked_at_is_refused(looked_at: Path) -> None:
    file = looked_at / "grids.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("a: {seen: noise}, ", ""))
    with pytest.raises(DcganError, match="the grids of demo differ in arm 'a'"):
        _looks(looked_at)
    file.write_text(whole.replace("a: {", "c: {seen: x}, a: {"))
    with pytest.raises(DcganError, match="the grids of demo differ in arm 'c'"):
        _looks(looked_at)
    file.write_text(whole.replace("seeds: [0]", "seed: [0]"))
    with pytest.raises(DcganError, match=r"grids.yaml lacks 'seeds' somewhere"):
        _looks(looked_at)
    file.write_text(whole.replace("demo:", "demos:"))
    with pytest.raises(DcganError, match=r"grids.yaml says nothing of demo, which has grids"):
        _looks(looked_at)
    file.write_text(whole.replace("[0]", "[0, 2]"))
    with pytest.raises(DcganError, match="tells of 'a' with seed 2: it has no grid"):
        _looks(looked_at)


def test_the_page_of_grids_has_every_arm_with_its_pictures_and_their_scores() -> None:
    origins, everything = published.ORIGINS, published.contents(REPORTS)
    page = reports_page.documents(everything, origins, REPORTS)["grids.md"]
    with_grids = [name for name in everything if (REPORTS / name / "samples").is_dir()]
    assert sorted(re.findall("^## (.*)$", page, re.MULTILINE)) == sorted(with_grids)
    rows = [line for line in page.splitlines() if line.startswith("| ") and "![" in line]
    assert len(rows) == sum(len(everything[name]["arms"]) for name in with_grids)
    files = re.findall(r"!\[seed \d+\]\(([^)]+)\)", page)
    assert [name for name in files if not (REPORTS / name).is_file()] == []
    [replay] = [row for row in rows if row.startswith("| replay |") and "mnist-tips/" in row]
    with (REPORTS / "mnist-tips" / "tables" / "runs.csv").open(encoding="utf-8") as file:
        scores = {row["seed"]: float(row["scores.fid"]) for row in csv.DictReader(file) if row["arm"] == "replay"}
    assert f"| {scores['0']:.1f}, {scores['1']:.1f} |" in replay


def test_the_readme_counts_what_was_looked_at_and_names_what_was_not(monkeypatch: pytest.MonkeyPatch) -> None:
    origins, everything = published.ORIGINS, published.contents(REPORTS)
    reports = {name: Report(name, everything[name], origins[name]) for name in ("mnist-tips", "demo")}
    tips, demo = (
        replace(look, fresh=look.report.name == "mnist-tips")
        for look in grids_page.looks(REPORTS / "grids.yaml", reports, REPORTS)
    )
    monkeypatch.setattr(grids_page, "looks", lambda *_: [tips, demo])
    page = reports_page.documents(everything, origins, REPORTS)["README.md"]
    assert f"of every arm of one study beside their FID, with a sentence on what is seen: {len(tips.seen)} arms" in page
    assert "Trained again since somebody looked: [demo](demo/report.md)." in page
    told = re.findall(r"^- `([^`]+)` of \[mnist-tips\]", page, re.MULTILINE)
    assert told == [each.arm for each in tips.seen if each.but] != []
