"""The power curve: the sentence's number is on it, and every arm is marked at the study's number of seeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from dcgan.comparison.analysis import Analysis, analyse
from dcgan.report import from_csv
from dcgan.report.figures.resolution_curve import has_resolution_curve, resolution_curve
from dcgan.report.text.document_view import ReportCommand, view
from tests.report.figures.svg import SVG, described, texts, titles

Write = Callable[..., Path]


@pytest.mark.parametrize("scale", ["ratio", "difference"])
@pytest.mark.parametrize("narrow", [False, True])
def test_the_curve_tells_what_the_sentence_tells(three_arms: Path, scale: str, narrow: bool) -> None:
    analysis = analyse(from_csv(three_arms), scale=scale)  # type: ignore[arg-type]
    svg = resolution_curve(analysis, narrow=narrow)
    assert {"3", "5", "30"} <= set(texts(svg)) or narrow
    assert {"good", "bad"} <= set(texts(svg))
    told = [title.partition(":")[0] for title in titles(svg)[1:]]
    assert told == ["good", "bad"]
    here = next(part for part in described(svg).split(", ") if part.endswith("% with 5"))
    share = float(here.removesuffix(" % with 5").split()[-1])
    assert f"{share:.0f} %" in view(analysis, ReportCommand())["resolvable"] or share < 10


def test_one_seed_and_unpaired_runs_have_none(csv_file: Write) -> None:
    assert not has_resolution_curve(analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "x,0,3"))))
    rows = [f"{arm},{seed + offset},{seed + 2}" for arm, offset in (("bare", 0), ("x", 9)) for seed in range(3)]
    assert not has_resolution_curve(analyse(from_csv(csv_file("arm,seed,fid", *rows))))


def test_a_study_has_one(analysis: Analysis) -> None:
    assert has_resolution_curve(analysis)


def test_effects_too_small_or_too_large_for_the_picture_are_arrows(csv_file: Write) -> None:
    rows = []
    for seed in range(4):
        rows += [f"bare,{seed},{30 + seed}", f"same,{seed},{30 + seed + (0.001, -0.001)[seed % 2]}"]
        rows += [f"better,{seed},{20 + 3 * (seed % 2)}", f"worse,{seed},{50 - 3 * seed}"]
        rows.append(f"wild,{seed},{3e6 + seed}")
    svg = resolution_curve(analyse(from_csv(csv_file("arm,seed,fid", *rows))))
    marks = {str(group.findtext(f"{SVG}title")).partition(":")[0]: group.get("d") for group in _paths(svg)}
    assert marks.keys() == {"same", "better", "worse", "wild"}
    outlines = {name: re.sub(r"[\d.M ]+", "", str(outline)) for name, outline in marks.items()}
    assert outlines["better"] == outlines["worse"] != outlines["same"] != outlines["wild"] != outlines["better"]
    assert {"same", "better", "worse", "wild"} <= set(texts(svg))


def _paths(svg: str) -> list[ElementTree.Element]:
    """The marks that tell something."""
    return [node for node in ElementTree.fromstring(svg).iter(f"{SVG}path") if node.find(f"{SVG}title") is not None]  # noqa: S314
