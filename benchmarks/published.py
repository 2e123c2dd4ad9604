"""Makes every published report anew, byte for byte, from the tables of runs that are committed: reports/.

    python benchmarks/published.py            # writes reports/*/, reports/tips.svg and reports/README.md
    python benchmarks/published.py --check    # makes them elsewhere and compares: 1 and the first file that differs

Trains nothing: a study of which the table lacks a trial is refused. The demo's table is made anew by `make publish`.
"""

from __future__ import annotations

import argparse
import contextlib
import filecmp
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import reports_page
from published_report import Origin

from dcgan import cli
from dcgan.common.errors import DcganError

ROOT = Path(__file__).parent.parent
REPORTS = ROOT / "reports"
TRUTH = Path("benchmarks") / "truth"


@dataclass(frozen=True)
class Study:
    """A published study of sweeps/; `words` are what it was planned with beyond its file, such as `seeds=4`."""

    name: str
    words: tuple[str, ...] = ()

    @property
    def origin(self) -> Origin:
        """The sweep and the table that were published with it."""
        table = Path("reports") / self.name / "tables" / "runs.csv"
        return Origin(Path("sweeps") / f"{self.name}.yaml", table, self.words)

    def make(self, out: Path, home: Path) -> None:
        """Reports on it in the folder, with what there is to it in `home`, an empty one. Trains nothing."""
        sweep = ["sweep", str(self.origin.sweep), *self.words, "--from", str(self.origin.table)]
        check_complete(self.name, json.loads(_dcgan(home, *sweep, "--dry-run", "--json")))
        _dcgan(home, *sweep, "--no-report")
        _dcgan(home, "report", self.name, "--out", str(out))


@dataclass(frozen=True)
class Table:
    """A published report on a bare table of runs, those of `sweep`: its file from the repository's root."""

    name: str
    table: Path
    baseline: str
    sweep: Path

    @property
    def origin(self) -> Origin:
        """The table and its sweep."""
        return Origin(self.sweep, self.table)

    @classmethod
    def of_truth(cls, name: str, stem: str, baseline: str) -> Table:
        """One that benchmarks/truth.py made."""
        return cls(name, TRUTH / f"{stem}.csv", baseline, TRUTH / f"{stem}.yaml")

    @classmethod
    def against(cls, name: str, study: Study, baseline: str) -> Table:
        """The runs of a published study, compared with another of its arms."""
        return cls(name, Path("reports") / study.name / "tables" / "trials.csv", baseline, study.origin.sweep)

    def make(self, out: Path, home: Path) -> None:
        """Reports on it in the folder."""
        _dcgan(home, "report", str(self.table), "--baseline", self.baseline, "--out", str(out))


PUBLISHED: tuple[Study | Table, ...] = (
    Study("mnist-settings"),
    Study("mnist-tips"),
    Study("mnist-leave-one-out"),
    Study("mnist-longer"),
    Study("mnist-screen"),
    Study("article-listing"),
    Study("article-listing-sgd"),
    Study("digits-factorial"),
    Study("mnist-tips-again"),
    Study("mnist-best"),
    Study("mnist-precision"),
    Study("mnist-elsewhere"),
    Table.of_truth("digits-tips", "digits-one-at-a-time", "plain"),
    Table.of_truth("digits-leave-one-out", "digits-leave-one-out", "all"),
    Table.against("mnist-best-against-small", Study("mnist-best"), "mnist-small"),
    Table.against("article-listing-sgd-against-double", Study("article-listing-sgd"), "double-division"),
    Study("demo"),
)
ORIGINS = {each.name: each.origin for each in PUBLISHED}


def main(words: list[str] | None = None) -> int:
    """Makes or compares them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing: compare with what is committed")
    options = parser.parse_args(words)
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "reports"
            make_all(made, Path(folder))
            if not options.check:
                _put(made, REPORTS)
            elif (name := first_difference(made, REPORTS)) is not None:
                print(f"error: reports/{name} is not what its table gives: make reports", file=sys.stderr)
                return 1
    except DcganError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def make_all(out: Path, temporary: Path) -> None:
    """Every published report, the picture and the page, into that folder."""
    out.mkdir()
    for each in PUBLISHED:
        if isinstance(each, Study) and not (REPORTS / each.name).is_dir():
            print(f"{each.name}: not published yet, left out", flush=True)
            continue
        print(f"{each.name} ...", flush=True)
        each.make(out / each.name, temporary / f"home-{each.name}")
    for name, text in reports_page.documents(contents(out), ORIGINS, out).items():
        (out / name).write_text(text, encoding="utf-8")


def check_complete(name: str, outlook: Mapping[str, Any]) -> None:
    """Raises DcganError where the sweep would train: trials of it are not in the table."""
    if outlook["reused"] != outlook["trials"]:
        raise DcganError(
            f"{name}: {outlook['reused']} of {outlook['trials']} trials are in its table: the others would be trained"
        )


def first_difference(made: Path, committed: Path) -> str | None:
    """The first file, by name, that one of both lacks or that differs, among those of the reports that were made."""
    for top in sorted(made.iterdir()):
        for name in sorted(_files(top, made) | _files(committed / top.name, committed)):
            here, there = made / name, committed / name
            if not (here.is_file() and there.is_file() and filecmp.cmp(here, there, shallow=False)):
                return name
    return None


def _files(place: Path, root: Path) -> set[str]:
    found: Iterator[Path] = place.rglob("*") if place.is_dir() else iter([place])
    return {path.relative_to(root).as_posix() for path in found if path.is_file()}


def contents(reports: Path) -> dict[str, Any]:
    """Every report.json, by the name of its folder."""
    found = sorted(reports.glob("*/report.json"))
    return {path.parent.name: json.loads(path.read_text(encoding="utf-8")) for path in found}


def _put(made: Path, reports: Path) -> None:
    """Puts what was made in the place of what is there; only now, when all of it could be made."""
    for path in sorted(made.iterdir()):
        if path.is_dir():
            shutil.rmtree(reports / path.name, ignore_errors=True)
            shutil.copytree(path, reports / path.name)
        else:
            shutil.copyfile(path, reports / path.name)


def _dcgan(home: Path, *words: str) -> str:
    """What the command prints, run in this process: thirty starts of Python and PyTorch would take most of the time.

    Raises DcganError with the last line of what it complains of.
    """
    said, complained = io.StringIO(), io.StringIO()
    before = dict(os.environ)
    os.environ["DCGAN_HOME"] = str(home)
    os.environ.pop("DCGAN_STORAGE", None)  # a queue that others share is no place for this
    try:
        with contextlib.chdir(ROOT), contextlib.redirect_stdout(said), contextlib.redirect_stderr(complained):
            code = cli.main(list(words))
    finally:
        os.environ.clear()
        os.environ.update(before)
    if code:
        lines = complained.getvalue().strip().splitlines() or ["it says nothing"]
        raise DcganError(f"dcgan {' '.join(words)}: {lines[-1].removeprefix('error: ')}")
    return said.getvalue()


if __name__ == "__main__":
    sys.exit(main())
