"""What any report is rendered with: templates whose every value is escaped, figures in a page, tables as CSV."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from dcgan.common.drawing.canvas import inline

_MARKDOWN = re.compile(r"([\\`*_{}\[\]#|~$]|^[-+](?=\s|$)|(?<=^\d)[.)](?=\s|$))")
Drawn = Mapping[str, tuple[str, str]]  # figures by name, each wide and narrow


def documents(
    templates: tuple[str, str], content: Mapping[str, Any], drawn: Drawn, tables: Mapping[str, pd.DataFrame]
) -> dict[str, bytes]:
    """The files of a report by their paths: the page and the Markdown by these templates, figures, tables."""
    page, text = templates
    made = {"index.html": _html(page, content, drawn), "report.md": _markdown(text, content, drawn)}
    made |= {f"figures/{name}.svg": svg for name, (svg, _) in drawn.items()}
    made |= {f"tables/{name}.csv": _csv(frame) for name, frame in tables.items()}
    return {path: text.encode() for path, text in made.items()}


def frame_of(entries: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Entries of report.json as a table."""
    return pd.DataFrame([_flat(entry) for entry in entries])


@cache
def _environment(kind: str) -> Environment:
    """Jinja's environment: everything that is written is escaped for the kind of document."""
    return Environment(
        loader=PackageLoader("dcgan.report", "templates"),
        autoescape=select_autoescape(["html"]),
        finalize=escaped if kind == "markdown" else None,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def escaped(value: Any) -> Any:
    """Text that Markdown shows as it is, also in a table's cell."""
    if isinstance(value, Markup):
        return value
    text = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _MARKDOWN.sub(r"\\\1", " ".join(text.splitlines()))


def _html(name: str, content: Mapping[str, Any], drawn: Drawn) -> str:
    def figure(name: str) -> Markup:
        wide, narrow = (
            Markup(inline(svg, f"{name}-{place}"))  # noqa: S704 - made by us, text in it escaped
            for svg, place in zip(drawn[name], ("wide", "narrow"), strict=True)
        )
        return Markup('<div class="wide">{}</div><div class="narrow">{}</div>').format(wide, narrow)

    template = _environment("html").get_template(name)
    return template.render(**content, figure=figure, figures=list(drawn)).replace(" %", "\u00a0%") + "\n"


def _markdown(name: str, content: Mapping[str, Any], drawn: Drawn) -> str:
    code = Markup("\n".join(f"    {command}" for command in content["commands"]))  # noqa: S704 - shown as it is
    template = _environment("markdown").get_template(name)
    text = template.render(**content, code=code, figures=list(drawn))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _flat(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry of report.json as a line of a table: an interval is two columns, a list is text."""
    two_sided = [key for key in entry if "interval" in key or "simultaneous" in key or key == "prediction"]
    sides = {
        f"{key}_{side}": (entry[key] or (None, None))[index]
        for key in two_sided
        for index, side in enumerate(("low", "high"))
    }
    cells = {key: json.dumps(value) if isinstance(value, list) else value for key, value in entry.items()}
    return {key: value for key, value in cells.items() if key not in two_sided} | sides


def _csv(frame: pd.DataFrame) -> str:
    return str(frame.to_csv(index=False, lineterminator="\n"))
