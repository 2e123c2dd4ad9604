"""Whatever arms, factors, levels, metrics, studies and files are called: pages and figures parse, and nothing is markup."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dcgan.comparison.analysis import analyse
from dcgan.comparison.results import Results
from dcgan.report import from_csv, from_study
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand

# What HTML, SVG, CSS, Markdown, Jinja, the shell, regular expressions and our own passes over a figure look for.
FRAGMENTS = (
    "<script>", "</script>", "<b onclick=x>", "<img src=x onerror=alert(1)>", "</text>", "</title>", "<!--", "-->", "<![CDATA[", "]]>",
    "<?xml", "&", "&lt;", "&#60;", '"', "'", "font-family: x", "font-family: x; ", 'style="', 'id="x"', "url(#x)", 'xlink:href="#x"',
    'transform="rotate(-0 1)"', "fill: #1b1f24", "stroke: #0a66c2", "<metadata>", "</metadata>", "<!DOCTYPE x>", '<g id="tip-0">',
    '<g id="patch_1">', "tip-0", "{{ x }}", "{% if %}", "{#", "`", "```", "|", "\\", "*", "**", "_", "[a](javascript:alert(1))",
    "![a](b)", "<http://x.y>", "$x^2$", "#", "> ", "1. ", "1) ", "- ", "+ ", "---", "===", "~~~", "\\1", "\\g<0>", "%s", "{}", " %", ";",
    "$(x)", "!", "javascript:", "expression(", "</style>", "@import", " ",
)  # fmt: skip
PRINTABLE = st.characters(exclude_categories=["C", "Z"]).filter(str.isprintable)
NAMES = (
    st.one_of(
        st.lists(st.one_of(st.sampled_from(FRAGMENTS), PRINTABLE), min_size=1, max_size=6).map("".join),
        st.text(PRINTABLE, min_size=1, max_size=30),
    )
    .map(str.strip)
    .filter(lambda name: bool(name) and name.lower() not in {"arm", "seed", "status", "seconds", "run", "study"})
)
FILES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=20)

VOID = {"meta", "img", "br", "hr", "link", "input", "wbr"}
PAGE = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "section", "p", "ul", "li", "h1", "h2", "h3", "strong", "table",
    "thead", "tbody", "tr", "th", "td", "span", "div", "details", "summary", "figure", "figcaption", "img", "a", "pre", "code", "dl", "dt", "dd",
}  # fmt: skip
DRAWN = {
    "svg",
    "title",
    "defs",
    "style",
    "g",
    "path",
    "use",
    "text",
    "caption",
    "clipPath",
    "rect",
    "tspan",
    "desc",
    "circle",
}
WRITTEN = {
    "h1", "h2", "p", "ul", "li", "strong", "table", "thead", "tbody", "tr", "th", "td", "pre", "code", "img", "blockquote",
}  # fmt: skip
QUICK = settings(max_examples=2, derandomize=True, deadline=None, phases=[Phase.generate])
THOUSAND = settings(max_examples=20, derandomize=True, deadline=None, phases=[Phase.generate])


class Strict(HTMLParser):
    """A page whose every tag is closed where it was opened: its tags with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


