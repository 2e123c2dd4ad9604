"""The documents of several studies: complete, safe, the same every time."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from dcgan.comparison.from_table import from_csv
from dcgan.comparison.several import put_together
from dcgan.report.several_document import files_of_several
from dcgan.report.text.document_view import ReportCommand
from tests.report.reading import EVIL, Page
from tests.several_sources import table_of

Make = Callable[..., Path]
Report = tuple[dict[str, bytes], dict[str, Any]]


def report(csv_file: Make, **options: Any) -> Report:
    tables = {
        "one": table_of(csv_file, "one", good=-0.3, odd=-0.25),
        "two": table_of(csv_file, "two", level=3.0, good=-0.4, odd=0.25),
        "three": table_of(csv_file, "three", level=9.0, good=-0.35, odd=0.3, own=0.1),
    }
    several = put_together({name: from_csv(path) for name, path in tables.items()}, **options)
    return files_of_several(several, [f"{name}.csv" for name in tables], ReportCommand())


@pytest.fixture
def made(csv_file: Make) -> Report:
    return report(csv_file)


def test_the_files_are_a_page_markdown_a_figure_and_tables(made: Report) -> None:
    assert set(made[0]) == {
        "index.html", "report.md", "figures/pooled.svg", "tables/tips.csv", "tables/matrix.csv", "tables/studies.csv",
    }  # fmt: skip


def test_the_same_studies_give_the_same_bytes(csv_file: Make, made: Report) -> None:
    assert report(csv_file) == made


def test_the_page_asks_for_nothing_and_says_what_the_markdown_says(made: Report) -> None:
    page = Page(made[0]["index.html"].decode())
    assert {"script", "link", "iframe", "object", "base"}.isdisjoint(tag for tag, _ in page.tags)
    policy = [attributes["content"] for _, attributes in page.tags if attributes.get("http-equiv")]
    assert policy == ["default-src 'none'; img-src data:; style-src 'unsafe-inline'"]
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    markdown = Page(MarkdownIt().enable("table").render(made[0]["report.md"].decode()))
    assert [attributes["src"] for tag, attributes in markdown.tags if tag == "img"] == ["figures/pooled.svg"]
    for text in (" ".join(page.text.replace("\u00a0", " ").split()), " ".join(markdown.text.split())):
        assert "Of 2 tips" not in text  # arms of tables are no tips
        assert "Of 2 comparisons in 3 studies, 1 helps in all and 1 disagrees. 1 more is in one study only." in text
        assert "own: only three has it." in text or "own is not pooled: only three has it." in text
        assert "dcgan report one.csv two.csv three.csv" in text


def test_the_tables_hold_the_numbers_of_report_json(made: Report) -> None:
    content, record = made
    tips = pd.read_csv(io.BytesIO(content["tables/tips.csv"]))
    assert tips["effect"].tolist()[:2] == [tip["effect"] for tip in record["tips"]][:2]
    assert tips["interval_low"][0] == record["tips"][0]["interval"][0]
    assert tips["prediction_high"][0] == record["tips"][0]["prediction"][1]
    matrix = pd.read_csv(io.BytesIO(content["tables/matrix.csv"]))
    assert len(matrix) == 3 * 3 and matrix["verdict"].isna().sum() == 2
    assert pd.read_csv(io.BytesIO(content["tables/studies.csv"]))["study"].tolist() == ["one", "two", "three"]


def test_what_cannot_stand_on_one_axis_has_no_figure(csv_file: Make) -> None:
    content, record = report(csv_file, scale="difference")
    assert "figures/pooled.svg" not in content and b"pooled.svg" not in content["report.md"]
    assert record["not_pooled"] and all(tip["effect"] is None for tip in record["tips"])
    assert "Nothing is pooled" in content["report.md"].decode()


def test_names_never_become_markup(csv_file: Make) -> None:
    quoted = ['"' + arm.replace('"', '""') + '"' for arm in EVIL]
    paths = [
        csv_file(
            "arm,seed,fid",
            *(
                f"{arm},{seed},{9 + 3 * index + seed + shift}.5"
                for index, arm in enumerate(quoted)
                for seed in (0, 1, 2)
            ),
            name=f"table{shift}.csv",
        )
        for shift in (0, 3)
    ]
    sources = {f"<u>{name}|[x](y)": from_csv(path) for name, path in zip(EVIL, paths, strict=False)}
    content, _ = files_of_several(put_together(sources), ["a.csv", "b.csv"], ReportCommand())
    page = Page(content["index.html"].decode())
    assert not {tag for tag, _ in page.tags} & {"script", "img", "u"}
    assert not [attributes for _, attributes in page.tags if any(name.startswith("on") for name in attributes)]
    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(content["report.md"].decode())
    assert not {tag for tag, _ in Page(html).tags} & {"script", "u", "a"}
    assert EVIL[1] in re.findall(r"<td>(.*?)</td>", html)
