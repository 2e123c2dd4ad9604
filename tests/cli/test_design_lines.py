"""What a dry run says of a design."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.cli.design_lines import design_lines
from dcgan.study import plan as planning
from dcgan.sweeps import sweep

TIPS = ["small_networks", "he_init", "batch_norm", "leaky_relu", "d_first", "replay", "mini_batch"]


def _lines(design: Any, number: int) -> list[str]:
    return design_lines(
        planning.make(
            sweep.load("mnist-tips", {"design": design, "factors": TIPS[:number], "seeds": 2, "start": "bare"})
        )
    )


@pytest.mark.parametrize(
    ("design", "number", "expected"),
    [
        ("one-at-a-time", 3, ["design: one-at-a-time, 4 arms"]),
        ("both", 3, ["design: both, 8 arms", "each factor is changed alone beside both baselines"]),
        (
            "factorial",
            3,
            ["8 arms", "3 main effects and 3 interactions", "0.50 of the standard error", "nothing is mixed"],
        ),
        (
            {"fractional": {"resolution": 3}},
            3,
            [
                "design: fractional (resolution 3), 4 arms",
                "estimates 3 main effects, each",
                "0.71 of the standard error",
                "resolution 3: main effects are mixed",
                "generators: batch_norm = -small_networks x he_init",
                "mixed: small_networks - he_init x batch_norm",
                "mixed: he_init - small_networks x batch_norm",
                "mixed: batch_norm - small_networks x he_init",
            ],
        ),
        (
            "fractional",
            7,
            [
                "16 arms",
                "7 main effects and 7 interactions",
                "",
                "resolution 4",
                "",
                "",
                "",
                "",
                "",
                "and 3 more such lines",
            ],
        ),
        (
            "plackett-burman",
            7,
            ["8 arms", "7 main effects", "", "resolution 3", "", "", "", "", "and 3 more such lines"],
        ),
    ],
)
def test_the_lines_of_a_design(design: Any, number: int, expected: list[str]) -> None:
    lines = _lines(design, number)
    assert len(lines) == len(expected)
    for line, words in zip(lines, expected, strict=True):
        assert words in line
