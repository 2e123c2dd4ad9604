"""A specification as people read it: which sections and panels there are, of what kind and of which keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

_KINDS = {
    "Run History Line Plot": "curves",
    "Scatter Plot": "scatter",
    "Bar Chart": "bars",
    "Media Browser": "media",
    "Markdown Panel": "text",
    "Parallel Coordinates Plot": "parallel coordinates",
    "Parameter Importance": "importance",
}
_PREFIXES = ("summary:", "config:", "run:", "factor/")
_GROUP = "run-color-group:"  # what the key of a colour of a workspace begins with
_ARM = "config:arm.value:"  # what stands before the arm in that of a report


@dataclass(frozen=True)
class ShownPanel:
    """`details`: its keys and how runs are put together, a few words each; of a text, the text."""

    title: str
    kind: str
    details: tuple[str, ...]


@dataclass(frozen=True)
class ShownSection:
    """Panels under a heading, `columns` of them side by side; `text` says what to look for, in a report."""

    name: str
    panels: tuple[ShownPanel, ...]
    columns: int
    text: str = ""
    is_open: bool = True


@dataclass(frozen=True)
class ShownRuns:
    """A run set: which runs, how they are grouped and put in order."""

    name: str
    filters: str
    grouping: str
    order: str
    columns: tuple[str, ...]


def shown_sections(spec: Mapping[str, Any]) -> list[ShownSection]:
    """The sections of a workspace's or of a report's specification, in order."""
    if "section" in spec:
        banks = spec["section"]["panelBankConfig"]["sections"]
        return [
            ShownSection(
                bank["name"], _panels(bank["panels"]), bank["flowConfig"]["columnsPerPage"], is_open=bank["isOpen"]
            )
            for bank in banks
        ]
    found: list[ShownSection] = []
    for block in spec["blocks"]:
        if block["type"] == "heading":
            found.append(ShownSection(_words(block), (), 1))
        elif block["type"] == "markdown-block":
            found[-1] = replace(
                found[-1], panels=(*found[-1].panels, ShownPanel("Verdicts", "text", (block["content"],)))
            )
        elif block["type"] == "panel-grid":
            panels = _panels(block["metadata"]["panelBankSectionConfig"]["panels"])
            side_by_side = len(
                {panel["layout"]["x"] for panel in block["metadata"]["panelBankSectionConfig"]["panels"]}
            )
            found[-1] = replace(found[-1], panels=panels, columns=side_by_side)
        elif block["type"] == "paragraph" and found and not found[-1].panels:
            found[-1] = replace(found[-1], text=_words(block))
    return found


def shown_runs(spec: Mapping[str, Any]) -> list[ShownRuns]:
    """The run sets: of a report those of its first grid, which all others have, too."""
    grids = [block["metadata"] for block in spec.get("blocks", ()) if block["type"] == "panel-grid"]
    sets = grids[0]["runSets"] if grids else spec["section"]["runSets"]
    return [
        ShownRuns(
            name=runs["name"],
            filters=" and ".join(_filter(each) for each in runs["filters"]["filters"]),
            grouping=", ".join(_plain(f"{key['section']}:{key['name']}") for key in runs["grouping"]),
            order=", ".join(_order(key) for key in runs["sort"]["keys"]),
            columns=tuple(_plain(column) for column in runs["runFeed"]["columnOrder"]),
        )
        for runs in sets
    ]


def shown_colours(spec: Mapping[str, Any]) -> dict[str, str]:
    """The colours that are pinned, by arm, the baseline's first."""
    grids = [block["metadata"] for block in spec.get("blocks", ()) if block["type"] == "panel-grid"]
    pinned: Mapping[str, str] = (grids[0] if grids else spec["section"])["customRunColors"]
    return {_arm(key): colour for key, colour in pinned.items()}


def _arm(key: str) -> str:
    if not key.startswith(_GROUP):
        return key.partition(_ARM)[2]
    path = json.loads(unquote(key.removeprefix(_GROUP).partition(":")[2]))
    return str(path[0]["value"])


def _panels(panels: list[Mapping[str, Any]]) -> tuple[ShownPanel, ...]:
    return tuple(_panel(panel) for panel in panels)


def _panel(panel: Mapping[str, Any]) -> ShownPanel:
    config, kind = panel["config"], _KINDS.get(panel["viewType"], panel["viewType"])
    return ShownPanel(
        title=config.get("chartTitle") or kind.capitalize(),
        kind=kind,
        details=tuple(_details(config)),
    )


def _details(config: Mapping[str, Any]) -> list[str]:
    lines = []
    if keys := [*config.get("metrics", ()), *config.get("mediaKeys", ())]:
        across = f" against {config['xAxis']}" if "xAxis" in config else ""
        lines.append(", ".join(keys) + across)
    elif "yAxis" in config:
        lines.append(f"{_plain(config['yAxis'])} against {_plain(config['xAxis'])}")
    if columns := config.get("columns"):
        names = [f"{column['displayName']}{' (log)' if column.get('log') else ''}" for column in columns]
        turned = " (inverted: the better end up)" if columns[-1].get("inverted") else ""
        lines.append(f"{', '.join(names)}{turned}")
    if "targetKey" in config:
        lines.append(f"of {config['targetKey']}")
    if "groupBy" in config:
        spread = {"minmax": ", range"}.get(config["groupArea"], f", {config['groupArea']}")
        lines.append(f"by {_plain(config['groupBy'])}: {config['groupAgg']}{spread}")
    if "gridSettings" in config:
        lines.append(f"a row a {config['gridSettings']['yAxis']} or arm, a column a {config['gridSettings']['xAxis']}")
    if "value" in config:
        lines.append(config["value"])
    return lines


def _filter(item: Mapping[str, Any]) -> str:
    return f"{_plain(item['key']['name'])} {item['op']} {item['value']}"


def _order(key: Mapping[str, Any]) -> str:
    return f"{_plain(key['key']['name'])}, {'least' if key['ascending'] else 'greatest'} first"


def _plain(key: str) -> str:
    """`arm` for `config:arm.value`."""
    for prefix in _PREFIXES:
        key = key.removeprefix(prefix)
    return {"displayName": "name"}.get(key, key.removesuffix(".value"))


def _words(block: Mapping[str, Any]) -> str:
    return "".join(child.get("text", "") for child in block["children"])
