"""The share of a default run's wall time that its scores take.

    python benchmarks/scoring.py [--rounds 3] [--seconds 5] [--threads N] [EXPERIMENT ...] > docs/scoring-cost.md

Each round trains the experiment for some seconds and then takes a score of its curve, so that a drift of the machine's
speed meets both; medians are quoted. From these: what a whole run of the experiment's own
budget spends on training, on its curve, on its end, and the scores' share of it all. `start` is what a process needs
before its first step in order to score at all: imports, and the classifier and the real images' features from their
files; a worker of a study spends it once for all its trials. `once` is what comes on top the first time that a data set
is met on a machine: training the classifier, and the features of the real images. The last column counts both in full.
Exits with 1 if scores are more than 10 % without them.

One thread of a CPU is timed by its own clock, which others on the machine do not move; all else by the wall's.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from dcgan import data
from dcgan.experiment import Experiment, load
from dcgan.runs.environment import choose_device, describe
from dcgan.runs.evaluation import Evaluation
from dcgan.scoring import Scorer
from dcgan.training.trainer import Trainer

_MOST = 0.10
_IMPORTS = (
    "import dcgan.training.trainer, time; began = time.{0}(); import dcgan.runs.evaluation; print(time.{0}() - began)"
)
_COLUMNS = ("training", "a score", "curve", "end", "share", "start", "once", "share of a first run")


@dataclass(frozen=True)
class Cost:
    """Seconds of a whole run: of training, of one score of the curve, of all, of the end, of the start, once."""

    training: float
    score: float
    curve: float
    end: float
    start: float
    once: float

    @property
    def share(self) -> float:
        """Of curve and end in the run."""
        return (self.curve + self.end) / (self.training + self.curve + self.end)

    @property
    def share_of_first(self) -> float:
        """The same in the first run of all, with what is done once and at the start counted as scoring."""
        scoring = self.curve + self.end + self.start + self.once
        return scoring / (self.training + scoring)


def points(experiment: Experiment) -> int:
    """Scores on a run's curve: before the first step, after every so many epochs, at the end."""
    if not experiment.score.every_epochs:
        return 0
    period = experiment.score.every_epochs * experiment.budget.images_per_epoch
    return 2 + (experiment.budget.images - 1) // period


def measure(experiment: Experiment, device: torch.device, rounds: int, least: float, imports: float) -> Cost:
    """The cost of a run of that experiment."""
    dataset = data.load(experiment.data).to(device)
    found: list[Scorer] = []
    once = _seconds(lambda: found.append(Scorer.prepare(experiment.score, dataset, device)), device)
    evaluation = Evaluation(experiment, found[0])
    trainer = Trainer(experiment, dataset.images["train"])
    trainer.step()
    generator = trainer.players.evaluation_generator
    evaluation.along(generator)
    once += _seconds(lambda: evaluation.at_the_end(generator), device)
    per_image, scores = [], []
    for _ in range(rounds):
        per_image.append(_training(trainer, device, least))
        scores.append(_seconds(lambda: evaluation.along(generator), device))
    fresh: list[Scorer] = []
    start = imports + _seconds(lambda: fresh.append(Scorer.prepare(experiment.score, dataset, device)), device)
    end = _seconds(lambda: Evaluation(experiment, fresh[0]).at_the_end(generator), device)
    score = statistics.median(scores)
    training = statistics.median(per_image) * experiment.budget.images
    return Cost(training, score, points(experiment) * score, end, start, max(0.0, once - end - start + imports))


def _training(trainer: Trainer, device: torch.device, least: float) -> float:
    """Seconds per real image, over at least so many seconds."""
    before, taken = trainer.seen, 0.0
    while taken < least:
        taken += _seconds(trainer.step, device)
    return taken / (trainer.seen - before)


def _seconds(work: Callable[[], object], device: torch.device) -> float:
    """Seconds of a piece of work, waiting for the device."""
    clock = getattr(time, _clock(device))
    began: float = clock()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return float(clock() - began)


def _clock(device: torch.device) -> str:
    return "process_time" if device.type == "cpu" and torch.get_num_threads() == 1 else "perf_counter"


def main() -> None:
    """Prints a line per experiment."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of training in each round")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--device", default="auto")
    parser.add_argument("experiments", nargs="*", metavar="EXPERIMENT", default=["digits", "mnist", "article"])
    args = parser.parse_args()
    if args.threads:
        torch.set_num_threads(args.threads)
    device = choose_device(args.device)
    command = [sys.executable, "-c", _IMPORTS.format(_clock(device))]
    imports = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    where = describe(device, Experiment().compute)
    print("# What scoring costs\n")
    print(
        "Made by `python benchmarks/scoring.py`; what the columns mean stands there. Seconds of a run's whole budget on"
    )
    print(f"{where['device']}, {where['threads']} threads, torch {where['torch']}; imports {imports:.1f} s.\n")
    print("| experiment | " + " | ".join(_COLUMNS) + " |")
    print("| --- |" + " ---: |" * len(_COLUMNS))
    costs = {}
    with tempfile.TemporaryDirectory() as empty:
        os.environ["XDG_CACHE_HOME"] = empty  # so that `once` is measured; data sets stay where they are
        for name in args.experiments:
            cost = costs[name] = measure(load(name, {}), device, args.rounds, args.seconds, imports)
            seconds = (cost.training, cost.score, cost.curve, cost.end)
            cells = [f"{value:,.2f}" for value in seconds] + [f"**{cost.share:.1%}**"]
            cells += [f"{cost.start:.2f}", f"{cost.once:.2f}", f"{cost.share_of_first:.1%}"]
            print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
    sys.exit(any(cost.share > _MOST for cost in costs.values()))


if __name__ == "__main__":
    main()
