"""What a report costs: seconds, peak memory and bytes, for tables and studies of growing size.

    python benchmarks/report.py [--against REVISION] [--case NAME ...]

Each case is a report by `dcgan report` in a process of its own, from reading the table or the study's folder to the
last file: tables of 1,000 to 10,000 rows with times, a study whose runs have curves and grids of samples, one of many
trials. `--against REVISION` makes the same reports with the package of that revision, checked out aside, case by case
in turn with the present one, so that both meet the same machine. `peak` is the largest resident memory of the process,
`page` and `folder` are the bytes of index.html and of the whole report.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from dcgan.common.files import write_json

if TYPE_CHECKING:
    from tests.tiny import PROTOCOL
else:  # a library that is installed has a package called tests
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from tiny import PROTOCOL

_HERE = Path(__file__).parent.parent
_GIT = ("git", "-C", str(_HERE))
_REPORT = r"""
import pathlib, re, sys, time
began = time.perf_counter()
from dcgan.cli import main
code = main(["report", sys.argv[1], "--out", sys.argv[2]])
seconds = time.perf_counter() - began
# Not getrusage's peak: that of a child begins with its parent's.
print(seconds, *re.findall(r"VmHWM:\s*(\d+)", pathlib.Path("/proc/self/status").read_text()))
sys.exit(code)
"""


def table(home: Path, arms: int, seeds: int) -> str:
    """A CSV file of that many arms x seeds, each with a time; its name."""
    rng = np.random.default_rng(0)
    effects = rng.normal(0, 0.1, arms) * (np.arange(arms) > 0)
    costs = 10 * np.exp(rng.normal(0, 0.3, arms))
    with (home / "table.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["arm", "seed", "fid", "seconds"])
        for seed, base in enumerate(rng.normal(3.5, 0.1, seeds)):
            noise = rng.normal(0, 0.1, arms)
            for arm in range(arms):
                fid = np.exp(base + effects[arm] + noise[arm])
                writer.writerow([f"arm-{arm:04d}" if arm else "baseline", seed, f"{fid:.4f}", f"{costs[arm]:.2f}"])
    return str(home / "table.csv")


def study(home: Path, arms: int, seeds: int, *, samples: bool) -> str:
    """A study's folder and those of its runs, with curves of six points and grids of noise if `samples`; its name."""
    rng = np.random.default_rng(0)
    names = ["baseline", *(f"tip_{arm:03d}" for arm in range(1, arms))]
    levels = {name: {other: "on" if other == name else "off" for other in names[1:]} for name in names}
    plan = {
        "study": "study",
        "start": "bare",
        "design": "one-at-a-time",
        "baseline": names[0],
        "metric": "fid",
        "goal": "minimize",
    }
    folder = home / "studies" / "study"
    folder.mkdir(parents=True)
    write_json(folder / "plan.json", {**plan, "factors": names[1:], "arms": levels, "seeds": list(range(seeds))})
    effects = rng.normal(0, 0.1, arms)
    rows = []
    for index, name in enumerate(names):
        for seed in range(seeds):
            run = f"{index:06x}{seed:06x}"
            fid = float(np.exp(3.5 + effects[index] + rng.normal(0, 0.1)))
            _run(home / "runs" / run, run, fid, seed, rng if samples else None)
            cells = {"study": "study", "arm": name, "seed": seed, "run": run, "status": "finished"}
            rows.append({**cells, **levels[name], "fid": fid, "seconds": 10.0 + index})
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    (folder / "trials.csv").write_text(text.getvalue())
    return "study"


def _run(path: Path, run: str, fid: float, seed: int, rng: np.random.Generator | None) -> None:
    (path / "samples").mkdir(parents=True)
    record = {"id": run, "status": "finished", "seed": seed, "attempts": 1, "seconds": 2.0, "images": 300}
    protocol = PROTOCOL.to_dict()
    environment = {"torch": "2.14.1"}
    scored = {"scores": {"fid": fid}, "protocol": protocol, "environment": environment, "version": "0.1.0"}
    (path / "run.json").write_text(json.dumps(record | scored))
    lines = ["images,split,extractor,samples,fid"]
    lines += [f"{100 * k},validation,classifier,300,{fid + 90 / k}" for k in range(1, 7)]
    (path / "scores.csv").write_text("\n".join(lines) + "\n")
    if rng is not None:  # as heavy as a grid of digits: noise of few levels
        pixels = rng.integers(0, 5, (146, 146), dtype=np.uint8) * 60
        Image.fromarray(np.stack([pixels] * 3, axis=-1)).save(path / "samples" / "final.png")


CASES: Mapping[str, tuple[str, Callable[[Path], str]]] = {
    "table-1000": ("40 arms x 25 seeds", lambda home: table(home, 40, 25)),
    "table-wide": ("200 arms x 50 seeds", lambda home: table(home, 200, 50)),
    "table-deep": ("10 arms x 1,000 seeds", lambda home: table(home, 10, 1000)),
    "samples": ("study, 20 arms x 50 seeds, curves and samples", lambda home: study(home, 20, 50, samples=True)),
    "trials": ("study, 13 arms x 231 seeds, curves", lambda home: study(home, 13, 231, samples=False)),
}


@contextlib.contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """The repository at that revision, in a folder of its own that is removed afterwards."""
    with tempfile.TemporaryDirectory() as aside:
        place = Path(aside) / "tree"
        subprocess.run([*_GIT, "worktree", "add", "--detach", "--quiet", place, revision], check=True)
        try:
            yield place
        finally:
            subprocess.run([*_GIT, "worktree", "remove", "--force", place], check=True)


def measured(package: Path, source: str, home: Path) -> str:
    """One report by the package in that folder, as a part of a line."""
    out = home / "report"
    environment = {**os.environ, "PYTHONPATH": str(package), "DCGAN_HOME": str(home), "COLUMNS": "200"}
    command = [sys.executable, "-c", _REPORT, source, str(out)]
    done = subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=False)
    if done.returncode:
        return f"failed: {done.stderr.strip().splitlines()[-1]}"
    seconds, peak = done.stdout.split()[-2:]
    folder = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    page = (out / "index.html").stat().st_size
    return f"{float(seconds):9.1f} {int(peak) / 1024:9.0f} {page / 1e6:9.2f} {folder / 1e6:9.2f}"


def main() -> None:
    """Prints a line per case and revision."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", metavar="REVISION")
    parser.add_argument("--case", action="append", choices=CASES)
    args = parser.parse_args()
    with contextlib.ExitStack() as stack:
        packages = {"now": _HERE}
        if args.against:
            packages = {args.against: stack.enter_context(checked_out(args.against)), **packages}
        width = max(10, *(len(name) for name in packages))
        print(f"{'':46} {'':{width}}   seconds  peak MiB   page MB folder MB")
        for name in args.case or CASES:
            what, make = CASES[name]
            with tempfile.TemporaryDirectory() as folder:
                source = make(Path(folder))
                for revision, package in packages.items():
                    print(f"{what:46} {revision:{width}} {measured(package, source, Path(folder))}", flush=True)


if __name__ == "__main__":
    main()
