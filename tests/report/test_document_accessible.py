"""The page for those who do not see it, do not point at it, or print it: its structure, without a browser."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from dcgan.common.drawing.canvas import VARIABLES
from dcgan.report import from_study
from tests.report.designs import tips, write_study
from tests.report.reading import Page, made

STYLE = (Path(__file__).parents[2] / "dcgan" / "report" / "templates" / "style.css").read_text(encoding="utf-8")
LIGHT, DARK, PRINT = (
    dict(re.findall(r"(--[a-z]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
)


@pytest.fixture(scope="module", params=["arms", "effects"])
def page(request: pytest.FixtureRequest, report: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Page:
    """Of a study over arms with every section that such a page may have, and of a design with effects."""
    if request.param == "arms":
        return Page(report["index.html"].decode())
    folder = write_study(tmp_path_factory.mktemp("effects"), "fractional", tips(7), {("he_init",): -5.0}, noise=0.5)
    return Page(made(from_study(folder))["index.html"].decode())


def test_it_has_a_language_a_title_one_main_part_and_a_way_to_skip_to_the_verdicts(page: Page) -> None:
    tags = [tag for tag, _ in page.tags]
    assert dict(page.tags)["html"] == {"lang": "en"}
    assert tags.count("main") == tags.count("h1") == 1 and "title" in tags
    first = next(attributes for tag, attributes in page.tags if tag == "a")
    assert first["href"] == "#verdicts"
    assert "verdicts" in [attributes.get("id") for _, attributes in page.tags]


def test_headings_are_in_order(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1 and len(levels) > 5
    assert all(later <= before + 1 for before, later in itertools.pairwise(levels))


def test_every_table_has_a_caption_and_every_head_says_of_what(page: Page) -> None:
    tags = [(tag, attributes) for tag, attributes in page.tags if tag in ("table", "caption", "th")]
    assert sum(tag == "table" for tag, _ in tags) >= 2
    for (tag, _), (after, _) in itertools.pairwise(tags):
        assert (tag == "table") <= (after == "caption")
    assert {attributes.get("scope") for tag, attributes in tags if tag == "th"} == {"col", "row"}


def test_every_picture_is_named_and_described(page: Page) -> None:
    ids = {attributes.get("id"): tag for tag, attributes in page.tags}
    pictures = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert len(pictures) >= 6
    for attributes in pictures:
        assert attributes["role"] == "img"
        assert ids[attributes["aria-labelledby"]] == "title" and ids[attributes["aria-describedby"]] == "desc"
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")


def test_what_scrolls_can_be_reached_by_the_keyboard(mixed: Path) -> None:
    page = Page(made(from_study(mixed))["index.html"].decode())
    scrolls = [attributes for _, attributes in page.tags if attributes.get("class") == "scroll"]
    assert len(scrolls) == 2
    for scroll in scrolls:
        assert scroll["tabindex"] == "0" and scroll["role"] == "region" and scroll["aria-label"]


def _contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminance (WCAG 2.2)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_text_and_marks_stand_out_in_every_scheme(scheme: Mapping[str, str]) -> None:
    assert set(VARIABLES.values()) <= scheme.keys()
    for name in ("--ink", "--muted", "--helps", "--hurts", "--same"):
        for ground in ("--paper", "--band"):
            assert _contrast(scheme[name], scheme[ground]) >= 4.5, (name, ground)
    assert _contrast(scheme["--open"], scheme["--paper"]) >= 3.0


def test_print_is_on_white_and_nothing_is_cut_off() -> None:
    assert PRINT["--paper"] == "#ffffff" and {name: LIGHT[name] for name in PRINT} == {**PRINT}
    rules = STYLE[STYLE.index("@media print") :]
    for rule in (".scroll { overflow: visible; }", "pre { white-space: pre-wrap; }", ".wide svg { width: 100%;"):
        assert rule in rules
