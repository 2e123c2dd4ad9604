"""The figures: well-formed, the same bytes every time, complete, and harmless."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import pytest

from dcgan.report import from_csv, from_study
from dcgan.report.analysis import Analysis, analyse
from dcgan.report.figures.canvas import VARIABLES, inline
from dcgan.report.figures.cost import cost, has_cost
from dcgan.report.figures.curves import curves, has_curves
from dcgan.report.figures.intervals import arms, forest

Write = Callable[..., Path]
SVG = "{http://www.w3.org/2000/svg}"
ALL = {"forest": forest, "arms": arms, "curves": curves, "cost": cost}


def texts(svg: str) -> list[str]:
    return [str(node.text) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 - our own


@pytest.fixture
def analysis(study: Write) -> Analysis:
    return analyse(from_study(study(statuses={("optimizer", 1): "diverged"})))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("narrow", [False, True])
def test_a_figure_is_the_same_every_time_whatever_the_users_settings(
    analysis: Analysis, name: str, narrow: bool
) -> None:
    first = ALL[name](analysis, narrow=narrow)
    with matplotlib.rc_context(
        {"svg.fonttype": "path", "font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "other"}
    ):
        assert ALL[name](analysis, narrow=narrow) == first
    assert ElementTree.fromstring(first).tag == f"{SVG}svg"  # noqa: S314 - our own
    assert not re.search(r"https?://(?!www\.w3\.org/)", first)


def test_the_forest_has_every_arm_its_numbers_its_verdict_and_every_seed(analysis: Analysis) -> None:
    svg = forest(analysis)
    shown = texts(svg)
    for arm, verdict in (("he_init", "helps"), ("batch_norm", "hurts"), ("optimizer", "no effect")):
        assert arm in shown
        assert verdict in shown
    assert "× 1 of 5 diverged" in shown  # noqa: RUF001
    assert "← better" in shown and "worse →" in shown
    assert svg.count(", seed ") == 5 + 5 + 4
    assert any(text.startswith("difference in FID to bare") for text in shown)


def test_removed_tips_are_explained_beside_their_verdict(study: Write) -> None:
    shown = texts(forest(analyse(from_study(study(start="all")))))
    assert "so he_init helps" in shown and "so batch_norm hurts" in shown


def test_higher_is_better_turns_the_sides(three_arms: Path) -> None:
    shown = texts(forest(analyse(from_csv(three_arms), goal="maximize")))
    assert "← worse" in shown and "better →" in shown


def test_a_wild_arm_does_not_flatten_the_others(csv_file: Write) -> None:
    lines = [
        f"{arm},{seed},{20 + seed + effect * (seed + 1)}"
        for arm, effect in (("bare", 0), ("a", 1), ("b", 2), ("wild", 900))
        for seed in range(3)
    ]
    analysis = analyse(from_csv(csv_file("arm,seed,fid", *lines)))
    ticks = [float(text.replace("−", "-")) for text in texts(forest(analysis)) if re.fullmatch(r"−?\d+(\.\d+)?", text)]  # noqa: RUF001
    assert max(ticks) < 100


def test_one_seed_and_no_pair_can_be_drawn(csv_file: Write) -> None:
    path = csv_file("arm,seed,status,fid", "bare,0,finished,2", "x,0,finished,2", "y,0,diverged,")
    shown = texts(forest(analyse(from_csv(path))))
    assert "no pair" in shown and "inconclusive" in shown
    assert "no score" in texts(arms(analyse(from_csv(path))))


def test_curves_and_costs_are_drawn_only_where_there_are_any(analysis: Analysis, csv_file: Write) -> None:
    assert has_curves(analysis) and has_cost(analysis)
    assert {"bare", "he_init", "images seen"} <= set(texts(curves(analysis)))
    bare = analyse(from_csv(csv_file("arm,seed,fid", "bare,0,2", "x,0,3")))
    assert not has_curves(bare) and not has_cost(bare)


def test_names_are_text_and_never_markup(csv_file: Write) -> None:
    evil = ["<script>alert(1)</script>", "$x^2$ & ]]>", "\"'><img src=x onerror=alert(1)>"]
    quoted = ['"' + arm.replace('"', '""') + '"' for arm in evil]
    lines = [f"{arm},{seed},{index + seed},{seed + 1}" for index, arm in enumerate(quoted) for seed in (0, 1)]
    analysis = analyse(from_csv(csv_file("arm,seed,fid,seconds", *lines)))
    for draw in (forest, arms, cost):
        root = ElementTree.fromstring(draw(analysis))  # noqa: S314 - our own
        tags = {node.tag.removeprefix(SVG) for node in root.iter()}
        assert not tags & {"script", "img"}
    assert "$x^2$ & ]]>" in texts(forest(analysis))


def test_inside_a_page_a_figure_takes_its_colours_and_keeps_its_ids_to_itself(analysis: Analysis) -> None:
    svg = inline(forest(analysis), "one")
    assert "<?xml" not in svg and "<style" not in svg
    assert not [colour for colour in VARIABLES if f": {colour}" in svg]
    ids = set(re.findall(r'\bid="([^"]+)"', svg))
    used = set(re.findall(r"url\(#([^)]+)\)", svg)) | set(re.findall(r'href="#([^"]+)"', svg))
    assert used <= ids
    assert all(name.startswith("one-") for name in ids)
