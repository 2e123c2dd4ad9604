"""What the statistics of few runs keep and what they find, by simulation: makes docs/statistics.md.

    python benchmarks/calibration.py                  # prints the tables: about fifteen minutes on one core
    python benchmarks/calibration.py --write          # and writes the page
    python benchmarks/calibration.py --quick          # a few hundred studies a row: does it run?

Everything is analysed by the functions that reports are made with. The seeds of the simulation are fixed.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import orthogonal
import real_runs
import simulated
import truth
from simulated import Row, Scenario

from dcgan.statistics import step_down
from dcgan.statistics.paired import t_quantile

T = TypeVar("T")
PAGE = Path(__file__).parent.parent / "docs" / "statistics.md"
TEMPLATE = Path(__file__).parent / "statistics.template.md"
ERROR, ERROR_OTHER = 0.05, 0.06  # family-wise error: with normal noise (and two simulation errors), with other
COVERAGE, COVERAGE_NOISY_BASELINE, MOST_COVERAGE = 0.93, 0.91, 0.97
GAIN, GAIN_DESIGNS = 1.7, 9.0  # asked of the power: against plain t at the centre, and of designs at 20 %

CENTRE = Scenario()
GROUPS: dict[str, list[Scenario]] = {
    "Seeds": [replace(CENTRE, seeds=seeds) for seeds in (3, 4, 5, 8, 10, 20)],
    "Comparisons": [replace(CENTRE, arms=arms) for arms in (2, 3, 5, 11, 30)],
    "Few of both": [Scenario(arms=5, seeds=3), Scenario(arms=3, seeds=3), Scenario(arms=30, seeds=3)],
    "Spreads": [replace(CENTRE, sigma=sigma, seeds=seeds) for seeds in (4, 3) for sigma in (0.0, 0.5, 1.0)],
    "Noise": [replace(CENTRE, noise=kind, sigma=sigma) for kind in ("t3", "skewed") for sigma in (0.0, 0.5, 1.0)]
    + [replace(CENTRE, noise="t3", seeds=3), replace(CENTRE, noise="skewed", seeds=3)],
    "A noisy baseline": [replace(CENTRE, baseline=3.0, sigma=sigma) for sigma in (0.0, 0.5, 1.0)]
    + [replace(CENTRE, baseline=3.0, seeds=seeds) for seeds in (3, 8)],
    "One odd arm, 4 seeds": [
        replace(CENTRE, odd=odd, sigma=sigma) for sigma in (0.0, 0.5, 1.0) for odd in (3.0, 6.0, 12.0)
    ],
    "One odd arm, 3 seeds": [
        replace(CENTRE, odd=odd, sigma=sigma, seeds=3) for sigma in (0.0, 0.5, 1.0) for odd in (3.0, 6.0, 12.0)
    ],
    "One odd arm, 5 seeds": [
        replace(CENTRE, odd=odd, sigma=sigma, seeds=5) for sigma in (0.0, 0.5, 1.0) for odd in (3.0, 6.0, 12.0)
    ],
    "Runs lost at random": [replace(CENTRE, lost=0.1)],
}


def main(words: list[str] | None = None) -> None:
    """Simulates, prints and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=10_000, help="simulated studies a row")
    parser.add_argument("--quick", action="store_true", help="300 studies a row, 10 where runs are lost")
    parser.add_argument("--write", action="store_true", help="write docs/statistics.md")
    options = parser.parse_args(words)
    studies = 300 if options.quick else options.studies
    lossy = 10 if options.quick else min(studies, 200)
    failed: list[str] = []
    parts = {"STUDIES": f"{studies:,}", "LOSSY": f"{lossy:,}"}
    for name, table in (
        ("SIZES", _sizes),
        ("DESIGNS", lambda: _designs(studies, failed)),
        ("MANY TO ONE", lambda: _many_to_one(studies, lossy, failed)),
        ("REAL RUNS", _real_runs),
        ("WHAT DOES NOT HOLD", lambda: "\n".join(failed) or "Every row is within the limits."),
    ):
        parts[name] = table()
        print(f"[[{name}]]\n{parts[name]}\n", flush=True)
    page = TEMPLATE.read_text(encoding="utf-8")
    for name, text in parts.items():
        assert f"[[{name}]]" in page
        page = page.replace(f"[[{name}]]", text)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")


def _progress(rows: list[T], what: str) -> Iterator[tuple[int, T]]:
    start = time.monotonic()
    for index, row in enumerate(rows):
        print(
            f"\r{what}: {index} of {len(rows)}, {time.monotonic() - start:.0f} s", end="", file=sys.stderr, flush=True
        )
        yield index, row
    print(f"\r{what}: {len(rows)} of {len(rows)}, {time.monotonic() - start:.0f} s", file=sys.stderr)


