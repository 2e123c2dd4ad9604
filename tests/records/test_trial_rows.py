"""Rows of text with types: whole numbers exactly, and what is a seed or a number at all."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest

from dcgan.common.errors import Misuse
from dcgan.report import from_csv
from tests.known_studies import csv_file
from tests.report.reading import made

__all__ = ["csv_file"]

Write = Callable[..., Path]


def test_whole_numbers_stay_whole(csv_file: Write) -> None:
    """Beyond 2^53 not every one is a float: two seeds were one, or another one, and a table changed its numbers."""
    big = 2**53
    lines = [f"a,{big},1,{big + 1},{big + 1}", f"a,{big + 1},2,,{big + 1}", f"b,{2**63 + 1},3,7,04"]
    results = from_csv(csv_file("arm,seed,fid,modes,level", *lines))
    assert results.scores("fid", "a") == {big: 1.0, big + 1: 2.0}
    assert [int(seed) for seed in results.table["seed"]] == [big, big + 1, 2**63 + 1]
    assert results.table["modes"].tolist()[::2] == [big + 1, 7]
    assert math.isnan(results.table["modes"][1])
    assert (results.factors, results.table["level"].tolist()) == (("level",), [str(big + 1), str(big + 1), "04"])
    text = made(results)["tables/trials.csv"].decode()
    assert text.splitlines()[1:] == [
        f"a,{big},finished,{big + 1},,1,{big + 1}", f"a,{big + 1},finished,{big + 1},,2,", f"b,{2**63 + 1},finished,04,,3,7",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", ["1e30", "1e999999999", str(2**64), "0x1", "1_0", "nan", "inf", ""])
def test_what_no_generator_is_seeded_with_is_no_seed(csv_file: Write, seed: str) -> None:
    with pytest.raises(Misuse, match=f"line 2: seed='{seed}' is not a whole number"):
        from_csv(csv_file("arm,seed,fid", f"a,{seed},1"))


def test_infinity_is_a_number_of_no_run_that_finished(csv_file: Write) -> None:
    path = csv_file(
        "arm,seed,status,fid", "a,0,finished,1", "a,1,diverged,inf", "b,0,finished,2", "b,1,failed,-Infinity"
    )
    assert from_csv(path).scores("fid", "a") == {0: 1.0}
