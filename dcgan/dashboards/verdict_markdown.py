"""The verdicts of a study as Markdown, in the words of its report: what W&B shows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dcgan.comparison.analysis import Analysis, ordered_mains
from dcgan.report.rendering import escaped
from dcgan.report.text.document_view import ReportCommand, view


def verdict_markdown(analysis: Analysis) -> tuple[str, str]:
    """The headline as plain text, and as Markdown what one must know of it, the table of verdicts and the facts."""
    shown = view(analysis, ReportCommand())
    facts = "\n".join(f"- {escaped(fact)}" for fact in shown["facts"])
    parts = [
        *(f"> **{escaped(name)}.** {escaped(words)}" for name, words in shown["banners"]),
        *([f"> {escaped(shown['partial'])}"] if shown["partial"] else []),
        _table(shown, [f"{main.effect.terms[0][1]} to {main.effect.terms[0][2]}" for main in ordered_mains(analysis)]),
        facts,
    ]
    return shown["headline"], "\n\n".join(parts)


def _table(shown: Mapping[str, Any], changes: Sequence[str]) -> str:
    """The tips from off to on, or the main effects of a design, which is judged by them; `changes` are theirs."""
    if shown["by_arm"]:
        first, rows = shown["noun"], shown["tips"]
        names, changes = [row["tip"] for row in rows], [row["change"] for row in rows]
    else:
        first, rows = "effect", shown["effects"]["rows"]
        names = [row["name"] for row in rows]
    columns = [first, "from, to", f"{shown['metric']} [95 %]", "p, adjusted", "verdict", "seeds needed"]
    cells = [
        [name, changed, f"{row['difference']} {row['interval']}".strip(), row["p_adjusted"], _told(row), row["seeds_needed"]]
        for name, changed, row in zip(names, changes, rows, strict=True)
    ]
    lines = [[escaped(cell) for cell in line] for line in (columns, *cells)]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], ["---"] * len(columns), *lines[1:]))


def _told(row: Mapping[str, Any]) -> str:
    """`helps`, `inconclusive, leans helpful, 93 %`: the verdict, and what the report says beside it."""
    beside = (row.get(key) for key in ("survivors", "lean", "caution", "interacts", "reason"))
    return ", ".join([row["verdict"], *(words for words in beside if words)])
