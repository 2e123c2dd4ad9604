"""Studies made on several kinds of processors, and what a report shows of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from dcgan.comparison.analysis import analyse
from dcgan.report import from_study
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand
from tests.report.reading import Page

ARMS = ("bare", "he_init", "batch_norm", "optimizer")
OLD = {
    "torch": "2.14.1", "torchvision": "0.29.1", "torch-fidelity": "0.4.0", "numpy": "2.4.6",
    "system": "Linux x86_64", "device": "AMD EPYC", "threads": 1,
}  # fmt: skip
WIDE = {**OLD, "model": "AuthenticAMD family 25 model 17", "instructions": "AVX512"}
NARROW = {**WIDE, "instructions": "AVX2"}
GPU = {key: value for key, value in {**OLD, "device": "NVIDIA H100"}.items() if key != "instructions"}
A, B = "AMD EPYC, AVX512, 1 thread", "AMD EPYC, AVX2, 1 thread"


def environments(usual: Any, **others: dict[int, list[dict[str, Any]]]) -> dict[tuple[str, int], list[dict[str, Any]]]:
    """All runs made in `usual`, but for those of an arm and seed."""
    return {(arm, seed): others.get(arm, {}).get(seed, [usual]) for arm in ARMS for seed in range(5)}


def reported(folder: Path, **options: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
    """The files of the report on a study, by name, and its record."""
    return files(analyse(from_study(folder), **options), ReportCommand())


def shown(content: dict[str, bytes]) -> tuple[str, str]:
    """The text of index.html and of report.md, as read."""
    markdown = MarkdownIt().enable("table").render(content["report.md"].decode())
    html, markdown = Page(content["index.html"].decode()).text, Page(markdown).text
    return " ".join(html.split()), " ".join(markdown.split())
