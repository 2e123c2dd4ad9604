"""A published report as the pages of reports/ tell of it: report.json, the table and the sweep it is made from."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import tip_matrix
from tip_matrix import SETTLED, Cell, Content, cells_of

from dcgan.common.errors import DcganError
from dcgan.common.formatting import NONE, count, duration, listed, percent, whole_range
from dcgan.common.overrides import parse_words
from dcgan.experiment import Experiment
from dcgan.records.table_file import read_rows
from dcgan.study import plan
from dcgan.sweeps import sweep as sweeps

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Origin:
    """What a report is made from: a sweep's file with words beyond it, and a table of its runs. Files from the
    repository's root."""

    sweep: Path
    table: Path
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """A published report as the template sees it."""

    name: str
    content: Content
    origin: Origin

    @property
    def link(self) -> str:
        """Its name, leading to its document."""
        return f"[{self.name}]({self.name}/report.md)"

    @property
    def headline(self) -> str:
        """Its answer in a sentence."""
        return str(self.content["headline"])

    @property
    def resolution(self) -> str:
        """What its seeds can tell, in a sentence."""
        return str(self.content["resolution"])

    @property
    def seeds(self) -> int:
        """The most pairs of a comparison."""
        return int(self.content["seeds"])

    @property
    def trials(self) -> str:
        """`120 trials`."""
        return count(self.content["trials"]["total"], "trial")

    @property
    def lost(self) -> int:
        """Trials that ended without a score."""
        return int(self.content["trials"]["failed"])

    @property
    def time(self) -> str:
        """How long all its runs were trained, one after another."""
        arms = [arm for arm in self.content["arms"] if arm["seconds"] is not None]
        return duration(sum(arm["seconds"] * (arm["n"] + arm["failed"]) for arm in arms))

    def effect_of(self, label: str) -> str:
        """What it judges under that label, in short: `-34 % [-41 %, -25 %] (helps)`."""
        tip = self._judged(label)
        return _in_short("", tip["effect"], tip["interval"], tip["verdict"])

    def added_time(self, label: str) -> str:
        """How much longer it trains than what it is compared with: `+61 %`."""
        return percent(self._judged(label)["extra_seconds"])

    def extra_of(self, label: str) -> str:
        """How long it trains, in per cent of what it is compared with: `157 %`."""
        return f"{100 + 100 * self._judged(label)['extra_seconds']:.0f} %"

    def _judged(self, label: str) -> Content:
        found = next((tip for tip in self.content["tips"] if tip["label"] == label), None)
        if found is None:
            raise DcganError(f"the page tells of '{label}', which report {self.name} does not judge")
        return found

    @property
    def settled(self) -> int:
        """Tips with a verdict other than inconclusive."""
        return sum(cell.verdict in SETTLED for cell in self.cells.values())

    @property
    def sees(self) -> str:
        """The effect that it finds with a probability of 80 %: `21 %`."""
        effect = self.content["resolvable_effect"]
        return NONE if effect is None else tip_matrix.IN_PER_CENT.effect(effect).removeprefix("+")

    @property
    def warnings(self) -> list[str]:
        """What a reader must know first."""
        return list(self.content["warnings"])

    @property
    def effects(self) -> list[str]:
        """Everything that it judges in short: `gradient_penalty -31 % [-38 %, -23 %] (helps)`."""
        return [_in_short(tip["label"], tip["effect"], tip["interval"], tip["verdict"]) for tip in self.content["tips"]]

    @property
    def interactions(self) -> list[str]:
        """Every pair of factors in short, with its verdict: how the ratio changes where both are on."""
        return [
            _in_short(each["effect"], each["estimate"], each["estimate_interval"], each["verdict"])
            for each in self.content["interactions"]
        ]

    @property
    def interacting(self) -> int:
        """How many of them its statistics call interacting."""
        return sum(each["verdict"] == "interacts" for each in self.content["interactions"])

    @property
    def processors(self) -> str:
        """`96 runs on AMD EPYC, AVX512, 1 thread`; empty for a bare table."""
        return listed_or([f"{kind['runs']} runs on {kind['name']}" for kind in self.content["processors"]["kinds"]], "")

    @property
    def margin(self) -> str:
        """The share within which an effect is none: `5 %`."""
        return f"{100 * self.content['margin_share']:g} %"

    @cached_property
    def cells(self) -> dict[str, Cell]:
        """Its tips of the article, each from off to on."""
        return cells_of(self.content)

    def tips(self, verdict: str) -> str:
        """Those with that verdict, most helpful first: `a`, `b` and `c`; `none`."""
        found = [tip for tip in tip_matrix.ordered(list(self.cells), self.cells) if self.cells[tip].verdict == verdict]
        return listed_or([f"`{tip}`" for tip in found], "none")

    def cell(self, tip: str) -> str:
        """One tip's effect with its interval."""
        cell = self.cells[tip]
        return f"{cell.effect_words()} {cell.interval_words()}".strip()

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment of its baseline, by the sweep's own file."""
        made = plan.make(sweeps.load(str(ROOT / self.origin.sweep), parse_words(list(self.origin.words))))
        return made.experiments[self.content["baseline"]]

    def score(self, arm: str) -> str:
        """An arm's mean and standard deviation: `42.2 (5.1)`."""
        of = next((each for each in self.content["arms"] if each["arm"] == arm), None)
        if of is None:
            raise DcganError(f"the page tells of arm '{arm}', which report {self.name} does not have")
        if of["mean"] is None or of["sd"] is None:
            raise DcganError(f"the page tells the score of arm '{arm}', of which report {self.name} has too few runs")
        return f"{of['mean']:.1f} ({of['sd']:.1f})"

    @cached_property
    def runs(self) -> list[Mapping[str, str]]:
        """The rows of its table: read once, of which the page of grids asks for every run that it shows."""
        return [row.cells for row in read_rows(ROOT / self.origin.table)]

    def score_of(self, arm: str, seed: int) -> str:
        """The score of one run: `128.7`."""
        found = [cells["scores.fid"] for cells in self.runs if (cells["arm"], cells["seed"]) == (arm, str(seed))]
        if len(found) != 1:
            raise DcganError(f"the page tells of arm '{arm}' with seed {seed}, which {self.origin.table} does not have")
        return f"{float(found[0]):.1f}"

    def span(self, arm: str, column: str = "scores.fid") -> str:
        """The lowest and the highest value that runs of an arm have in a column of the table: `69.5 to 734.8`."""
        values = [float(cells[column]) for cells in self.runs if cells["arm"] == arm and cells[column]]
        if not values:
            raise DcganError(f"the page tells of '{column}' of arm '{arm}', which {self.origin.table} does not have")
        decimals = 0 if all(value.is_integer() for value in values) else 1
        return f"{min(values):,.{decimals}f} to {max(values):,.{decimals}f}"

    def between(self, part: str) -> str:
        """The lowest and the highest mean of the arms that have that part in their name: `187 to 487`."""
        means = [arm["mean"] for arm in self.content["arms"] if part in arm["arm"].split("+") and arm["mean"]]
        if not means:
            raise DcganError(f"the page tells of arms with '{part}', which report {self.name} does not have")
        return f"{min(means):.0f} to {max(means):.0f}"

    @property
    def scale(self) -> str:
        """`mnist at 32 x 32, networks of width 32, 20,000 images a run in batches of 25, in bf16`."""
        base = self.experiment
        widths = whole_range([base.generator.width, base.discriminator.width])
        return (
            f"{base.data.name} at {base.data.size} × {base.data.size}, "  # noqa: RUF001 - the sign of multiplication
            f"networks of width {widths}, {base.budget.images:,} images a run in batches of {base.update.batch}, "
            f"in {base.compute.precision}"
        )

    @property
    def updates(self) -> str:
        """How often its networks are updated: `800 updates`."""
        return count(-(-self.experiment.budget.images // self.experiment.update.batch), "update")

    @property
    def source(self) -> str:
        """The table that it is made from, as a link from reports/."""
        table = self.origin.table
        return f"[{table.name}]({Path(os.path.relpath(table, 'reports')).as_posix()})"


def listed_or(parts: Sequence[str], otherwise: str) -> str:
    """`a, b and c`, or what is said where there are none."""
    return listed(list(parts)) if parts else otherwise


def _in_short(label: str, effect: float | None, interval: Sequence[float] | None, verdict: str) -> str:
    """`he_init x replay: -31 % [-38 %, -23 %]`, with the verdict where there is one."""
    ends = tip_matrix.IN_PER_CENT.effect_interval(None if interval is None else (interval[0], interval[1]))
    told = "no pair" if effect is None else f"{tip_matrix.IN_PER_CENT.effect(effect)} {ends}".strip()
    return (f"`{label}` " if label else "") + told + (f" ({verdict})" if verdict else "")
