"""docs/scores.md: what real images, noise and a trained run score on MNIST, by the number of images.

    python benchmarks/scores.py [--run RUN] > docs/scores.md

RUN is the id or folder of a run on MNIST. Without it the run that the page describes is trained first, in
`DCGAN_HOME`, unless it is there. All is taken by the product's own functions: a run's row is what `dcgan score` says.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from dcgan import data
from dcgan.common.errors import Misuse
from dcgan.common.rng import stream
from dcgan.data import Dataset
from dcgan.experiment import Experiment, load
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import RunDirectory
from dcgan.runs.environment import describe
from dcgan.runs.evaluation import scoring_noise
from dcgan.runs.run import run_trial
from dcgan.runs.samples import load_generator
from dcgan.scoring import extractors, fidelity
from dcgan.scoring.classifier import classifier
from dcgan.scoring.extractors import Extractor
from dcgan.scoring.features import Features, extract
from dcgan.scoring.fid_infinity import FidReference, infinite_fid, sobol_noise
from dcgan.scoring.final_scores import COPIES, examine
from dcgan.scoring.reference import chosen
from dcgan.training.sampling import batches, render

COMMAND = "python benchmarks/scores.py > docs/scores.md"
RUN = ("mnist", {"budget.epochs": 3, "score.every_epochs": 1, "compute.threads": 1})
COUNTS = (1_000, 2_000, 5_000, 10_000)
_RULES = Path(__file__).with_name("scores.rules.md")  # the part of the page that no run changes
_CPU = torch.device("cpu")
_SEED = 20260404  # of what is dealt at random here
_VERSIONS = ("python", "torch", "torchvision", "torch-fidelity", "numpy")
_SAMPLE = 1_000  # images a side, to compare precisions
_LAST = ("isc", "kid", "precision", "recall", "density", "coverage", "memorisation")
_SUMS = {"500 images, 1 thread": (500, 1), "100 images, 1 thread": (100, 1), "500 images, 2 threads": (500, 2)}


@dataclass(frozen=True)
class Row:
    """`generated` in a random order against as many of `real`; `even`: the same generator's, of evenly spread noise."""

    name: str
    generated: Features
    real: Features
    even: Features


