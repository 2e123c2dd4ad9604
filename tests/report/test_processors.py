"""Studies made on several kinds of processors: named as a threat, counted by arm and by pair; silence where there is one."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from dcgan.report import from_csv, from_study, write
from dcgan.report.analysis import analyse
from dcgan.report.document import files
from dcgan.report.text.document_view import ReportCommand
from tests.report.test_document import EVIL, Page

Make = Callable[..., Path]
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


def report(folder: Path, **options: Any) -> tuple[dict[str, bytes], dict[str, Any]]:
    return files(analyse(from_study(folder), **options), ReportCommand())


def shown(content: dict[str, bytes]) -> tuple[str, str]:
    """The text of index.html and of report.md, as read."""
    markdown = MarkdownIt().enable("table").render(content["report.md"].decode())
    html, markdown = Page(content["index.html"].decode()).text, Page(markdown).text
    return " ".join(html.split()), " ".join(markdown.split())


@pytest.fixture
def mixed(study: Make) -> Path:
    """Two of five runs of he_init and one of optimizer on another kind: three of fifteen pairs, in two of five seeds."""
    return study(environments=environments(WIDE, he_init={0: [NARROW], 3: [NARROW]}, optimizer={3: [NARROW]}))


def test_mixed_processors_are_named_near_the_top_with_the_pairs_that_they_touch(mixed: Path) -> None:
    for text in shown(report(mixed)[0]):
        before, _, after = text.partition("Mixed processors, a threat to validity.")
        assert after and "Every arm against bare" not in before
        assert f"made on 2 kinds of processors: {A} (17 runs); {B} (3 runs)." in after
        assert "That is so for 3 of 15 pairs with bare: he_init 2 of 5, optimizer 1 of 5." in after
        assert "3 of 5 seeds have all runs on one kind." in after


def test_the_arms_over_processors_are_a_table_in_every_form(mixed: Path) -> None:
    content, record = report(mixed)
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


def test_pairs_are_those_with_the_baseline_that_is_asked_for(mixed: Path) -> None:
    pairs = report(mixed, baseline="he_init")[1]["processors"]["pairs"]
    assert {each["arm"]: each["across"] for each in pairs} == {"bare": 2, "batch_norm": 2, "optimizer": 1}


def test_blocks_that_are_each_on_one_kind_are_no_threat_to_pairs(study: Make) -> None:
    block = {arm: {4: [NARROW]} for arm in ARMS}
    content, record = report(study(environments=environments(WIDE, **block)))
    assert record["processors"]["seeds"] == {"total": 5, "on_one_kind": 5}
    assert record["warnings"][0].startswith("Mixed processors: The runs were made on 2 kinds")
    for text in shown(content):
        assert "None of the 15 pairs with bare is so: each lies within one kind." in text
        assert "threat" not in text


@pytest.mark.parametrize("usual", [WIDE, OLD, GPU, {}])
def test_runs_of_one_kind_add_nothing_to_the_documents(study: Make, usual: dict[str, Any]) -> None:
    content, record = report(study(environments=environments(usual)))
    assert "tables/processors.csv" not in content and record["warnings"] == []
    assert [kind["runs"] for kind in record["processors"]["kinds"]] == [20]
    for text in shown(content):
        assert "Mixed" not in text and "over processors" not in text


def test_records_from_before_the_instruction_set_was_kept_are_no_mix_by_themselves(study: Make) -> None:
    old = {seed: [OLD] for seed in range(5)}
    content, record = report(study(environments=environments(WIDE, bare=old, he_init={1: [OLD]})))
    assert [(kind["name"], kind["runs"]) for kind in record["processors"]["kinds"]] == [(A, 20)]
    assert record["warnings"] == [] and "tables/processors.csv" not in content


def test_of_an_old_record_between_two_kinds_nothing_is_claimed(study: Make) -> None:
    made = environments(WIDE, bare={0: [OLD]}, he_init={1: [NARROW]})
    content, record = report(study(environments=made))
    found = record["processors"]
    unknown = "AMD EPYC, instruction set not recorded, 1 thread"
    assert [(kind["name"], kind["runs"]) for kind in found["kinds"]] == [(A, 18), (unknown, 1), (B, 1)]
    assert [(each["across"], each["unclear"]) for each in found["pairs"]] == [(1, 1), (0, 1), (0, 1)]
    for text in shown(content):
        assert "on 2 kinds of processors" in text and "Of 3 other pairs the records do not tell." in text


def test_arms_names_on_old_arm_machines_agree_with_the_new_ones(study: Make) -> None:
    """They were called by their machine alone, `aarch64`."""
    new = {**OLD, "system": "Linux aarch64", "device": "ARM, maker 0x41, part 0xd0c", "instructions": "DEFAULT"}
    old = {**OLD, "system": "Linux aarch64", "device": "aarch64"}
    record = report(study(environments=environments(new, bare={0: [old]})))[1]
    assert [kind["runs"] for kind in record["processors"]["kinds"]] == [20]


@pytest.mark.parametrize(
    ("change", "words", "name"),
    [
        ({"threads": 2}, "Mixed threads, a threat to validity. The runs were made with 2 numbers of threads:", "2 threads"),
        ({"torch": "2.13.0"}, "Mixed versions, a threat to validity. The runs were made with 2 sets of library versions:",
         "torch 2.13.0"),
        ({"device": "NVIDIA H100"}, "The runs were made on 2 kinds of processors:", "NVIDIA H100"),
        ({"model": "AuthenticAMD family 26 model 2"}, "The runs were made on 2 kinds of processors:", "family 26 model 2"),
        ({"torch": "2.13.0", "threads": 2}, "Mixed threads and versions, a threat to validity. The runs were made in 2 "
         "environments:", "2 threads, torch 2.13.0"),
    ],
)  # fmt: skip
def test_threads_and_versions_are_such_a_mix_too(study: Make, change: dict[str, Any], words: str, name: str) -> None:
    content, record = report(study(environments=environments(WIDE, he_init={1: [{**WIDE, **change}]})))
    assert name in record["processors"]["kinds"][1]["name"]
    for text in shown(content):
        assert words in text and "1 of 15 pairs with bare: he_init 1 of 5." in text


def test_a_run_that_went_on_elsewhere_is_of_both_kinds(study: Make) -> None:
    content, record = report(study(environments=environments(WIDE, he_init={1: [NARROW, WIDE]})))
    assert record["processors"]["kinds"][1]["name"] == f"{B}, then {A}"
    assert record["processors"]["pairs"][0] == {"arm": "he_init", "pairs": 5, "across": 1, "unclear": 0}
    for text in shown(content):
        assert "2 kinds of processors" in text and "1 run went on elsewhere than begun" in text


def test_many_kinds_and_arms_are_cut_short_in_the_sentence_and_whole_in_the_table(study: Make) -> None:
    made = environments(WIDE)
    for index, cell in enumerate((cell for cell in made if cell[0] != "bare"), start=2):
        made[cell] = [{**WIDE, "threads": index}]
    content, record = report(study(environments=made))
    assert len(record["processors"]["kinds"]) == 16
    for text in shown(content):
        assert "with 16 numbers of threads:" in text and "; 13 more." in text and "kind 16" in text


def test_a_record_never_becomes_markup(study: Make) -> None:
    folder = study(environments=environments(WIDE, he_init={1: [{**WIDE, "device": EVIL[0] + EVIL[1]}]}))
    content = report(folder)[0]
    page = Page(content["index.html"].decode())
    assert "script" not in {tag for tag, _ in page.tags} and EVIL[0] + EVIL[1] in page.text
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table").render(content["report.md"].decode())
    assert "<script>" not in markdown and "<em>" not in markdown
    assert EVIL[0] + EVIL[1] in Page(markdown).text


def test_a_table_from_elsewhere_says_nothing_of_processors(three_arms: Path) -> None:
    content, record = files(analyse(from_csv(three_arms)), ReportCommand())
    assert record["processors"]["kinds"] == [] and record["warnings"] == []
    assert "tables/processors.csv" not in content


def test_the_table_goes_with_the_mix(mixed: Path, three_arms: Path, tmp_path: Path) -> None:
    write(from_study(mixed), tmp_path / "out")
    assert (tmp_path / "out" / "tables" / "processors.csv").is_file()
    write(from_csv(three_arms), tmp_path / "out")
    assert not (tmp_path / "out" / "tables" / "processors.csv").exists()
