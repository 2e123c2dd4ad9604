"""The verdicts of a study as a table of text, in the words of `dcgan report`: for a page, for Markdown, for W&B."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dcgan.comparison.analysis import Analysis
from dcgan.report.rendering import escaped
from dcgan.report.text.effects_text import effects_view
from dcgan.report.text.numbers import Numbers, metric_label
from dcgan.report.text.tips_view import tip_row


@dataclass(frozen=True)
class VerdictRow:
    """What is known of one tip, arm or main effect. All is text as the report writes it; `kind` names its style.

    `effect` is on the report's scale with its 95 % `interval`; `remarks` say why a verdict is open and what else there
    is to know; `arm` is the arm that is compared, empty where an effect is of several.
    """

    name: str
    change: str
    arm: str
    effect: str
    interval: str
    p_adjusted: str
    verdict: str
    kind: str
    remarks: tuple[str, ...]
    seeds_needed: str


def verdict_rows(analysis: Analysis) -> list[VerdictRow]:
    """The main effects of a design that is judged by them, else every tip or arm; the most helpful first."""
    numbers = Numbers.of(analysis)
    effects = effects_view(analysis, numbers) if analysis.by_effects else None
    if effects is not None:
        return [
            _row(row, name=row["name"], remarks=("left_out", "caution", "interacts", "reason"))
            for row in effects["rows"]
        ]
    return [
        _row(
            row,
            name=row["tip"],
            change=row["change"],
            arm=row["arm"],
            remarks=("survivors", "lean", "reason", "failures"),
        )
        for row in (tip_row(analysis, tip, numbers) for tip in analysis.tips)
    ]


def _row(row: Mapping[str, Any], *, name: str, remarks: Sequence[str], change: str = "", arm: str = "") -> VerdictRow:
    """What the report's own rows of tips and of effects have in common; `remarks`: the keys of those that it says."""
    return VerdictRow(
        name=name,
        change=change,
        arm=arm,
        effect=row["difference"],
        interval=row["interval"],
        p_adjusted=row["p_adjusted"],
        verdict=row["verdict"],
        kind=row["kind"],
        remarks=_said(*(row[key] for key in remarks)),
        seeds_needed=row["seeds_needed"],
    )


def verdict_columns(analysis: Analysis) -> list[str]:
    """The heads of the columns of `cells`."""
    what = "effect" if analysis.by_effects else "compared"
    return [what, f"{metric_label(analysis.metric)} [95 %]", "adjusted p", "verdict", "seeds needed"]


def cells(row: VerdictRow) -> list[str]:
    """A row as the cells of those columns."""
    return [
        f"{row.name} ({row.change})" if row.change else row.name,
        f"{row.effect} {row.interval}".strip(),
        row.p_adjusted,
        "; ".join((row.verdict, *row.remarks)),
        row.seeds_needed,
    ]


def verdict_markdown(analysis: Analysis) -> str:
    """The table in Markdown; names are text in it, whatever letters they have."""
    lines = [verdict_columns(analysis), *map(cells, verdict_rows(analysis))]
    written = [_line([escaped(cell) for cell in line]) for line in lines]
    return "\n".join([written[0], _line(["---"] * len(lines[0])), *written[1:]]) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _said(*remarks: str) -> tuple[str, ...]:
    return tuple(remark for remark in remarks if remark)
