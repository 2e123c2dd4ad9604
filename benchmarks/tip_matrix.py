"""What every published study says of every tip of the article, from off to on: the matrix of reports/README.md.

Pure functions of report.json files. Reports of studies tell tips from off to on themselves. Those of bare tables tell
arms: `without-X` beside a baseline that has X, and `with-X` beside one that lacks it. Such an arm is turned here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dcgan.common.formatting import NONE, percent
from dcgan.report.text.numbers import Numbers
from dcgan.statistics.paired import Verdict
from dcgan.tips.article import ARTICLE

TIPS: tuple[str, ...] = tuple(tip.name for tip in ARTICLE)
MARKS: Mapping[Verdict, str] = {"helps": "▼", "hurts": "▲", "no effect": "▬", "inconclusive": "○"}
IN_PER_CENT = Numbers(decimals=0, scale="ratio")  # every effect here is a ratio
SETTLED: frozenset[Verdict] = frozenset({"helps", "hurts", "no effect"})
LIMITED = "†"  # beside an effect that is only known where runs survived
_TURNED: Mapping[Verdict, Verdict] = {"helps": "hurts", "hurts": "helps"}

Content = Mapping[str, Any]  # of a report.json


@dataclass(frozen=True)
class Cell:
    """One tip in one study, from off to on; effects are differences of logarithms, `extra` a share of the time."""

    effect: float | None
    interval: tuple[float, float] | None
    verdict: Verdict
    extra: float | None = None
    limited: bool = False

    def turned(self) -> Cell:
        """The same from on to off."""
        interval = None if self.interval is None else (-self.interval[1], -self.interval[0])
        return Cell(
            None if self.effect is None else -self.effect,
            interval,
            _TURNED.get(self.verdict, self.verdict),
            None if self.extra is None else 1.0 / (1.0 + self.extra) - 1.0,
            self.limited,
        )

    def effect_words(self) -> str:
        """`-25 %`, above a doubling `x2.5`; a dash where no seed is left."""
        if self.effect is None:
            return NONE
        return IN_PER_CENT.effect(self.effect) + (LIMITED if self.limited else "")

    def interval_words(self) -> str:
        """`[-36 %, -13 %]`, or nothing."""
        return IN_PER_CENT.effect_interval(self.interval)

    def time_words(self) -> str:
        """`time +53 %`, or nothing."""
        return "" if self.extra is None else f"time {percent(self.extra)}"


@dataclass(frozen=True)
class Column:
    """One study of the matrix. `timed`: whether its times are of one machine, so that they compare."""

    report: str
    title: str
    way: str
    timed: bool = True

    @property
    def name(self) -> str:
        """`MNIST, added alone`."""
        return f"{self.title}, {self.way}"


# In the order of the page. The first orders the rows.
COLUMNS = (
    Column("mnist-tips", "MNIST", "added alone"),
    Column("mnist-leave-one-out", "MNIST", "taken from all"),
    Column("mnist-longer", "MNIST, longer", "added alone"),
    Column("mnist-screen", "MNIST", "on average"),
    Column("digits-tips", "digits", "added alone", timed=False),
    Column("digits-leave-one-out", "digits", "taken from all", timed=False),
    Column("digits-factorial", "digits", "all combinations"),
    Column("demo", "digits, short", "added alone"),
)


@dataclass(frozen=True)
class Matrix:
    """The cells of every column by tip, with its seeds, and the tips in the order of the rows."""

    columns: Sequence[Column]
    seeds: Sequence[int]
    cells: Sequence[Mapping[str, Cell]]
    rows: Sequence[str]

    @property
    def limited(self) -> bool:
        """Whether some cell is only known where runs survived."""
        return any(cell.limited for cells in self.cells for cell in cells.values())


def matrix(reports: Mapping[str, Content]) -> Matrix:
    """Of those reports that are there."""
    columns = [column for column in COLUMNS if column.report in reports]
    cells = [cells_of(reports[column.report], timed=column.timed) for column in columns]
    seeds = [reports[column.report]["seeds"] for column in columns]
    seen = [tip for tip in TIPS if any(tip in each for each in cells)]
    return Matrix(columns, seeds, cells, ordered(seen, cells[0] if cells else {}))


def cells_of(report: Content, *, timed: bool = True) -> dict[str, Cell]:
    """A report's cells by tip, as far as it has them. Raises ValueError for effects that are no ratios."""
    if report["scale"] != "ratio":
        raise ValueError(f"{report['title']}: effects on the scale '{report['scale']}' are no per cents")
    told = (_told(tip) for tip in report["tips"])
    cells = {name: cell for name, cell in (each for each in told if each is not None) if name in TIPS}
    return cells if timed else {name: replace(cell, extra=None) for name, cell in cells.items()}


def ordered(tips: Sequence[str], cells: Mapping[str, Cell]) -> list[str]:
    """The tips by their effect in those cells, the most helpful first; those without one last, in their own order."""

    def place(tip: str) -> float:
        effect = cells[tip].effect if tip in cells else None
        return math.inf if effect is None else effect

    return sorted(tips, key=place)


def everywhere(made: Matrix, verdict: Verdict) -> list[str]:
    """Tips that have this verdict in every study that judges them."""
    return [tip for tip in made.rows if all(cell.verdict == verdict for cell in _row(made, tip))]


def nowhere(made: Matrix, verdict: Verdict) -> list[str]:
    """Tips that have this verdict in no study."""
    return [tip for tip in made.rows if not any(cell.verdict == verdict for cell in _row(made, tip))]


def _row(made: Matrix, tip: str) -> list[Cell]:
    return [cells[tip] for cells in made.cells if tip in cells]


def both_ways(made: Matrix) -> list[tuple[str, list[str], list[str]]]:
    """Tips that help in one study and hurt in another, with the names of the studies where they do the one or other."""
    found = [(tip, _where(made, tip, "helps"), _where(made, tip, "hurts")) for tip in made.rows]
    return [each for each in found if each[1] and each[2]]


def _where(made: Matrix, tip: str, verdict: Verdict) -> list[str]:
    pairs = zip(made.columns, made.cells, strict=True)
    return [column.name for column, cells in pairs if tip in cells and cells[tip].verdict == verdict]


def table(made: Matrix) -> str:
    """The matrix as a table of Markdown."""
    titles = [
        f"{column.name}<br>[{seeds} seeds]({column.report}/report.md)"
        for column, seeds in zip(made.columns, made.seeds, strict=True)
    ]
    rows = [[f"`{tip}`", *(_cell_markdown(cells.get(tip)) for cells in made.cells)] for tip in made.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in [["tip", *titles], ["---"] * (1 + len(titles)), *rows])


def _cell_markdown(cell: Cell | None) -> str:
    if cell is None:
        return NONE
    head = f"{MARKS[cell.verdict]} {cell.effect_words()}"
    if cell.verdict in {"helps", "hurts"}:
        head = f"**{head}**"
    return "<br>".join(part for part in (head, cell.interval_words(), cell.time_words()) if part)


def _told(tip: Content) -> tuple[str, Cell] | None:
    """A tip with its cell, of an entry of `tips`; None for levels other than off and on."""
    interval = None if tip["interval"] is None else (tip["interval"][0], tip["interval"][1])
    cell = Cell(tip["effect"], interval, tip["verdict"], tip.get("extra_seconds"), bool(tip.get("survivors")))
    if tip["level"] == "on":
        return tip["tip"], cell
    if tip["level"] == "":  # a whole arm: the report is of a bare table
        how, _, name = tip["tip"].partition("-")
        return {"with": (name, cell), "without": (name, cell.turned())}.get(how)
    return None
