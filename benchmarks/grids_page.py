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
whether it agrees with the score. [README.md](README.md) has the studies' answers.
"""


@dataclass(frozen=True)
class Look:
    """What was seen of one study: of every arm, on the runs of those seeds."""

    report: Report
    baseline: str
    seeds: Sequence[int]
    arms: Sequence[tuple[str, str, str]]  # with what is seen and, if it does not agree with the score, in which way
    grids: Mapping[tuple[str, int], Path]
    fresh: bool  # whether the pictures are those that were looked at

    @property
    def disagreeing(self) -> list[tuple[str, str]]:
        """Arms of which the impression is not that of their score, and in which way."""
        return [(arm, but) for arm, _, but in self.arms if but]


def looks(path: Path, reports: Mapping[str, Report], folder: Path) -> list[Look]:
    """What grids.yaml says of the reports that are there, whose folders lie in that one.

    Raises DcganError where it leaves an arm out, or tells of one that has no grid.
    """
    return [_look(reports[name], entry, folder) for name, entry in read_yaml(path).items() if name in reports]


def document(seen: Sequence[Look]) -> str:
    """grids.md: a section for each study."""
    return "\n".join([_HEAD, *(_section(look) for look in seen)])


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
    told = [(arm, words["seen"], words.get("but", "")) for arm, words in entry["arms"].items()]
    if sha256 != entry["pictures"]:
        print(f"{report.name}: its grids are not those that grids.yaml tells of; look at them, their sum is {sha256}")
    return Look(report, entry["baseline"], entry["seeds"], told, grids, sha256 == entry["pictures"])


def _section(look: Look) -> str:
    head = f"\n## {look.report.name}\n\n{look.report.link}: {look.report.scale}. Its baseline {look.baseline}.\n"
    if not look.fresh:
        return f"{head}\nTrained again since somebody looked at these grids.\n"
    of = "seed" if len(look.seeds) == 1 else "seeds"
    seeds = " and ".join(map(str, look.seeds))
    rows = [f"| arm | grid of {of} {seeds} | FID | mean FID | what is seen | agrees |", "|---|---|--:|--:|---|---|"]
    return "\n".join([head, *rows, *(_row(look, *arm) for arm in look.arms), ""])


def _row(look: Look, arm: str, seen: str, but: str) -> str:
    name = look.report.name
    pictures = " ".join(f"![seed {seed}]({name}/samples/{look.grids[arm, seed].name})" for seed in look.seeds)
    scores = ", ".join(look.report.score_of(arm, seed) for seed in look.seeds)
    label = arm.replace("+", " + ")  # where a line may break
    return f"| {label} | {pictures} | {scores} | {look.report.score(arm)} | {seen} | {but or 'yes'} |"
