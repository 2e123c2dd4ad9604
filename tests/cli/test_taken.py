"""`dcgan sweep SWEEP --from TABLE`: what was published is reported on again, byte for byte, or gone on with."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import pytest

from dcgan.cli import main
from tests.records.test_runs_table import written
from tests.report.test_writing import everything

pytestmark = pytest.mark.usefixtures("workplace")
FORGOTTEN = ("runs", "studies", "reports")


@pytest.fixture
def published(small: str, capsys: pytest.CaptureFixture[str]) -> Path:
    """The table of a report whose runs and study are gone."""
    assert main(["sweep", small, "--workers", "1"]) == 0
    shutil.copytree("reports/small", "published")
    for folder in FORGOTTEN:
        shutil.rmtree(folder)
    capsys.readouterr()
    return Path("published/tables/runs.csv")


@pytest.mark.slow
def test_a_published_table_makes_the_same_report_and_lets_the_study_go_on(
    published: Path, small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", small, "--from", str(published), "--dry-run", "--json"]) == 0
    ahead = json.loads(capsys.readouterr().out)
    assert (ahead["trials"], ahead["reused"]) == (4, 4)
    assert not any(Path(folder).exists() for folder in FORGOTTEN)
    assert main(["sweep", small, "--from", str(published), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert f"next: dcgan sweep {small} --from {published}" in said
    assert "resolution: everything is trained" in said and "with no more runs" not in said
    assert main(["sweep", small, "--from", "published"]) == 0
    heard = capsys.readouterr()
    assert "4 of 4 trials are done in it" in heard.err
    assert "4 of 4 trials finished" in heard.out
    assert everything(Path("reports/small")) == everything(Path("published"))

    before = {path.name: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}
    assert main(["sweep", small, "seeds=3", "--from", str(published), "--workers", "1"]) == 0
    assert "6 of 6 trials finished" in capsys.readouterr().out
    assert before.items() <= {path.name: path.stat().st_mtime_ns for path in Path("runs").glob("*/run.json")}.items()


@pytest.mark.slow
def test_runs_of_another_extractor_are_refused_before_anything_is_written(
    published: Path, small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As on a processor of another kind, which trains another classifier."""
    with published.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows:
        row["protocol.extractor_hash"] = "0123456789abcdef"
    written(published, rows)
    assert main(["sweep", small, "--from", str(published), "--dry-run"]) == 0
    capsys.readouterr()
    assert main(["sweep", small, "seeds=3", "--from", str(published)]) == 1
    assert "generators of 4 of them are not here to be scored again" in capsys.readouterr().err
    assert not any(Path(folder).exists() for folder in FORGOTTEN)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--from", "nowhere.csv"], "nowhere.csv"),
        (["--from", "small.yaml"], "small.yaml has no column 'arm': expected the table of a study's runs"),
        (["--from", "t.csv", "--more", "2"], "--from t.csv goes with a sweep's file: leave out --more"),
        (["--from", "t.csv", "--more", "0"], "leave out --more"),
        (["--from", "t.csv", "--again", "failed"], "leave out --again"),
        (["--from", "t.csv", "--export", "wandb"], "leave out --from"),
        (["design={search: {trials: 4}}", "--from", "t.csv"], "a search makes its trials as it goes"),
    ],
)
def test_what_cannot_be_taken_is_one_line(
    small: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", small, *words]) in (1, 2)
    said = capsys.readouterr()
    assert message in said.err and said.err.count("\n") == 1 and not said.out
    assert not any(Path(folder).exists() for folder in FORGOTTEN)
