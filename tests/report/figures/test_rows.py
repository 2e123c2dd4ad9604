"""Rows share an axis that no wild arm flattens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.report import from_csv
from dcgan.report.figures.intervals import forest
from tests.report.figures.svg import texts

Write = Callable[..., Path]


def test_a_wild_arm_does_not_flatten_the_others(csv_file: Write) -> None:
    lines = [
        f"{arm},{seed},{20 + seed + effect * (seed + 1)}"
        for arm, effect in (("bare", 0), ("a", 1), ("b", 2), ("wild", 900))
        for seed in range(3)
    ]
    analysis = analyse(from_csv(csv_file("arm,seed,fid", *lines)), scale="difference")
    ticks = [float(text.replace("−", "-")) for text in texts(forest(analysis)) if re.fullmatch(r"−?\d+(\.\d+)?", text)]  # noqa: RUF001
    assert max(ticks) < 100