def rows(
    experiment: Experiment, run: str, dataset: Dataset, extractor: Extractor, real: dict[str, Features]
) -> list[Row]:
    """What is compared, real images first."""
    most = COUNTS[-1]
    shuffled = _some(real["test"], _order(real["test"], "test"))
    training = _some(real["train"], _order(real["train"], "train")[:most])
    shape = (most, *dataset.images["test"].shape[1:])
    pixels = torch.randint(0, 256, shape, generator=stream(_SEED, "uniform"), dtype=torch.uint8)
    uniform = extract([pixels], most, extractor, _CPU, "features of noise")
    _, generator = load_generator(run)
    drawn = batches(generator, experiment.latent, most, scoring_noise(experiment))
    made = extract(drawn, most, extractor, _CPU, "features of the run's images")
    evenly = (render(generator, part) for part in sobol_noise(experiment.latent, most, experiment.seed).split(500))
    even = extract(evenly, most, extractor, _CPU, "features of the run's images")
    halves = _first(shuffled, most // 2), _some(shuffled, torch.arange(most // 2, most))
    return [
        Row("test images against train", shuffled, real["train"], shuffled),
        Row("train images against test", training, real["test"], training),
        Row("one half of test against the other", *halves, halves[0]),
        Row("uniform noise against test", uniform, real["test"], uniform),
        Row("the run against test", made, real["test"], even),
    ]


def _all(dataset: Dataset, split: str, extractor: Extractor) -> Features:
    images = dataset.images[split]
    return extract(
        torch.split(images, extractor.batch), len(images), extractor, _CPU, f"features of the {split} images"
    )


def _order(of: Features, purpose: str) -> Tensor:
    return torch.randperm(len(of["features"]), generator=stream(_SEED, purpose))


def _some(of: Features, taken: Tensor) -> Features:
    return {role: values[taken] for role, values in of.items()}


def _first(of: Features, count: int) -> Features:
    return {role: values[:count] for role, values in of.items()}


def _compared(row: Row, count: int) -> Features:
    """The real images of a score at that number: those that a `Scorer` chooses."""
    return _some(row.real, chosen(len(row.real["features"]), count))


def by_count(found: Sequence[Row]) -> Iterator[list[str]]:
    """Two lines a row: FID, and FID at infinite size with its standard error, at each number there are images for."""
    for row in found:
        fids, endless = [], []
        for count in COUNTS:
            if count > len(row.generated["features"]):
                break
            statistics = fidelity.statistics(_compared(row, count))
            fids.append(_text(fidelity.fid(fidelity.statistics(_first(row.generated, count)), statistics)))
            limit = infinite_fid(row.even["features"][:count], FidReference.of(statistics))
            endless.append(_with_error(limit.value, limit.error))
        blank = [""] * (len(COUNTS) - len(fids))
        yield [row.name, "FID", *fids, *blank]
        yield ["", "FID-infinity", *endless, *blank]


def at_most(found: Sequence[Row], real: dict[str, Features]) -> Iterator[list[str]]:
    """The other scores of each row at the largest number it has images for."""
    for row in found:
        count = len(row.generated["features"])
        against = _compared(row, count)
        scores = fidelity.measure(row.generated, against)
        training, held_out = real["train"]["features"], real["test"]["features"]
        even = row.even["features"]
        scores |= examine([row.generated], even, real=against, training=training, held_out=held_out, labels=None).scores
        yield [row.name, f"{count:,}", *(_text(scores[name]) for name in _LAST)]


def sums(dataset: Dataset, extractor: Extractor) -> Iterator[list[str]]:
    """FID of 1,000 training images in either precision, and by what share other batches and threads move it."""
    single = replace(extractor, network=_Layers(classifier(dataset).network), precision="float32")
    for each, bound in ((extractor, 1e-9), (single, 1e-6)):  # which bits move is this processor's own, the bound is not
        fids = [_fid(dataset, replace(each, batch=batch), threads) for batch, threads in _SUMS.values()]
        shares = [abs(fid / fids[0] - 1) for fid in fids[1:]]
        away = [f"less than {bound:.0e}" if share < bound else f"{share:.0e}" for share in shares]
        yield [each.precision, f"{fids[0]:.5g}", *away]


class _Layers(torch.nn.Module):
    """The classifier in single precision, as it was trained."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        found, logits = self.network(images)
        return found, found, logits


def _fid(dataset: Dataset, extractor: Extractor, threads: int) -> float:
    torch.set_num_threads(threads)
    parts = [dataset.images[split][:_SAMPLE] for split in ("train", "test")]
    sides = [extract([part], _SAMPLE, extractor, _CPU, "features of real images") for part in parts]
    torch.set_num_threads(1)
    return fidelity.fid(*(fidelity.statistics(side) for side in sides))


def _text(value: float) -> str:
    """Three digits, and from 100 on the first after the point too."""
    return f"{value:.1f}" if abs(value) >= 100 else f"{value:.3g}"


def _with_error(value: float, error: float) -> str:
    """The error to two digits, and the value as far."""
    places = max(0, 1 - math.floor(math.log10(error)))
    return f"{value:.{places}f} ± {error:.{places}f}"


def table(columns: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table in Markdown, numbers to the right."""
    marks = ["---" if number == 0 else "---:" for number in range(len(columns))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (columns, marks, *lines))


def page(experiment: Experiment, record: RunRecord, extractor: Extractor, dataset: Dataset, tables: list[str]) -> str:
    """The whole of docs/scores.md, around its three tables."""
    where = describe(_CPU, experiment.compute)
    versions = ", ".join(f"{name} {where[name]}" for name in _VERSIONS)
    split = {name: f"{len(images):,}" for name, images in dataset.images.items()}
    by_sums, by_count, at_most = tables
    return f"""\
# Scores

Made by `{COMMAND}` on {where["device"]}, one thread,
{versions}: change the command, not this page.

{_RULES.read_text(encoding="utf-8")}
## Which images are used when

The generator and the extractor learn from the train split ({split["train"]} images of MNIST). The curve is taken
against the validation split ({split["validation"]}), which nothing learns from. The end is scored against the test
split ({split["test"]}), and the same generated images against as many of the train split.

The reported score is the last generator's against the test split, also where an earlier one was better: the best of
many is partly luck. Of the curve its best, its last and its mean by images are kept; they decide nothing.
{_curve(record)}

## What batches and threads do

Sums of floats depend on their order, and the order on how images are cut into batches and shared between threads. The
classifier is trained in single precision, always on one thread, and judges in double precision: what batches and
threads then do is far below any digit that is printed. Published networks judge in single precision, as torch-fidelity
runs them and as published scores were taken; in double precision they would not give torch-fidelity's numbers. A single
carries about seven digits, so that the seventh of such a score may follow batches, threads and processor; the batch
is fixed. On another processor training ends in other weights, of a classifier as of a run: their hash in the protocol
is another then, and all figures here are of the processor named above. The classifier in both, by FID of
{_SAMPLE:,} training images against as many test images:

{by_sums}

The columns after FID: by what share of it other batches and threads move it.

## Real images, noise and a trained run

The run: {_described(experiment, record)}. It is cut
short: the page is about scores, not about how good a generator can get. Extractor: `{extractor.name}`,
right on {extractor.accuracy:.1%} of the test split; data: `{dataset.name}` at {dataset.size} x {dataset.size},
`{dataset.fingerprint}`. The sides share no image.

The first n of the images in a random order against n real ones; FID-infinity from as many, with its standard error.

{by_count}

The other scores, at the largest n. Memorisation is the share of {COPIES:,} images that lie as near to a training image
as the nearest twentieth of {COPIES:,} test images; training images come to 1, what copies nothing to about 0.05.

{at_most}
"""


def _curve(record: RunRecord) -> str:
    if not record.curve:
        return ""
    best, last = record.curve["best"], record.curve["last"]
    return (
        f"Of the run below, FID against the validation split: best {_text(best['fid'])} at {best['images']:,} images, "
        f"last {_text(last['fid'])}\nat {last['images']:,}, mean {_text(record.curve['mean'])}. "
        f"Reported: {_text(record.scores['fid'])}."
    )


def _described(experiment: Experiment, record: RunRecord) -> str:
    """The command that makes the page's own run; of another its id."""
    if experiment.id != load(*RUN).id:
        return f"`{experiment.id}`, {record.images:,} images"
    words = " ".join(f"{key}={value}" for key, value in RUN[1].items())
    return f"`dcgan train {RUN[0]} {words}`, {record.images:,} images"


def main() -> None:
    """Prints the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", metavar="RUN", help="a run on MNIST (default: trained now, unless it is there)")
    torch.set_num_threads(1)
    run = parser.parse_args().run or run_trial(load(*RUN)).id
    directory = RunDirectory.find(run)
    experiment, record = directory.experiment(), directory.record()
    assert record is not None
    if experiment.data.name != "mnist":
        raise Misuse(f"--run {run}: it is of {experiment.data.name}; the page is about mnist")
    dataset = data.load(experiment.data)
    extractor = extractors.extractor("classifier", dataset)
    real = {split: _all(dataset, split, extractor) for split in ("train", "test")}
    found = rows(experiment, run, dataset, extractor, real)
    tables = [
        table(["precision", f"FID: {next(iter(_SUMS))}", *list(_SUMS)[1:]], list(sums(dataset, extractor))),
        table(["", "", *(f"n = {count:,}" for count in COUNTS)], list(by_count(found))),
        table(["", "n", *_LAST], list(at_most(found, real))),
    ]
    sys.stdout.write(page(experiment, record, extractor, dataset, tables))


if __name__ == "__main__":
    main()
