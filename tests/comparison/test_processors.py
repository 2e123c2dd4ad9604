"""Studies made on several kinds of processors: named as a threat, counted by arm and by pair; silence where there is one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dcgan.report import from_csv, from_study, write
from tests.report.machines import ARMS, NARROW, OLD, WIDE, A, B, environments, reported, shown

Make = Callable[..., Path]


def test_pairs_are_those_with_the_baseline_that_is_asked_for(mixed: Path) -> None:
    pairs = reported(mixed, baseline="he_init")[1]["processors"]["pairs"]
    assert {each["arm"]: each["across"] for each in pairs} == {"bare": 2, "batch_norm": 2, "optimizer": 1}


def test_blocks_that_are_each_on_one_kind_are_no_threat_to_pairs(study: Make) -> None:
    block = {arm: {4: [NARROW]} for arm in ARMS}
    content, record = reported(study(environments=environments(WIDE, **block)))
    assert record["processors"]["seeds"] == {"total": 5, "on_one_kind": 5}
    assert record["warnings"][0].startswith("Mixed processors: The runs were made on 2 kinds")
    for text in shown(content):
        assert "None of the 15 pairs with bare is so: each lies within one kind." in text
        assert "threat" not in text


def test_records_from_before_the_instruction_set_was_kept_are_no_mix_by_themselves(study: Make) -> None:
    old = {seed: [OLD] for seed in range(5)}
    content, record = reported(study(environments=environments(WIDE, bare=old, he_init={1: [OLD]})))
    assert [(kind["name"], kind["runs"]) for kind in record["processors"]["kinds"]] == [(A, 20)]
    assert record["warnings"] == [] and "tables/processors.csv" not in content


def test_of_an_old_record_between_two_kinds_nothing_is_claimed(study: Make) -> None:
    made = environments(WIDE, bare={0: [OLD]}, he_init={1: [NARROW]})
    content, record = reported(study(environments=made))
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
    record = reported(study(environments=environments(new, bare={0: [old]})))[1]
    assert [kind["runs"] for kind in record["processors"]["kinds"]] == [20]


@pytest.mark.slow
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
    content, record = reported(study(environments=environments(WIDE, he_init={1: [{**WIDE, **change}]})))
    assert name in record["processors"]["kinds"][1]["name"]
    for text in shown(content):
        assert words in text and "1 of 15 pairs with bare: he_init 1 of 5." in text


def test_a_run_that_went_on_elsewhere_is_of_both_kinds(study: Make) -> None:
    content, record = reported(study(environments=environments(WIDE, he_init={1: [NARROW, WIDE]})))
    assert record["processors"]["kinds"][1]["name"] == f"{B}, then {A}"
    assert record["processors"]["pairs"][0] == {"arm": "he_init", "pairs": 5, "across": 1, "unclear": 0}
    for text in shown(content):
        assert "2 kinds of processors" in text and "1 run went on elsewhere than begun" in text


def test_the_table_goes_with_the_mix(mixed: Path, three_arms: Path, tmp_path: Path) -> None:
    write(from_study(mixed), tmp_path / "out")
    assert (tmp_path / "out" / "tables" / "processors.csv").is_file()
    write(from_csv(three_arms), tmp_path / "out")
    assert not (tmp_path / "out" / "tables" / "processors.csv").exists()
