"""What the tip `batch_norm` does for FID, in this tree and at other revisions of this repository.

    python benchmarks/batch_norm.py [--settings digits mnist] [--seeds 6] [--revision REV ...] [--home DIR]

Two settings, digits as `dcgan train digits` has them and MNIST (32 x 32, width 32, batches of 50, rate 5e-4, 30,000
images in bf16), each with two starts: `plain`, the experiment as it is, and `all`, every tip of the article on. In
each, BatchNorm in both players is switched off and on, on paired seeds. A revision is checked out beside this tree and
its own program trains there; runs of equal id are trained once, so a home that is kept is gone on with. Prints for each
revision and start the mean FID without the tip and with it, and the paired difference that switching it on makes, with
its 95 % interval.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Any

from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment, load
from dcgan.statistics.paired import compare
from dcgan.tips import TIPS, apply

ROOT = Path(__file__).parent.parent
MNIST = {"generator.width": 32, "discriminator.width": 32, "update.batch": 50, "budget.epochs": 3,
         "optimizer.generator.lr": 5e-4, "optimizer.discriminator.lr": 5e-4, "compute.precision": "bf16",
         "compute.threads": 1, "score.every_epochs": 0}  # fmt: skip
SETTINGS: dict[str, dict[str, Any]] = {"digits": {}, "mnist": MNIST}
ON = {name: "on" for name, tip in TIPS.items() if tip.common}


def words(setting: str, start: str, level: str, seed: int) -> list[str]:
    """The arguments of `dcgan train` for one run: every key that is not the experiment's default, spelt out."""
    base = load(setting, SETTINGS[setting])
    begun = apply(base, ON) if start == "all" else base
    made = flatten(apply(begun, {"batch_norm": level}).with_seed(seed).model_dump(mode="json"))
    usual = flatten(Experiment().model_dump(mode="json"))
    changed = {key: value for key, value in made.items() if value != usual[key] and key != "name"}
    return [setting, *(f"{key}={value}" for key, value in changed.items()), "tracking.wandb=disabled"]


@contextmanager
def tree(revision: str | None) -> Iterator[Path]:
    """A folder with the program of that revision; this one's for None."""
    if revision is None:
        yield ROOT
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tree"
        _git("add", "--detach", str(path), revision)
        try:
            yield path
        finally:
            _git("remove", "--force", str(path))


def _git(*words: str) -> None:
    subprocess.run(["git", "worktree", *words], cwd=ROOT, check=True, capture_output=True)  # noqa: S607


def fid(program: Path, home: Path, arguments: list[str]) -> float:
    """Trains a run, or reads its record, and returns its final FID; infinite for one that diverged."""
    environment = {**os.environ, "DCGAN_HOME": str(home), "PYTHONPATH": str(program)}
    command = [sys.executable, "-m", "dcgan", "train", *arguments, "--json"]
    done = subprocess.run(command, cwd=program, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return float(json.loads(done.stdout)["scores"].get("fid", float("inf")))


def both_levels(
    setting: str, start: str, seeds: int, fid_of: Callable[[list[str]], float], pool: ThreadPoolExecutor
) -> str:
    """Both levels on so many seeds, in words."""
    cells = [(level, seed) for seed in range(seeds) for level in ("off", "on")]
    scores = dict(zip(cells, pool.map(fid_of, [words(setting, start, *cell) for cell in cells]), strict=True))
    off, on = ({seed: scores[level, seed] for seed in range(seeds)} for level in ("off", "on"))
    found = compare(on, off)
    low, high = found.interval or (math.nan, math.nan)
    means = f"off {mean(off.values()):8.1f}   on {mean(on.values()):8.1f}"
    return f"{means}   on - off {found.difference:+8.1f} [{low:+.1f}, {high:+.1f}]"


def main() -> None:
    """Prints a line for each revision, setting and start."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--settings", nargs="+", choices=SETTINGS, default=[*SETTINGS])
    parser.add_argument("--starts", nargs="+", choices=["plain", "all"], default=["plain", "all"])
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--revision", nargs="*", default=[], help="besides this tree, such as ac73669")
    parser.add_argument("--home", type=Path, help="where the runs are kept (default: nowhere)")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(args.workers) as pool:
        home = (args.home or Path(folder)).resolve()
        for revision in [*args.revision, None]:
            with tree(revision) as program:
                for setting, start in itertools.product(args.settings, args.starts):
                    told = both_levels(setting, start, args.seeds, lambda job: fid(program, home, job), pool)
                    print(f"{revision or 'this tree':12} {setting:7} {start:6} {told}", flush=True)


if __name__ == "__main__":
    main()