def check(content: dict[str, bytes], names: Iterable[str]) -> None:
    """That the documents hold the names as text, and nothing that the names would make of them."""
    page = Strict(content["index.html"].decode())
    assert {tag for tag, _ in page.tags} <= PAGE | {tag.lower() for tag in DRAWN}
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on")]
        for name in ("href", "src", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,")), (tag, attributes)
    shown = page.text.replace("\u00a0", " ")
    assert not [name for name in names if name not in shown]
    for name, data in content.items():
        if name.endswith(".svg"):
            root = ElementTree.fromstring(data)  # noqa: S314 - our own
            assert {node.tag.rpartition("}")[2] for node in root.iter()} <= DRAWN
            assert not [key for node in root.iter() for key in node.attrib if key.startswith("on")]
            assert not [
                value
                for node in root.iter()
                for key, value in node.attrib.items()
                if key.endswith("href") and value[0] != "#"
            ]
    text = content["report.md"].decode()
    written = Strict(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
    assert {tag for tag, _ in written.tags} <= WRITTEN
    assert {attributes["src"] for tag, attributes in written.tags if tag == "img"} <= set(content)
    assert not [name for name in names if name not in written.text]


def quoted(*cells: object) -> str:
    return ",".join('"' + str(cell).replace('"', '""') + '"' for cell in cells)


def report_on_table(names: list[str], file: str) -> None:
    """A table with those names for a factor's column, its level, a metric and the arms."""
    factor, level, metric, *arms = names
    lines = [
        quoted(arm, seed, level, 3 + index + seed * (1 + index % 3), 1 + index % 4 + seed)
        for index, arm in enumerate(arms)
        for seed in range(2)
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{file}.csv"
        path.write_text("\n".join([quoted("arm", "seed", factor, metric, "seconds"), *lines]), encoding="utf-8")
        results = from_csv(path, metric=metric)
        asked = ReportCommand((("baseline", arms[0]), ("metric", metric)))
        content, record = files(analyse(results, metric=metric, goal="minimize", baseline=arms[0]), asked)
    assert [entry["arm"] for entry in record["arms"]] == arms
    check(content, [*arms, metric, results.title])


@pytest.mark.slow
@given(st.lists(NAMES, min_size=53, max_size=53, unique=True), FILES)
@THOUSAND
def test_a_thousand_names_of_arms_are_text(names: list[str], file: str) -> None:
    report_on_table(names, file)


@given(st.lists(NAMES, min_size=11, max_size=11, unique=True), FILES)
@QUICK
def test_names_of_a_table_are_text(names: list[str], file: str) -> None:
    report_on_table(names, file)


@pytest.mark.parametrize("fragments", [FRAGMENTS[:30], FRAGMENTS[30:]])
def test_every_fragment_is_text(fragments: tuple[str, ...]) -> None:
    whole = [name.strip() for name in fragments if name.strip()]
    report_on_table(["factor", "level", "metric", *dict.fromkeys(whole)], "<b>\r\n\r\n<i>\u2028- x")


def factorial(folder: Path, title: str, names: list[str]) -> Results:
    """A study of two factors with two levels each, by those names; one run diverged."""
    first, second, *levels = names[:6]
    arms = dict(zip(names[6:10], [(low, high) for low in levels[:2] for high in levels[2:]], strict=True))
    place = folder / "studies" / "named"
    place.mkdir(parents=True)
    terms = [[first, *levels[:2]], [second, *levels[2:]]]
    plan = {
        "study": "named",
        "start": "bare",
        "design": "factorial",
        "baseline": names[6],
        "metric": "fid",
        "goal": "minimize",
        "factors": [first, second],
        "arms": {arm: {first: low, second: high} for arm, (low, high) in arms.items()},
        "effects": [{"of": [terms[0]]}, {"of": [terms[1]]}, {"of": terms}],
        "seeds": [0, 1, 2],
    }
    (place / "plan.json").write_text(json.dumps(plan))
    lines = [quoted("arm", "seed", "run", "status", first, second, "fid", "seconds")]
    for index, (arm, of) in enumerate(arms.items()):
        for seed in range(3):
            lost = (index, seed) == (3, 2)
            score = "" if lost else 20 + 3 * index + seed * (2 + index % 2)
            lines.append(quoted(arm, seed, "", "diverged" if lost else "finished", *of, score, 5 + index))
    (place / "trials.csv").write_text("\n".join(lines), encoding="utf-8")
    return replace(from_study(place), title=title)


@given(st.lists(NAMES, min_size=11, max_size=11, unique=True))
@settings(max_examples=6, derandomize=True, deadline=None, phases=[Phase.generate])
def test_names_of_a_studys_factors_and_levels_are_text(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        content, _ = files(analyse(factorial(Path(folder), names[10], names)), ReportCommand())
    assert "figures/effects.svg" in content
    check(content, [*names[:2], *names[6:]])
