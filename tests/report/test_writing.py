"""The report's folder: refused, refreshed or cut short, it never costs a user's file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.report import from_csv, from_study, write, writing

Make = Callable[..., Path]


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_report_is_written_and_returned(three_arms: Path, tmp_path: Path) -> None:
    out = tmp_path / "reports" / "arms"
    content = write(from_csv(three_arms), out)
    assert json.loads((out / "report.json").read_text()) == content
    assert [entry["verdict"] for entry in content["comparisons"]] == ["helps", "hurts"]
    assert [path.name for path in out.parent.iterdir()] == ["arms"]
    assert out.stat().st_mode & 0o777 == 0o755


def test_again_gives_the_same_bytes_and_leaves_nothing_stale(study: Make, three_arms: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    results = from_study(study())
    write(results, out)
    first = everything(out)
    write(results, out)
    assert everything(out) == first
    write(from_csv(three_arms), out)
    assert not (out / "samples").exists() and not (out / "figures" / "curves.svg").exists()


def test_what_is_not_the_reports_stays(three_arms: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(from_csv(three_arms), out)
    (out / "notes.txt").write_text("mine")
    write(from_csv(three_arms), out)
    assert (out / "notes.txt").read_text() == "mine"


def test_a_users_files_beside_the_figures_stay_and_stale_ones_of_ours_go(
    study: Make, three_arms: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    write(from_study(study()), out)
    mine = ("figures/mine.svg", "tables/mine.csv", "samples/notes/mine.txt")
    for name in mine:
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("mine")
    write(from_csv(three_arms), out)
    assert all((out / name).read_text() == "mine" for name in mine)
    assert [path.name for path in (out / "samples").iterdir()] == ["notes"]
    assert not (out / "figures" / "curves.svg").exists()


def test_every_file_of_a_report_is_known_as_its_own(study: Make, tmp_path: Path) -> None:
    write(from_study(study()), tmp_path / "out")
    assert [name for name in everything(tmp_path / "out") if not writing._OURS.fullmatch(name)] == []


def test_a_refused_move_loses_nothing_and_the_next_report_mends_it(three_arms: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(from_csv(three_arms), out)
    (out / "notes.txt").write_text("mine")
    (out / "report.md").unlink()
    (out / "report.md").mkdir()  # cannot be replaced by a file
    (out / "report.md" / "mine.txt").write_text("mine")
    with pytest.raises(DcganError, match="cannot write .*out: Is a directory"):
        write(from_csv(three_arms), out, margin=2.0, scale="difference")
    assert {"notes.txt", "report.md/mine.txt", "index.html", "report.json"} <= everything(out).keys()
    (out / "report.md").rename(tmp_path / "moved")
    content = write(from_csv(three_arms), out, margin=2.0, scale="difference")
    assert json.loads((out / "report.json").read_text()) == content
    assert (out / "report.md").is_file() and (out / "notes.txt").is_file()


def test_what_a_killed_report_left_aside_is_cleaned_and_one_being_written_is_not(
    three_arms: Path, tmp_path: Path
) -> None:
    old, present, other = (tmp_path / name for name in (".out.new-old", ".out.new-present", ".out.notes"))
    for folder in (old, present, other):
        (folder / "new").mkdir(parents=True)
    for folder in (old, other):
        os.utime(folder, (0, 0))
    write(from_csv(three_arms), tmp_path / "out")
    assert [folder.exists() for folder in (old, present, other)] == [False, True, True]


def test_a_folder_of_something_else_is_not_touched(three_arms: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.tex").write_text("mine")
    with pytest.raises(Misuse, match="thesis is not empty and not a report"):
        write(from_csv(three_arms), tmp_path / "thesis")
    assert everything(tmp_path / "thesis") == {"chapter.tex": b"mine"}


def test_a_file_in_the_way_is_named(three_arms: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DcganError, match="cannot write .*/file: .*/file is a file"):
        write(from_csv(three_arms), tmp_path / "file")
    with pytest.raises(DcganError, match="cannot write .*below: .*/file is a file"):
        write(from_csv(three_arms), tmp_path / "file" / "below")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.slow
def test_a_full_disk_leaves_the_old_report_as_it_was(three_arms: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write(from_csv(three_arms), out, margin=2.0, scale="difference")
    before = everything(out)
    code = (
        "import resource, sys; from pathlib import Path; from dcgan.cli import main; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)); "
        "sys.exit(main(['report', sys.argv[1], '--out', sys.argv[2]]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(three_arms), str(out)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"error: cannot write {out}: File too large"
    assert everything(out) == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_nothing_is_written_for_what_cannot_be_asked(three_arms: Path, tmp_path: Path) -> None:
    for options in ({"baseline": "bar"}, {"metric": "fidd"}):
        with pytest.raises(Misuse, match="did you mean"):
            write(from_csv(three_arms), tmp_path / "out", **options)  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_the_command_to_make_it_again_has_what_was_asked(three_arms: Path, tmp_path: Path) -> None:
    write(from_csv(three_arms), tmp_path / "out", baseline="good", margin_share=0.1, goal="maximize")
    text = (tmp_path / "out" / "report.md").read_text()
    assert "dcgan report arms.csv --baseline good --goal maximize --margin 10%" in text


@pytest.mark.parametrize("part", ["figures", "samples"])
def test_no_file_of_another_folder_is_replaced_or_removed(three_arms: Path, tmp_path: Path, part: str) -> None:
    out = tmp_path / "out"
    write(from_csv(three_arms), out)
    before = everything(out)
    shutil.rmtree(out / part, ignore_errors=True)
    for name in ("forest.svg", "100-seed-0.png"):
        (tmp_path / "elsewhere").mkdir(exist_ok=True)
        (tmp_path / "elsewhere" / name).write_text("mine")
    (out / part).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DcganError, match=f"cannot write into {out}/{part}: it is a link"):
        write(from_csv(three_arms), out)
    assert [path.read_text() for path in (tmp_path / "elsewhere").iterdir()] == ["mine", "mine"]
    (out / part).unlink()
    write(from_csv(three_arms), out)
    assert everything(out) == before
