"""The documents: index.html in one file, report.md with its pictures beside it, and the tables."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable
from typing import Any

import pandas as pd
from markupsafe import Markup

from dcgan.common.png import light_png
from dcgan.comparison.analysis import Analysis, arm_label, in_order
from dcgan.comparison.beside import open_command
from dcgan.records.runs_table import GRID, columns
from dcgan.report.figures import cost, curves, intervals
from dcgan.report.figures.half_normal import half_normal, has_half_normal
from dcgan.report.figures.resolution_curve import has_resolution_curve, resolution_curve
from dcgan.report.rendering import documents, frame_of
from dcgan.report.report_json import to_json
from dcgan.report.text.document_view import ReportCommand, view
from dcgan.report.text.effects_text import caution
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.processors_text import processors_table, spread_of
from dcgan.report.text.tips_view import kind, told

_MOST_PICTURES = 600_000  # bytes of sample grids in the page, beyond the first seed's


def files(analysis: Analysis, command: ReportCommand) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Every file of the report by its relative path, and the content of report.json. Writes nothing."""
    content = view(analysis, command)
    drawn = _figures(analysis)
    grids = _grids(analysis)
    record = {**to_json(analysis), "headline": content["headline"], "resolution": content["resolvable"]}
    record |= {"more": open_command(analysis), "search": content["search"]}
    numbers = Numbers.of(analysis)
    by_arm = {tip.arm: tip for tip in analysis.tips}
    for entry in record["comparisons"]:
        entry.update(told(analysis, by_arm[entry["arm"]], numbers))
    for entry, estimate in zip(record["effects"], analysis.effects.mains if analysis.effects else (), strict=True):
        entry["caution"] = caution(estimate)
    tables = _tables(record, analysis) | _runs(analysis, grids)
    encoded = documents(("index.html", "report.md"), {**content, "grids": grids}, drawn, tables)
    encoded |= {picture["file"]: picture["png"] for grid in grids for picture in grid["pictures"]}
    return encoded, record


def _figures(analysis: Analysis) -> dict[str, tuple[str, str]]:
    """The figures by name, each wide and narrow."""
    draw: dict[str, Callable[..., str]] = {"forest": intervals.forest, "arms": intervals.arms}
    if analysis.effects:
        draw["effects"] = intervals.effects
    if has_half_normal(analysis):
        draw["half-normal"] = half_normal
    if has_resolution_curve(analysis):
        draw["resolution"] = resolution_curve
    if curves.has_curves(analysis):
        draw["curves"] = curves.curves
    if cost.has_cost(analysis):
        draw["cost"] = cost.cost
    return {name: (function(analysis), function(analysis, narrow=True)) for name, function in draw.items()}


def _grids(analysis: Analysis) -> list[dict[str, Any]]:
    """The sample grids, seed by seed, that of most arms first; later seeds as far as the page stays light."""
    paths = analysis.results.grids
    arms = in_order(analysis)
    seeds = Counter(seed for _, seed in paths)
    verdicts = {comparison.arm.arm: comparison.verdict for comparison in analysis.comparisons}
    numbers = Numbers.of(analysis)
    table = analysis.results.table
    # Not of the seeds with pictures: a report that is made of its own table has those alone that it shows.
    trained = table.loc[table["status"] == "finished", "seed"].nunique()
    shown: list[dict[str, Any]] = []
    weight = 0
    first = min(seeds, key=lambda seed: (-seeds[seed], seed), default=0)
    for seed in sorted(seeds, key=lambda seed: (seed != first, seed)):
        pictures = []
        for index, arm in enumerate(arms):
            if (arm.arm, seed) in paths:
                png = light_png(paths[arm.arm, seed])
                pictures.append(
                    {
                        "cell": (arm.arm, seed),
                        "arm": arm_label(analysis, arm.arm),
                        "kind": kind(verdicts.get(arm.arm, "baseline")),
                        "score": numbers.plain(arm.scores.get(seed)),
                        "file": f"samples/{index:02d}-seed-{seed}.png",
                        "png": png,
                        "uri": Markup("data:image/png;base64," + base64.b64encode(png).decode()),  # noqa: S704
                    }
                )
                weight += len(png) if shown else 0
        if weight > _MOST_PICTURES:
            break
        shown.append({"seed": seed, "pictures": pictures, "of": trained})
    return shown


def _tables(record: dict[str, Any], analysis: Analysis) -> dict[str, pd.DataFrame]:
    """The tables as they are given out: the numbers of report.json and the trials, unrounded."""
    parts = {key: record[key] for key in ("arms", "comparisons", "tips", "effects", "interactions") if record[key]}
    tables = {name: frame_of(entries) for name, entries in parts.items()}
    if record["aliases"]:
        lines = [
            {"effect": " x ".join(line["effect"]), "with": " x ".join(other["effect"]), "weight": other["weight"]}
            for line in record["aliases"]["table"]
            for other in line["with"]
        ]
        tables |= {"aliases": pd.DataFrame(lines)} if lines else {}
    if lines := processors_table(spread_of(analysis)):
        tables |= {"processors": pd.DataFrame(lines).convert_dtypes()}
    how = analysis.results.scored
    tables |= {"trials": analysis.results.table}
    return {name: frame.assign(protocol=how) if how else frame for name, frame in tables.items()}


def _runs(analysis: Analysis, grids: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    """All that is recorded of a study's runs, with the pictures that lie beside it: see `records/runs_table.py`."""
    kept = analysis.results.kept()
    pictures = {picture["cell"]: f"../{picture['file']}" for grid in grids for picture in grid["pictures"]}
    rows = [{**row, **({GRID: pictures[cell]} if cell in pictures else {})} for cell, row in kept.items()]
    return {"runs": pd.DataFrame(rows, columns=columns(rows))} if rows else {}
