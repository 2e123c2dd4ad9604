"""The documents: what a reader gets, safe and the same every time."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from dcgan.common.errors import DcganError
from dcgan.comparison.analysis import analyse
from dcgan.report import from_csv, from_study
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand
from tests.known_studies import with_untrained
from tests.report.reading import EVIL, Page, made

Make = Callable[..., Path]


def test_the_same_runs_give_the_same_bytes(study: Make) -> None:
    folder = study()
    assert made(from_study(folder)) == made(from_study(folder))


def test_the_files_are_those_of_the_contract(report: dict[str, bytes]) -> None:
    figures = {f"figures/{name}.svg" for name in ("forest", "arms", "resolution", "curves", "cost")}
    tables = {f"tables/{name}.csv" for name in ("arms", "comparisons", "tips", "trials", "runs")}
    samples = {f"samples/{index:02d}-seed-{seed}.png" for index in range(4) for seed in range(5)}
    samples -= {"samples/02-seed-1.png", "samples/02-seed-2.png"}  # which diverged, and is to come
    assert set(report) == {"index.html", "report.md", *figures, *tables, *samples}


def test_pictures_that_were_not_shown_are_not_missed(study: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A report that is made of its own table has those alone that its page shows, and is the same."""
    monkeypatch.setattr("dcgan.report.document._MOST_PICTURES", 0)
    results = from_study(study())
    files = made(results)
    assert "1 of 5 seeds are shown" in files["index.html"].decode()
    assert len(results.grids) == 20
    fewer = {cell: path for cell, path in results.grids.items() if cell[1] == 0}
    assert made(replace(results, grids=fewer)) == files


def test_the_page_is_one_file_that_asks_for_nothing(report: dict[str, bytes]) -> None:
    page = Page(report["index.html"].decode())
    assert {"script", "link", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in page.tags)
    assert {"html", "img", "svg"} <= {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        for name in ("src", "href", "xlink:href"):
            assert (attributes.get(name) or "#").startswith(("#", "data:image/png;base64,"))
    assert not re.search(r"url\((?!#)", report["index.html"].decode())
    policy = [attributes["content"] for tag, attributes in page.tags if attributes.get("http-equiv")]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]


def test_every_id_in_the_page_is_there_once(report: dict[str, bytes]) -> None:
    ids = [attributes["id"] for _, attributes in Page(report["index.html"].decode()).tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_markdown_links_lead_to_files_of_the_report(report: dict[str, bytes]) -> None:
    links = re.findall(r"!\[.*?\]\((.*?)\)", report["report.md"].decode())
    assert len(links) == 9
    assert set(links) <= set(report)


def test_sample_grids_are_of_one_seed_in_the_order_of_the_tips(report: dict[str, bytes]) -> None:
    captions = [attributes["alt"] for tag, attributes in Page(report["index.html"].decode()).tags if tag == "img"]
    assert captions[:4] == [
        f"Samples of {arm}, seed 0" for arm in ("bare", "he_init on", "optimizer on", "batch_norm on")
    ]


def test_a_damaged_grid_is_named(study: Make) -> None:
    results = from_study(study())
    results.grids["he_init", 0].write_text("no picture")
    with pytest.raises(DcganError, match=r"final.png is damaged \(not a PNG\)"):
        made(results)


@pytest.fixture
def evil(csv_file: Callable[..., Path]) -> dict[str, bytes]:
    quoted = ['"' + arm.replace('"', '""') + '"' for arm in EVIL]
    lines = [f"{arm},{seed},{index * 3 + seed},x<b>y" for index, arm in enumerate(quoted) for seed in (0, 1)]
    path = csv_file("arm,seed,fid,<i>factor", *lines, name="<u>title.csv")
    analysis = analyse(from_csv(path), baseline=EVIL[3])
    return files(analysis, ReportCommand((("baseline", EVIL[3]),)))[0]


def test_names_never_become_markup_in_html(evil: dict[str, bytes]) -> None:
    page = Page(evil["index.html"].decode())
    tags = {tag for tag, _ in page.tags}
    assert not tags & {"script", "img", "b", "i", "u"}
    assert not [attributes for _, attributes in page.tags if any(name.startswith("on") for name in attributes)]
    for name in (*EVIL, "<u>title"):
        assert name in page.text


def test_names_never_become_markup_in_markdown(evil: dict[str, bytes]) -> None:
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(evil["report.md"].decode())
    page = Page(html)
    allowed = {
        "h1",
        "h2",
        "p",
        "ul",
        "li",
        "strong",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "pre",
        "code",
        "img",
        "blockquote",
    }
    assert {tag for tag, _ in page.tags} <= allowed
    sources = {str(attributes["src"]) for tag, attributes in page.tags if tag == "img"}
    assert sources
    assert sources <= set(evil)
    cells = re.findall(r"<td>(.*?)</td>", html)
    assert "a|b *c* _d_ `e` [f](g)" in cells


def test_the_tables_hold_the_numbers_unrounded(study: Make) -> None:
    analysis = analyse(from_study(study()))
    content, record = files(analysis, ReportCommand())
    comparisons = pd.read_csv(io.BytesIO(content["tables/comparisons.csv"]))
    assert comparisons["difference"].tolist() == [entry["difference"] for entry in record["comparisons"]]
    assert comparisons["interval_low"].tolist() == [entry["interval"][0] for entry in record["comparisons"]]
    assert len(pd.read_csv(io.BytesIO(content["tables/trials.csv"]))) == 20
    assert pd.read_csv(io.BytesIO(content["tables/arms.csv"]))["arm"].tolist() == [arm["arm"] for arm in record["arms"]]


def test_where_the_baseline_has_hardly_learned_no_report_asks_for_more_seeds(study: Make) -> None:
    results = from_study(study(seeds=2))
    for learned, given in ((True, with_untrained(results, 300.0)), (False, with_untrained(results, 31.0))):
        written, record = files(analyse(given), ReportCommand())
        asks = [tip["seeds_needed"] for tip in record["tips"] if tip["verdict"] == "inconclusive"]
        assert asks and asks[0], "report.json keeps what the numbers say"
        assert (record["hardly_trained"] is None) == learned
        assert ("train longer (budget.epochs) before you add seeds" in record["headline"]) != learned
        for text in (written["index.html"].decode(), written["report.md"].decode(), json.dumps(record)):
            assert ("--more" in text) == ("fresh seeds would settle it" in text) == learned
            assert ("Hardly trained" in text) != learned
        assert (f"| about {asks[0]} |" in written["report.md"].decode()) == learned
