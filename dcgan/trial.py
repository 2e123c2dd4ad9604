"""One trial from description to record: train (or go on training), score, keep. Commands and studies call it."""

from __future__ import annotations

import datetime
import sys
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save as to_safetensors
from torch import Tensor

import dcgan
from dcgan import data, environment
from dcgan.errors import DcganError, Interrupted
from dcgan.experiment import Experiment
from dcgan.files import write_atomically
from dcgan.networks import Generator, build_generator
from dcgan.scoring import Scorer
from dcgan.sections import Data, Score
from dcgan.streams import stream
from dcgan.tracking.directory import FINAL, RunDirectory
from dcgan.training import checkpoint
from dcgan.training.events import Ended, Event, Observer, Sampled, Scored, Started, Ticked
from dcgan.training.loop import Diverged, train
from dcgan.training.pictures import write_grid
from dcgan.training.sampling import render, sample, walk
from dcgan.training.trainer import Trainer, check_batch

_STEPS_BETWEEN = 8  # images from one drawn image to the next when interpolating


def run_trial(
    experiment: Experiment, *, observers: Sequence[Observer] = (), stop: Callable[[], bool] = lambda: False
) -> dict[str, Any]:
    """Trains and scores the run of `experiment`, or what is left of it, and returns its record (run.json).

    A run that is over is not trained again. If another process is at it, waits for that one. Raises Misuse before
    anything is written if the experiment does not fit its data, Interrupted when `stop` says so, and DcganError for
    failures, which are recorded as such.
    """
    experiment = experiment.with_data(data.resolve(experiment.data))
    directory = RunDirectory.of(experiment)
    record = directory.record()
    if record and record["status"] in FINAL:
        return record
    device = environment.choose_device(experiment.compute.device)
    environment.configure(experiment.compute, record)
    dataset = _dataset(experiment.data, device)
    check_batch(experiment, len(dataset.images["train"]))
    scorer = None if experiment.score.extractor == "none" else _scorer(experiment.score, experiment.data, device)
    with directory.held(stop):
        record = directory.record()
        if record and record["status"] in FINAL:
            return record
        trial = _Trial(experiment, directory, Trainer(experiment, dataset.images["train"]), scorer, observers)
        return trial.run(record, environment.describe(device, experiment.compute), stop)


@lru_cache(maxsize=1)
def _dataset(chosen: Data, device: torch.device) -> data.Dataset:
    """Kept from trial to trial: the arms of a study share their data."""
    return data.load(chosen).to(device)


@lru_cache(maxsize=1)
def _scorer(score: Score, chosen: Data, device: torch.device) -> Scorer:
    return Scorer.prepare(score, _dataset(chosen, device), device)


def load_generator(name: str) -> tuple[Experiment, Generator]:
    """The trained generator of a run (id or path), on the CPU, and the run's experiment.

    Raises DcganError if there is no such run or it has no weights yet.
    """
    directory = RunDirectory.find(name)
    if not directory.weights.exists():
        raise DcganError(f"run {directory.path.name} has no generator: it is not finished")
    experiment = directory.experiment()
    generator = build_generator(experiment)
    try:
        generator.load_state_dict(load_file(directory.weights))
    except (SafetensorError, RuntimeError) as error:
        raise DcganError(f"{directory.weights} is damaged: {error}".splitlines()[0]) from error
    return experiment, generator.eval()


def generate(name: str, count: int, *, seed: int | None = None) -> Tensor:
    """`count` images, uint8 (count, C, H, W), from the trained generator of a run (id or path).

    Without a `seed` the noise is the one that the run's own scores were taken on.
    """
    experiment, generator = load_generator(name)
    return sample(generator, experiment.latent, count, _evaluation_noise(experiment, seed))


def interpolate(name: str, count: int, *, seed: int | None = None) -> Tensor:
    """`count` images, uint8 (count, C, H, W), on a way through the noise from image to image."""
    experiment, generator = load_generator(name)
    return render(generator, walk(experiment.latent, count, _STEPS_BETWEEN, _evaluation_noise(experiment, seed)))


def _evaluation_noise(experiment: Experiment, seed: int | None = None) -> torch.Generator:
    return stream(experiment.seed if seed is None else seed, "evaluation", "scores")


def _earlier(before: dict[str, Any], where: dict[str, str | int]) -> list[dict[str, str | int]]:
    """Where else the run was trained, if it was resumed somewhere else."""
    known = [*before.get("earlier_environments", []), *([before["environment"]] if before else [])]
    return [each for number, each in enumerate(known) if each != where and each not in known[:number]]


