"""A report's folder: written whole beside its place, then put there file by file; nobody else's file is touched."""

from __future__ import annotations

import glob
import re
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import cannot, check_no_link, write_json
from dcgan.common.metrics import Goal, Scale
from dcgan.comparison.analysis import analyse
from dcgan.comparison.results import Results
from dcgan.comparison.several import put_together
from dcgan.report.document import files
from dcgan.report.several_document import files_of_several
from dcgan.report.text.document_view import ReportCommand
from dcgan.statistics.paired import MARGIN_SHARE

# The files of a report, by their names in its folder: those that a new report has no more are removed.
_OURS = re.compile(
    r"index\.html|report\.(md|json)|figures/(forest|effects|half-normal|resolution|arms|curves|cost|pooled)\.svg|tables/(arms|comparisons|tips|effects|interactions|aliases|processors|trials|runs|matrix|studies)\.csv"
    r"|samples/\d+-seed--?\d+\.png"
)
_PARTS = ("figures", "tables", "samples")
_LEFT_OVER = 3600.0  # seconds after which a folder aside is of a report that was killed, not of one being written


def write(
    results: Results,
    out: Path,
    *,
    baseline: str | None = None,
    metric: str | None = None,
    goal: Goal | None = None,
    scale: Scale | None = None,
    alpha: float = 0.05,
    margin: float | None = None,
    margin_share: float = MARGIN_SHARE,
) -> dict[str, Any]:
    """Writes the report of `results` to the folder `out` and returns the content of its report.json.

    `margin` is in the metric's units, by default `margin_share` of the baseline's mean. Everything is written aside
    first, so that an earlier report stays as it was where there is no room for a new one; then each file is put in the
    place of the old one. Files that are not a report's stay, in the folders of its parts, too. Raises Misuse for what
    cannot be asked for, and DcganError if the results cannot be reported on or the folder not written.
    """
    options: dict[str, Any] = {
        "baseline": baseline,
        "metric": metric,
        "goal": goal,
        "scale": scale,
        "alpha": alpha,
        "margin": margin,
        "margin_share": margin_share,
    }
    content, record = files(analyse(results, **options), _command(**options))
    _put(out, content, record)
    return record


def write_several(sources: Mapping[str, Results], words: Sequence[str], out: Path, **options: Any) -> dict[str, Any]:
    """Writes one report of several studies, by their names, as `write` does; returns the content of its report.json.

    `words`: the sources as `dcgan report` takes them. `options` are those of `write`, for each study. Raises Misuse
    besides where the studies differ in metric, goal or scale, or are the same.
    """
    content, record = files_of_several(put_together(sources, **options), list(words), _command(**options))
    _put(out, content, record)
    return record


def _command(
    *, alpha: float = 0.05, margin: float | None = None, margin_share: float = MARGIN_SHARE, **others: str | None
) -> ReportCommand:
    """How a report with these options is asked for."""
    asked = {
        **{name: others.get(name) for name in ("baseline", "metric", "goal", "scale")},
        "alpha": None if alpha == 0.05 else f"{alpha:g}",
        "margin": f"{margin:g}" if margin is not None else _share(margin_share),
    }
    return ReportCommand(tuple((name, value) for name, value in asked.items() if value is not None))


def _share(margin_share: float) -> str | None:
    return None if margin_share == MARGIN_SHARE else f"{100 * margin_share:g}%"


def _check_place(out: Path) -> None:
    """Refuses a folder that holds something else: it would be replaced; and one whose parts are elsewhere."""
    try:
        there = next(path for path in (out, *out.parents) if path.exists())
        if not there.is_dir():
            raise DcganError(f"cannot write {out}: {there} is a file; name a folder with --out")
        for part in _PARTS:
            check_no_link(out / part)
        if out.is_dir() and any(out.iterdir()) and not (out / "report.json").is_file():
            raise Misuse(f"{out} is not empty and not a report: name another folder with --out")
    except OSError as error:
        raise cannot("write", out, error) from error


def _put(out: Path, content: dict[str, bytes], record: dict[str, Any]) -> None:
    """Builds the folder beside its place, then moves the files over; the folder aside never holds a user's file."""
    out = out.resolve()
    _check_place(out)
    aside: Path | None = None
    prefix = f".{out.name}.new-"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        for path in out.parent.glob(f"{glob.escape(prefix)}*"):
            if time.time() - path.stat().st_mtime > _LEFT_OVER:
                shutil.rmtree(path, ignore_errors=True)
        aside = Path(tempfile.mkdtemp(dir=out.parent, prefix=prefix))
        new = aside / "new"
        for name, data in content.items():
            path = new / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        write_json(new / "report.json", record)
        if out.exists():
            _replace(new, out, [*content, "report.json"])
        else:
            new.rename(out)
    except OSError as error:
        raise cannot("write", out, error) from error
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)


def _replace(new: Path, out: Path, names: list[str]) -> None:
    """Moves the files of `new` over those in `out`, pictures and tables before the pages; then drops stale ones.

    Each file is the old or the new one at every moment. Where this is cut short, the next report repairs the rest.
    """
    for name in sorted(names, key=lambda name: "/" not in name):
        (out / name).parent.mkdir(exist_ok=True)
        (new / name).replace(out / name)
    for path in [*out.glob("*"), *out.glob("*/*")]:
        name = path.relative_to(out).as_posix()
        if _OURS.fullmatch(name) and name not in names:
            path.unlink()
    for part in _PARTS:
        if (out / part).is_dir() and not any((out / part).iterdir()):
            (out / part).rmdir()