def _many_to_one(studies: int, lossy: int, failed: list[str]) -> str:
    known: dict[Scenario, Row] = {}
    # Rows of as many arms and seeds follow each other: they have their null distributions in common.
    every = sorted({each for group in GROUPS.values() for each in group}, key=lambda each: (each.seeds, each.arms))
    every.sort(key=lambda each: each.lost)
    for _, scenario in _progress(every, "many to one"):
        known[scenario] = simulated.simulate(scenario, lossy if scenario.lost else studies, _seed(scenario))
        print("\n" + _line(scenario, known[scenario]), file=sys.stderr)
    lines = [
        "| comparisons | seeds | sigma | besides | error, no effects | among the others | plain t | coverage | "
        '"no effect" wrongly | power, plain t | power | ratio | |',
        "|--:|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    for name, group in GROUPS.items():
        lines.append(f"| **{name}** |" + " |" * 12)
        for scenario in group:
            lines.append(_line(scenario, known[scenario]))
            if (broken := _broken(scenario, known[scenario])) and (line := _named(scenario, broken)) not in failed:
                failed.append(line)
    return "\n".join(lines)


def _seed(scenario: Scenario) -> int:
    """One number for each scenario, whatever others there are."""
    kinds = ["normal", "t3", "skewed"]
    parts = [scenario.arms, scenario.seeds, round(10 * scenario.sigma), kinds.index(scenario.noise)]
    parts += [round(scenario.baseline), round(scenario.odd), round(100 * scenario.lost)]
    return sum(part * 101**place for place, part in enumerate(parts))


def _line(scenario: Scenario, row: Row) -> str:
    cells = [row.error, row.error_beside, row.error_plain, row.coverage, row.same, row.power_plain, row.power]
    plain = "plain t: too few to share" if scenario.arms < 3 else ""
    words = ", ".join(word for word in (scenario.words, plain) if word)
    numbers = " | ".join(f"{cell:.3f}" if place < 5 else f"{cell:.2f}" for place, cell in enumerate(cells))
    return (
        f"| {scenario.arms} | {scenario.seeds} | {scenario.sigma:g} | {words} | {numbers} | {row.ratio:.1f} | "
        f"{_mark(_broken(scenario, row))} |"
    )


def _mark(broken: list[str]) -> str:
    return f"**fails: {', '.join(broken)}**" if broken else "holds"


def _broken(scenario: Scenario, row: Row) -> list[str]:
    """Which limits a row is beyond."""
    two_errors = 2.0 * math.sqrt(ERROR * (1.0 - ERROR) / row.studies)
    limit = ERROR + two_errors if scenario.noise == "normal" else max(ERROR_OTHER, ERROR + two_errors)
    least = COVERAGE_NOISY_BASELINE if scenario.baseline > 1.0 else COVERAGE
    rough = 2.0 * row.coverage_error if scenario.lost else 0.0  # of few studies
    checks: list[tuple[bool, str]] = [
        (max(row.error, row.error_beside) > limit, "error"),
        (not least - rough <= row.coverage <= MOST_COVERAGE + rough, "coverage"),
        (row.same > ERROR + two_errors, '"no effect"'),
        (scenario in (CENTRE, replace(CENTRE, sigma=0.0)) and row.ratio < GAIN, "power"),
    ]
    return [name for broken, name in checks if broken]


def _named(scenario: Scenario, broken: list[str]) -> str:
    words = f", {scenario.words}" if scenario.words else ""
    return (
        f"- {', '.join(broken)}: {scenario.arms} comparisons, {scenario.seeds} seeds, sigma {scenario.sigma:g}{words}"
    )


def _designs(studies: int, failed: list[str]) -> str:
    rows = [(sigma, design) for sigma in (0.0, 0.5, 1.0) for design in orthogonal.DESIGNS]
    rows += [(0.0, design) for design in orthogonal.ODD]
    lines = [
        "| design | runs | sigma | error, no effects | among the others | coverage | power at 10 / 20 / 40 % | "
        "20 %, against plain t | |",
        "|---|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    plain = 0.0
    for index, (sigma, design) in _progress(rows, "designs"):
        made = orthogonal.simulate(design, sigma, studies, index)
        if design == orthogonal.DESIGNS[0]:
            plain = made.power[1]
        ratio = made.power[1] / plain if plain and design.odd == 1.0 else math.nan
        two_errors = 2.0 * math.sqrt(ERROR * (1.0 - ERROR) / studies)
        checks = [
            (max(made.error, made.error_beside) > ERROR + two_errors, "error"),
            (not COVERAGE <= made.coverage <= MOST_COVERAGE, "coverage"),
            (sigma <= 0.5 and design.analysis == "pooled" and design.runs == 48 and ratio < GAIN_DESIGNS, "power"),
        ]
        broken = [name for is_so, name in checks if is_so]
        name = f"{design.name}, {design.arms or orthogonal.TIPS + 1} x {design.seeds}"
        power = " / ".join(f"{each:.2f}" for each in made.power)
        lines.append(
            f"| {name} | {design.runs} | {sigma:g} | {made.error:.3f} | {made.error_beside:.3f} | "
            f"{made.coverage:.3f} | {power} | {'' if math.isnan(ratio) else f'{ratio:.1f}'} | {_mark(broken)} |"
        )
        if broken:
            failed.append(f"- {', '.join(broken)}: {name}, sigma {sigma:g}")
    return "\n".join(lines)


def _real_runs() -> str:
    """What few seeds say of the committed tables of many."""
    pages = (truth.page(table.stem, real_runs.read(table)) for table in sorted(truth.HERE.glob("*.csv")))
    return "\n".join(page.replace("## ", "### ", 1) for page in pages)


def _sizes() -> str:
    """What |t| must exceed with eleven comparisons, with few and with many degrees of freedom of the prior."""
    lines = ["| seeds | prior 2 | prior 8 | prior infinite | plain t, Bonferroni |", "|--:|--:|--:|--:|--:|"]
    for seeds in (3, 4, 5, 8):
        cells = [step_down.critical_value(prior, (seeds,) * 11, 0.05) for prior in (2, 6, 10)]
        cells.append(t_quantile(0.05 / 11, seeds - 1.0))
        lines.append(f"| {seeds} | " + " | ".join(f"{cell:.1f}" for cell in cells) + " |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
