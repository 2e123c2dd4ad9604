"""The documents of several studies: a page, Markdown, a figure of the pooled effects, and the tables."""

from __future__ import annotations

from typing import Any

from dcgan.common.formatting import listed
from dcgan.comparison.several import Several
from dcgan.report.figures.pooled_forest import has_pooled_forest, pooled_forest
from dcgan.report.rendering import documents, frame_of
from dcgan.report.several_json import several_json
from dcgan.report.text.document_view import ReportCommand
from dcgan.report.text.several_view import several_view


def files_of_several(
    several: Several, words: list[str], command: ReportCommand
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Every file of the report by its relative path, and the content of report.json. Writes nothing.

    `words`: the sources as `dcgan report` takes them.
    """
    title = listed(list(several.analyses))
    record = several_json(several, title)
    drawn = {}
    if has_pooled_forest(several):
        drawn["pooled"] = pooled_forest(several), pooled_forest(several, narrow=True)
    studies = [
        {**study, "trials": study["trials"]["total"], "done": study["trials"]["done"]} for study in record["studies"]
    ]
    tables = {
        "tips": frame_of([_without(tip, "studies") for tip in record["tips"]]),
        "matrix": frame_of([_of_tip(tip) | cell for tip in record["tips"] for cell in tip["studies"]]),
        "studies": frame_of([_without(study, "protocol") for study in studies]),
    }
    content = several_view(several, title, words, command)
    return documents(("several.html", "several.md"), content, drawn, tables), record


def _of_tip(tip: dict[str, Any]) -> dict[str, Any]:
    return {key: tip[key] for key in ("tip", "level", "instead", "label")}


def _without(entry: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != key}
