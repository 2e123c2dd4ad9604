"""What the limits in tests/system/test_learns.py stand on: its cases over many seeds, intact and broken.

    python benchmarks/learns.py [--seeds 10] [--broken-seeds 2] [CASE ...]

Prints for each case FID against the test split: of the untrained generator (least over seeds), after training (mean,
standard deviation, least, most), and the least that is reached over a few seeds with G's gradient switched off, with
its sign turned, and, where D's loss has a penalty or smoothness, with the sign of that turned. Proposes as limit the
mean and five standard deviations or a fifth above the worst seed, whichever is more: another processor rounds
differently, and after so many steps that is as good as another seed. A limit must lie far below all that is broken: `x`
is how many times it goes into the least of those and the untrained. `s` is CPU seconds for one run and its score.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from dcgan import data
from dcgan.data import Dataset
from dcgan.scoring import Scorer
from dcgan.training.trainer import Trainer

if TYPE_CHECKING:
    from tests.system.test_learns import BASE, CASES, Case, fid, frozen, intact, trained, turned
else:  # a library that is installed has a package called tests
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "system"))
    from test_learns import BASE, CASES, Case, fid, frozen, intact, trained, turned

_COLUMNS = ("untrained", "mean", "sd", "min", "max", "frozen", "turned", "terms", "limit", "x", "s")


def measure(case: Case, seeds: int, broken: int, dataset: Dataset, scorer: Scorer) -> dict[str, float]:
    """The figures of one case by the name of their column."""
    began = time.process_time()
    scores = [_reached(case, seed, intact, dataset, scorer) for seed in range(seeds)]
    taken = (time.process_time() - began) / seeds
    control: dict[str, float] = {"untrained": min(_untrained(case, seed, dataset, scorer) for seed in range(seeds))}
    spoils: dict[str, Callable[[Trainer], None] | None] = {"frozen": None, "turned": turned}
    experiment = case.experiment(0)
    if experiment.objective.penalty.kind != "none" or experiment.objective.virtual_adversarial.weight:
        spoils["terms"] = _turn_terms
    for name, spoil in spoils.items():
        control[name] = min(_reached(case, seed, spoil, dataset, scorer) for seed in range(broken))
    mean = statistics.mean(scores)
    deviation = statistics.stdev(scores) if math.isfinite(mean) else math.inf  # not where a seed has diverged
    limit = 5 * math.ceil(max(mean + 5 * deviation, 1.2 * max(scores)) / 5) if math.isfinite(mean) else math.inf
    figures = {"mean": mean, "sd": deviation, "min": min(scores), "max": max(scores), "limit": limit, "s": taken}
    return figures | control | {"x": min(control.values()) / limit}


def _reached(case: Case, seed: int, spoil: Callable[[Trainer], None] | None, dataset: Dataset, scorer: Scorer) -> float:
    """FID after training; without a `spoil` G's learning rate is next to nothing."""
    experiment = case.experiment(seed) if spoil else frozen(case.experiment(seed))
    return fid(trained(experiment, dataset, spoil or intact), experiment, scorer)


def _untrained(case: Case, seed: int, dataset: Dataset, scorer: Scorer) -> float:
    experiment = case.experiment(seed)
    return fid(Trainer(experiment, dataset.images["train"]), experiment, scorer)


def _turn_terms(trainer: Trainer) -> None:
    for term in trainer.players._regularisers.values():
        term.weight = -term.weight


def main() -> None:
    """Prints a line per case."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--broken-seeds", type=int, default=2)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    args = parser.parse_args()
    if unknown := set(args.cases) - set(CASES):
        parser.error(f"no case {', '.join(sorted(unknown))}; valid: {', '.join(CASES)}")
    torch.set_num_threads(1)
    dataset = data.load(BASE.data)
    scorer = Scorer.prepare(BASE.score, dataset, torch.device("cpu"))
    print(f"{'':20}" + "".join(f"{column:>10}" for column in _COLUMNS))
    for name in args.cases or CASES:
        figures = measure(CASES[name], args.seeds, args.broken_seeds, dataset, scorer)
        cells = [f"{figures[column]:10.1f}" if column in figures else f"{'':10}" for column in _COLUMNS]
        print(f"{name:20}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
