"""What few seeds say of real runs whose truth is known: that of all their seeds.

    python benchmarks/truth.py                  # the tables in benchmarks/truth/
    python benchmarks/truth.py --from TABLE     # another one, with the columns arm, seed, status, fid
    python benchmarks/truth.py --train          # trains the studies of benchmarks/truth/ into DCGAN_HOME: some hours

`--train` continues where it stopped. A study whose table is in benchmarks/truth/ is not trained again.
`--collect HOME` writes these tables from the studies in a DCGAN_HOME as far as they are: collect when all is done.

Of every study's seeds few are drawn, without replacement, and analysed as before (plain t of the scores, Holm's
procedure) and now. The truth is of the same runs, so coverage is a little too good: a study has a part in it.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import real_runs
from real_runs import WAYS, Runs

HERE = Path(__file__).parent / "truth"
STUDIES = 2_000
SEEDS = 3, 4, 5, 8
COLUMNS = "arm", "seed", "status", "fid", "seconds"


def main(words: list[str] | None = None) -> None:
    """Trains, collects, or prints what few seeds say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--from", dest="tables", type=Path, nargs="+", metavar="TABLE", help="tables of runs")
    parser.add_argument("--train", action="store_true", help="train what is missing")
    parser.add_argument("--workers", default="2", help="of --train")
    parser.add_argument("--collect", type=Path, metavar="HOME", help="write the tables of the studies in HOME")
    options = parser.parse_args(words)
    if options.train:
        _train(options.workers)
    if options.collect:
        _collect(options.collect)
    tables = options.tables or sorted(HERE.glob("*.csv"))
    if not tables:
        raise SystemExit("no table: --train makes them, --from names one")
    for table in tables:
        print(page(table.stem, real_runs.read(table)), flush=True)


def _train(workers: str) -> None:
    home = Path(os.environ.get("DCGAN_HOME", "."))
    for sweep in sorted(HERE.glob("*.yaml")):
        if not sweep.with_suffix(".csv").exists():
            words = [sys.executable, "-m", "dcgan", "sweep", str(sweep), "--workers", workers]
            subprocess.run(words, check=True)
            _collect(home, sweep.stem)


def _collect(home: Path, only: str = "") -> None:
    """Copies what the analysis needs of the studies' tables."""
    for sweep in sorted(HERE.glob("*.yaml")):
        trials = home / "studies" / sweep.stem / "trials.csv"
        if (only and only != sweep.stem) or not trials.exists():
            continue
        with trials.open(encoding="utf-8", newline="") as stream:
            rows = sorted(csv.DictReader(stream), key=lambda row: (row["arm"], int(row["seed"])))
        with sweep.with_suffix(".csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, COLUMNS, extrasaction="ignore", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


def page(name: str, runs: Runs) -> str:
    """What all seeds say, and what few of them do."""
    parts = [
        f"## {name}: {len(runs.seeds)} seeds of {len(runs.arms)} arms"
        + (f" ({runs.left_out} more are not finished in every arm)" if runs.left_out else ""),
        "",
        f"| against {runs.arms[0]} | effect, all seeds | found there, log | raw |",
        "|---|--:|---|---|",
    ]
    if len(runs.seeds) < 2:
        return "\n".join([*parts[:1], "too few seeds to tell anything", ""])
    found = [real_runs.truth(runs, way) for way in WAYS[:2]]
    for index, arm in enumerate(runs.arms[1:]):
        marks = ["yes" if real[index] else "no" for _, real in reversed(found)]
        parts.append(f"| {arm} | {100 * np.expm1(found[1][0][index]):+.1f} % | {marks[0]} | {marks[1]} |")
    parts += [
        "",
        f"{STUDIES:,} studies a row. Of those settled, *true* are found by all seeds too; *wrong* have the other sign.",
        "",
        "| seeds | analysis | settled | true | wrong | coverage | centred error |",
        "|--:|---|--:|--:|--:|--:|--:|",
    ]
    random = np.random.default_rng(20261129)
    for seeds in (count for count in SEEDS if count < len(runs.seeds)):
        drawn = runs.draw(seeds, STUDIES, random)
        for way in WAYS:
            made = real_runs.settled(runs, drawn, way)
            numbers = f"{made.found:.2f} | {made.true:.2f} | {made.wrong:.4f} | {made.coverage:.3f} | {made.error:.3f}"
            parts.append(f"| {seeds} | {way.name} | {numbers} |")
    return "\n".join([*parts, ""])


if __name__ == "__main__":
    main()