class _Trial:
    """A run being made: its trainer, its directory, its record, and those who watch."""

    def __init__(
        self,
        experiment: Experiment,
        directory: RunDirectory,
        trainer: Trainer,
        scorer: Scorer | None,
        observers: Sequence[Observer],
    ) -> None:
        self._experiment = experiment
        self._directory = directory
        self._trainer = trainer
        self._scorer = scorer
        self._observers = list(observers)
        self._record: dict[str, Any] = {}
        self._began = time.monotonic()
        self._ticked = (0.0, 0.0)  # images and training seconds at the last tick

    def run(
        self, before: dict[str, Any] | None, where: dict[str, str | int], stop: Callable[[], bool]
    ) -> dict[str, Any]:
        """Trains, scores and records; see `run_trial`."""
        self._directory.describe(self._experiment)
        self._record = self._opened(before, where)
        self._write("running")
        try:
            self._resume_or_begin(stop)
            train(
                self._experiment,
                self._trainer,
                observe=self._observe,
                score=lambda: self._score("validation"),
                keep=self._keep,
                stop=stop,
            )
            self._finish()
        except Diverged as outcome:
            self._close("diverged", str(outcome))
        except Interrupted:
            self._close("running", None)
            raise
        except Exception as error:
            self._close_failed(error)
            raise
        return self._record

    def _opened(self, before: dict[str, Any] | None, where: dict[str, str | int]) -> dict[str, Any]:
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        before = before or {}
        return {
            "id": self._experiment.id,
            "name": self._experiment.name,
            "status": "running",
            "seed": self._experiment.seed,
            "attempts": before.get("attempts", 0) + 1,
            "started": before.get("started", now),
            "seconds": before.get("seconds", 0.0),
            "images": 0,
            "images_per_second": None,
            "scores": {},
            "protocol": {},
            "failure": None,
            "environment": where,
            "earlier_environments": _earlier(before, where),
            "version": dcgan.__version__,
            "digest": None,
        }

    def _resume_or_begin(self, stop: Callable[[], bool]) -> None:
        """Goes on from the checkpoint; without one begins, with a first score of the generator as it is."""
        resumed = self._directory.checkpoint.exists()
        if resumed:
            self._trainer.load_state_dict(checkpoint.load(self._directory.checkpoint))
        else:
            self._record["seconds"] = 0.0
        self._ticked = self._trainer.seen, self._record["seconds"]
        self._directory.rewind(self._trainer.seen if resumed else -1)
        total = self._experiment.budget.images
        self._announce(Started(self._experiment, self._directory.path, self._trainer.seen, total))
        self._began = time.monotonic()
        if not resumed:
            self._trainer.prepare(stop)
            if self._experiment.score.every_epochs:
                self._score("validation")

    def _observe(self, event: Event) -> None:
        """Writes an event down, then tells the others; the time this takes is not training time."""
        self._tally()
        if isinstance(event, Ticked):
            images, seconds = event.row["images"] - self._ticked[0], self._record["seconds"] - self._ticked[1]
            self._ticked = event.row["images"], self._record["seconds"]
            event = Ticked({**event.row, "images_per_second": images / max(seconds, 1e-9)})
            self._directory.append("metrics", event.row)
        elif isinstance(event, Scored):
            columns = {"images": event.images, "split": event.split, "extractor": event.protocol["extractor"]}
            self._directory.append("scores", {**columns, "samples": event.protocol["generated"], **event.scores})
        self._announce(event)
        self._began = time.monotonic()

    def _announce(self, event: Event) -> None:
        """Tells every observer; one that fails is dropped with a note and changes nothing."""
        for observer in list(self._observers):
            try:
                observer(event)
            except Exception as error:  # whatever a mirror does, the run goes on
                self._observers.remove(observer)
                name = type(observer).__name__
                print(f"note: {name} stopped watching: {error}", file=sys.stderr)

    def _score(self, split: str) -> None:
        """Scores the generator as it is and draws a grid; the time this takes is not training time.

        Raises Diverged instead of scoring a generator whose weights are no longer numbers.
        """
        self._tally()
        if trouble := self._trainer.trouble({}):
            raise Diverged(trouble)
        if self._scorer:
            count = self._scorer.sample_count(split)
            noise = _evaluation_noise(self._experiment)
            images = sample(self._trainer.players.kept, self._experiment.latent, count, noise)
            scores, protocol = self._scorer.score(images, split, count)
            if self._trainer.done:
                self._record |= {"scores": scores, "protocol": protocol}
            self._observe(Scored(self._trainer.seen, split, scores, protocol))
        self._draw()
        self._began = time.monotonic()

    def _draw(self) -> None:
        noise = stream(self._experiment.seed, "evaluation", "grid")
        count = self._experiment.tracking.grid
        images = sample(self._trainer.players.kept, self._experiment.latent, count, noise)
        name = "final" if self._trainer.done else f"{self._trainer.seen:09d}"
        path = self._directory.samples / f"{name}.png"
        write_grid(images, path)
        self._observe(Sampled(self._trainer.seen, path))

    def _keep(self) -> None:
        self._tally()
        self._record["digest"] = checkpoint.save(self._directory.checkpoint, self._trainer.state_dict())
        self._write("running")
        self._began = time.monotonic()

    def _tally(self) -> None:
        """Adds the training time since the last tally to the record."""
        now = time.monotonic()
        self._record["seconds"] += now - self._began
        self._record["images"] = self._trainer.seen
        self._record["images_per_second"] = self._trainer.seen / max(self._record["seconds"], 1e-9)
        self._began = now

    def _finish(self) -> None:
        self._keep()
        self._score(self._experiment.score.split)
        weights = self._trainer.players.kept.state_dict()
        weights = {name: tensor.cpu().contiguous() for name, tensor in weights.items()}
        write_atomically(self._directory.weights, lambda file: file.write(to_safetensors(weights)))
        self._write("finished")
        self._announce(Ended(self._record))

    def _close(self, status: str, failure: str | None) -> None:
        self._tally()
        self._record["failure"] = failure
        self._write(status)
        self._announce(Ended(self._record))

    def _close_failed(self, error: Exception) -> None:
        """Records a failure as far as it can be: the disk that failed the run may refuse this too."""
        try:
            self._close("failed", str(error) or type(error).__name__)
        except DcganError as second:
            print(f"note: the failure could not be recorded: {second}", file=sys.stderr)

    def _write(self, status: str) -> None:
        self._record["status"] = status
        self._directory.write_record(self._record)
