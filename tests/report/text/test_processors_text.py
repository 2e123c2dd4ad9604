"""What a reported says of the kinds of processors that its runs were made on."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from dcgan.comparison.analysis import analyse
from dcgan.report import from_csv
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand
from tests.report.machines import GPU, OLD, WIDE, A, B, environments, reported, shown
from tests.report.reading import EVIL, Page

Make = Callable[..., Path]


def test_mixed_processors_are_named_near_the_top_with_the_pairs_that_they_touch(mixed: Path) -> None:
    for text in shown(reported(mixed)[0]):
        before, _, after = text.partition("Mixed processors, a threat to validity.")
        assert after and "Every arm against bare" not in before
        assert f"made on 2 kinds of processors: {A} (17 runs); {B} (3 runs)." in after
        assert "That is so for 3 of 15 pairs with bare: he_init 2 of 5, optimizer 1 of 5." in after
        assert "3 of 5 seeds have all runs on one kind." in after


def test_the_arms_over_processors_are_a_table_in_every_form(mixed: Path) -> None:
    content, record = reported(mixed)
    html = content["index.html"].decode()
    row = '<th scope="row">he_init</th><td class="number">3</td><td class="number">2</td><td class="number">5</td>'
    assert row + '<td class="number">2</td>' in html
    assert "| he\\_init | 3 | 2 | 5 | 2 |" in content["report.md"].decode()
    assert "| bare | 5 | 0 | – | – |" in content["report.md"].decode()  # noqa: RUF001
    assert "\nhe_init,3,2,5,2,test_360_classifier" in content["tables/processors.csv"].decode()
    table = pd.read_csv(io.BytesIO(content["tables/processors.csv"])).set_index("arm")
    assert table[f"runs on {A}"].to_dict() == {"bare": 5, "he_init": 3, "batch_norm": 5, "optimizer": 4}
    assert table[f"runs on {B}"].to_dict() == {"bare": 0, "he_init": 2, "batch_norm": 0, "optimizer": 1}
    assert table["pairs_across"].drop("bare").to_dict() == {"he_init": 2, "batch_norm": 0, "optimizer": 1}
    found = record["processors"]
    assert [(kind["name"], kind["runs"]) for kind in found["kinds"]] == [(A, 17), (B, 3)]
    assert found["kinds"][1]["environments"][0]["instructions"] == "AVX2"
    assert found["differ"] == ["instructions"]
    assert found["arms"][1] == {"arm": "he_init", "runs": {A: 3, B: 2}}
    assert found["pairs"][0] == {"arm": "he_init", "pairs": 5, "across": 2, "unclear": 0}
    assert found["seeds"] == {"total": 5, "on_one_kind": 3}
    assert len(record["warnings"]) == 1 and "3 of 15 pairs" in record["warnings"][0]
    json.dumps(record, allow_nan=False)


@pytest.mark.parametrize("usual", [WIDE, OLD, GPU, {}])
def test_runs_of_one_kind_add_nothing_to_the_documents(study: Make, usual: dict[str, Any]) -> None:
    content, record = reported(study(environments=environments(usual)))
    assert "tables/processors.csv" not in content and record["warnings"] == []
    assert [kind["runs"] for kind in record["processors"]["kinds"]] == [20]
    for text in shown(content):
        assert "Mixed" not in text and "over processors" not in text


def test_many_kinds_and_arms_are_cut_short_in_the_sentence_and_whole_in_the_table(study: Make) -> None:
    made = environments(WIDE)
    for index, cell in enumerate((cell for cell in made if cell[0] != "bare"), start=2):
        made[cell] = [{**WIDE, "threads": index}]
    content, record = reported(study(environments=made))
    assert len(record["processors"]["kinds"]) == 16
    for text in shown(content):
        assert "with 16 numbers of threads:" in text and "; 13 more." in text and "kind 16" in text


def test_a_record_never_becomes_markup(study: Make) -> None:
    folder = study(environments=environments(WIDE, he_init={1: [{**WIDE, "device": EVIL[0] + EVIL[1]}]}))
    content = reported(folder)[0]
    page = Page(content["index.html"].decode())
    assert "script" not in {tag for tag, _ in page.tags} and EVIL[0] + EVIL[1] in page.text
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table").render(content["report.md"].decode())
    assert "<script>" not in markdown and "<em>" not in markdown
    assert EVIL[0] + EVIL[1] in Page(markdown).text


def test_a_table_from_elsewhere_says_nothing_of_processors(three_arms: Path) -> None:
    content, record = files(analyse(from_csv(three_arms)), ReportCommand())
    assert record["processors"]["kinds"] == [] and record["warnings"] == []
    assert "tables/processors.csv" not in content
