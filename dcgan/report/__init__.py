"""Reports: a table of runs -> statistics -> figures -> documents. Knows nothing about how the runs were made."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

from dcgan.errors import DcganError, Misuse
from dcgan.files import cannot, write_json
from dcgan.metrics import Goal
from dcgan.report.analysis import analyse
from dcgan.report.document import files
from dcgan.report.study import from_study
from dcgan.report.table import Results, from_csv
from dcgan.report.view import Command
from dcgan.statistics import MARGIN_SHARE

__all__ = ["Results", "from_csv", "from_study", "write"]

_PARTS = ("index.html", "report.md", "report.json", "figures", "tables", "samples")


def write(
    results: Results,
    out: Path,
    *,
    baseline: str | None = None,
    metric: str | None = None,
    goal: Goal | None = None,
    alpha: float = 0.05,
    margin: float | None = None,
    margin_share: float = MARGIN_SHARE,
) -> dict[str, Any]:
    """Writes the report of `results` to the folder `out` and returns the content of its report.json.

    `margin` is in the metric's units, by default `margin_share` of the baseline's mean. The folder is built aside and
    put in place as a whole: an earlier report is replaced, files in it that are not a report's stay. Raises Misuse for
    what cannot be asked for, and DcganError (an earlier report stays as it was) if the results cannot be reported on
    or the folder not written.
    """
    analysis = analyse(
        results, baseline=baseline, metric=metric, goal=goal, alpha=alpha, margin=margin, margin_share=margin_share
    )
    asked = {
        "baseline": baseline,
        "metric": metric,
        "goal": goal,
        "alpha": None if alpha == 0.05 else f"{alpha:g}",
        "margin": f"{margin:g}" if margin is not None else _share(margin_share),
    }
    command = Command(tuple((name, value) for name, value in asked.items() if value is not None))
    content, record = files(analysis, command)
    out = out.resolve()
    _check_place(out)
    _put(out, content, record)
    return record


def _share(margin_share: float) -> str | None:
    return None if margin_share == MARGIN_SHARE else f"{100 * margin_share:g}%"


def _check_place(out: Path) -> None:
    """Refuses a folder that holds something else: it would be replaced."""
    try:
        there = next(path for path in (out, *out.parents) if path.exists())
        if not there.is_dir():
            raise DcganError(f"cannot write {out}: {there} is a file; name a folder with --out")
        if out.is_dir() and any(out.iterdir()) and not (out / "report.json").is_file():
            raise Misuse(f"{out} is not empty and not a report: name another folder with --out")
    except OSError as error:
        raise cannot("write", out, error) from error


def _put(out: Path, content: dict[str, bytes], record: dict[str, Any]) -> None:
    """Builds the folder beside its place, then swaps the two; on any refusal the old one is as it was."""
    aside: Path | None = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
        new = aside / "new"
        for name, data in content.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        write_json(new / "report.json", record)
        _swap(new, out, aside / "old")
    except OSError as error:
        raise cannot("write", out, error) from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _swap(new: Path, out: Path, old: Path) -> None:
    """Puts `new` in the place of `out`, with what `out` held besides a report."""
    if not out.exists():
        new.rename(out)
        return
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
    for path in old.iterdir():
        if path.name not in _PARTS:
            path.rename(out / path.name)
