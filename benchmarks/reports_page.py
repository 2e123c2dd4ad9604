"""The page of the published reports, reports/README.md, out of its template, with its picture and the page of grids.

Every measured number on the page is of a report.json, of a table of runs or of the sweep's own file; what was seen on
grids is of grids.yaml. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grids_page
import jinja2
import tip_matrix
from matrix_figure import figure
from published_report import ROOT, Origin, Report, listed_or
from tip_matrix import SETTLED, Content

TEMPLATE = ROOT / "reports" / "README.template.md"
SEEN = ROOT / "reports" / "grids.yaml"


@dataclass(frozen=True)
class Agreement:
    """What two reports say of the tips that both judge."""

    same: tuple[str, ...]
    opposite: tuple[str, ...]
    otherwise: tuple[str, ...]  # settled by both, in one of them as no effect
    open: tuple[str, ...]

    @property
    def both(self) -> int:
        """How many tips both judge."""
        return len(self.same) + len(self.opposite) + len(self.otherwise) + len(self.open)


def agreement(first: Report, second: Report) -> Agreement:
    """Of two reports: verdicts that are the same, opposite or otherwise unlike, and those that one leaves open."""
    found: dict[str, list[str]] = {"same": [], "opposite": [], "otherwise": [], "open": []}
    for tip in (tip for tip in first.cells if tip in second.cells):
        verdicts = {first.cells[tip].verdict, second.cells[tip].verdict}
        if not verdicts <= SETTLED:
            found["open"].append(tip)
        elif len(verdicts) == 1:
            found["same"].append(tip)
        else:
            found["opposite" if verdicts == {"helps", "hurts"} else "otherwise"].append(tip)
    return Agreement(**{kind: tuple(tips) for kind, tips in found.items()})


def apart(first: Report, second: Report) -> list[str]:
    """Tips whose 95 % intervals in the two reports have no value in common, whatever their verdicts."""
    pairs = [
        (tip, cell.interval, second.cells[tip].interval) for tip, cell in first.cells.items() if tip in second.cells
    ]
    return [tip for tip, one, two in pairs if one and two and (one[1] < two[0] or two[1] < one[0])]


def documents(contents: Mapping[str, Content], origins: Mapping[str, Origin], folder: Path) -> dict[str, str]:
    """The pages and the picture, by the names of their files, out of every report.json by the report's name.

    The reports themselves lie in that folder.
    """
    made = tip_matrix.matrix(contents)
    reports = {name: Report(name, contents[name], origins[name]) for name in origins if name in contents}
    looks = grids_page.looks(SEEN, reports, folder)
    values: dict[str, Any] = {
        "reports": reports,
        "looks": looks,
        "matrix": tip_matrix.table(made),
        "columns": [(column, reports[column.report]) for column in made.columns],
        "untimed": [reports[column.report].link for column in made.columns if not column.timed],
        "everywhere": {verdict: tip_matrix.everywhere(made, verdict) for verdict in tip_matrix.MARKS},
        "nowhere": tip_matrix.nowhere(made, "helps"),
        "rows": len(made.rows),
        "both_ways": tip_matrix.both_ways(made),
        "limited": made.limited,
        "marks": tip_matrix.MARKS,
    }
    readme = page(TEMPLATE.read_text(encoding="utf-8"), values)
    return {"README.md": readme, "grids.md": grids_page.document(looks), "tips.svg": figure(made)}


def page(template: str, values: Mapping[str, Any]) -> str:
    """The template with its placeholders filled; one that nothing fills is an error."""
    environment = jinja2.Environment(  # noqa: S701 - Markdown of our own numbers, no page of others' words
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    environment.filters["tips"] = lambda tips: listed_or([f"`{tip}`" for tip in tips], "none")
    environment.filters["cursive"] = lambda parts: [f"*{part}*" for part in parts]
    environment.filters["listed"] = lambda parts: listed_or(list(parts), "none")
    environment.globals |= {"agreement": agreement, "apart": apart}
    return environment.from_string(template).render(values)
