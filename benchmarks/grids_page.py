"""The page of what was seen on the published sample grids, reports/grids.md, out of grids.yaml beside it.

Scores and pictures are those of the committed tables; the words are somebody's who looked at the pictures. Pictures
that were made anew since are told from those by their SHA-256, and have no words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from published_report import Report

from dcgan.common.errors import DcganError
from dcgan.common.yaml_text import read_yaml
from dcgan.records.table_file import read_rows

_HEAD = """# What the sample grids show

Each grid has 64 images of one run's generator at its end. Beside it stand that run's FID, the mean FID of the arm (with
its standard deviation over the seeds), and what is seen. All that is said of a picture is an impression, and so is
whether it agrees: whether the pictures rank within their study as the FIDs of the same runs do.
[README.md](README.md) has the studies' answers.
"""


@dataclass(frozen=True)
class Seen:
    """What is seen of an arm, and in which way that does not agree with its scores; empty where it does."""

    arm: str
    words: str
    but: str


@dataclass(frozen=True)
class Look:
    """What was seen of one study, on the runs of those seeds. `sha256`: of the pictures that are there now."""

    report: Report
    baseline: str
    seeds: Sequence[int]
    seen: Sequence[Seen]
    grids: Mapping[tuple[str, int], Path]
    sha256: str
    fresh: bool  # whether these are the pictures that were looked at

    @property
    def disagreeing(self) -> list[Seen]:
        """Arms of which the impression is not that of their scores."""
        return [each for each in self.seen if each.but]


def looks(path: Path, reports: Mapping[str, Report], folder: Path) -> list[Look]:
    """What grids.yaml says of the reports that are there, whose folders lie in that one.

    Raises DcganError where it leaves out a study that has grids or one of its arms, or tells of one that has none.
    """
    told = read_yaml(path)
    for name in reports:
        if name not in told and (folder / name / "samples").is_dir():
            raise DcganError(f"{path.name} says nothing of {name}, which has grids")
    try:
        return [_look(reports[name], entry, folder) for name, entry in told.items() if name in reports]
    except KeyError as error:
        raise DcganError(f"{path.name} lacks {error} somewhere") from None


def document(all_looks: Sequence[Look]) -> str:
    """grids.md: a section for each study."""
    return "\n".join([_HEAD, *(_section(look) for look in all_looks)])


def _look(report: Report, entry: Mapping[str, Any], folder: Path) -> Look:
    tables = folder / report.name / "tables"
    grids = {
        (row.cells["arm"], int(row.cells["seed"])): tables / row.cells["grid"]
        for row in read_rows(tables / "runs.csv")
        if row.cells["grid"]
    }
    arms = sorted({arm for arm, _ in grids})
    if unlike := sorted(set(arms) ^ set(entry["arms"])):
        raise DcganError(f"reports/grids.yaml and the grids of {report.name} differ in arm '{unlike[0]}'")
    shown = [(arm, seed) for arm in arms for seed in entry["seeds"]]
    if lacking := [cell for cell in shown if cell not in grids]:
        raise DcganError(f"reports/grids.yaml tells of '{lacking[0][0]}' with seed {lacking[0][1]}: it has no grid")
    sha256 = hashlib.sha256(b"".join(grids[cell].read_bytes() for cell in shown)).hexdigest()
    seen = [Seen(arm, words["seen"], words.get("but", "")) for arm, words in entry["arms"].items()]
    return Look(report, entry["baseline"], entry["seeds"], seen, grids, sha256, sha256 == entry["pictures"])


def _section(look: Look) -> str:
    head = f"\n## {look.report.name}\n\n{look.report.link}: {look.report.scale}. Its baseline {look.baseline}.\n"
    if not look.fresh:
        again = f"Whoever looks again notes the sum {look.sha256}."
        return f"{head}\nTrained again since somebody looked at these grids. {again}\n"
    of = "seed" if len(look.seeds) == 1 else "seeds"
    seeds = " and ".join(map(str, look.seeds))
    rows = [f"| arm | grid of {of} {seeds} | FID | mean FID | what is seen | agrees |", "|---|---|--:|--:|---|---|"]
    return "\n".join([head, *rows, *(_row(look, each) for each in look.seen), ""])


def _row(look: Look, each: Seen) -> str:
    folder = f"{look.report.name}/samples"
    pictures = " ".join(f"![seed {seed}]({folder}/{look.grids[each.arm, seed].name})" for seed in look.seeds)
    scores = ", ".join(look.report.score_of(each.arm, seed) for seed in look.seeds)
    label = each.arm.replace("+", " + ")  # where a line may break
    cells = [label, pictures, scores, look.report.score(each.arm), each.words, each.but or "yes"]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
