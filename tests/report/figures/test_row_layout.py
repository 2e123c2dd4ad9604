"""Rows share an axis that no wild arm flattens."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.report import from_csv
from dcgan.report.figures.intervals import forest
from tests.report.figures.svg import texts, titles

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


def test_no_dot_beyond_the_axes_is_lost(csv_file: Write) -> None:
    rows = [f"{arm},{seed},{20 + seed + (seed % 2)}" for arm in ("bare", "a", "b", "c") for seed in range(4)]
    rows += [f"wild,{seed},{value}" for seed, value in enumerate((21, 22, 900, 1000))]
    analysis = analyse(from_csv(csv_file("arm,seed,fid", *rows)), scale="difference")
    told = titles(forest(analysis))
    assert sum(title.startswith("seed ") for title in told) == 4 * 3 + 2
    beyond = [title for title in told if title.startswith("beyond the picture: seed 2: ")]
    assert len(beyond) == 2 and all(", seed 3: " in title for title in beyond)  # an arrow each, both with both


def test_of_many_seeds_the_bars_count_every_one(csv_file: Write) -> None:
    rows = [f"{arm},{seed},{20 + (seed * 7919 % 101) / 50}" for arm in ("bare", "x") for seed in range(120)]
    svg = forest(analyse(from_csv(csv_file("arm,seed,fid", *rows))))
    assert sum(int(title.split()[0]) for title in titles(svg) if " seeds from " in title) == 120
    narrow = forest(analyse(from_csv(csv_file("arm,seed,fid", *rows))), narrow=True)
    assert not [title for title in titles(narrow) if " seeds from " in title]
