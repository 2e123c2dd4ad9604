"""One trial from description to record: train (or go on training), score, keep. Commands and studies call it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import torch
from safetensors.torch import save as to_safetensors

from dcgan.common.errors import DcganError, Interrupted, NoRoom
from dcgan.common.files import locked, remove_left_over, write_atomically
from dcgan.common.messages import note
from dcgan.common.metrics import ALONG
from dcgan.common.rng import stream
from dcgan.common.url_text import without_passwords
from dcgan.experiment import Experiment
from dcgan.experiment.sections import Data, Score
from dcgan.records.run_record import Environment, RunRecord, SplitScores, Status, begun
from dcgan.runs import environment
from dcgan.runs.directory import LOCK, RunDirectory
from dcgan.runs.evaluation import Evaluation, curve
from dcgan.runs.settling import loaded, settled_run
from dcgan.scoring import Scorer
from dcgan.scoring.artefact import Artefact
from dcgan.training import checkpoint
from dcgan.training.events import Ended, Event, Observer, Sampled, Scored, Started, Ticked
from dcgan.training.loop import Diverged, EndedEarly, Prune, train
from dcgan.training.sampling import sample, write_grid
from dcgan.training.trainer import Trainer, check_batch


def run_trial(
    experiment: Experiment,
    *,
    observers: Sequence[Observer] = (),
    stop: Callable[[], bool] = lambda: False,
    prune: Prune = lambda: None,
    extractor: Artefact | None = None,
) -> RunRecord:
    """Trains and scores the run of `experiment`, or what is left of it, and returns its record (run.json).

    It is scored with the study's `extractor`, or with this machine's own.

    A run that is over is not trained again. If another process is at it, waits for that one. Where `prune` gives a
    reason, it ends as pruned, without final scores. Raises Misuse before anything is written if the experiment does
    not fit its data, Interrupted when `stop` says so, and DcganError for failures, which are recorded as such.
    """
    experiment = settled_run(experiment)
    directory = RunDirectory.of(experiment)
    record = directory.record()
    if record and record.is_over:
        return record
    device = environment.choose_device(experiment.compute.device)
    environment.configure(experiment.compute, device, record)
    dataset = loaded(experiment.data, device)
    check_batch(experiment, len(dataset.images["train"]))
    unscored = experiment.score.extractor == "none"
    scorer = None if unscored else scorer_for(experiment.score, experiment.data, device, extractor)
    with directory.held(stop) as is_there:
        record = directory.record()
        if record and record.is_over:
            return record
        evaluation = Evaluation(experiment, scorer) if scorer else None
        trainer = Trainer(experiment, dataset.images["train"])
        trial = _Trial(experiment, directory, is_there, trainer, evaluation=evaluation, observers=observers)
        return trial.run(record, environment.describe(device, experiment.compute), stop, prune)


@lru_cache(maxsize=1)
def scorer_for(score: Score, chosen: Data, device: torch.device, extractor: Artefact | None) -> Scorer:
    """What judges the runs of that data set, kept from trial to trial."""
    return Scorer.prepare(score, loaded(chosen, device), device, extractor)


class _Trial:
    """A run being made: its trainer, its directory, its record, and those who watch."""

    def __init__(
        self,
        experiment: Experiment,
        directory: RunDirectory,
        is_there: Callable[[], bool],
        trainer: Trainer,
        *,
        evaluation: Evaluation | None,
        observers: Sequence[Observer],
    ) -> None:
        self._experiment = experiment
        self._directory = directory
        self._is_there = is_there  # whether the directory is still the one that is held
        self._trainer = trainer
        self._evaluation = evaluation
        self._observers = list(observers)
        self._record = RunRecord(id=experiment.id, status="running")
        self._began = time.monotonic()
        self._paused = False
        self._ticked = (0.0, 0.0)  # images and training seconds at the last tick

    def run(self, before: RunRecord | None, where: Environment, stop: Callable[[], bool], prune: Prune) -> RunRecord:
        """Trains, scores and records; see `run_trial`."""
        for folder in (self._directory.path, self._directory.samples):
            remove_left_over(folder)
        self._directory.describe(self._experiment)
        self._record = begun(self._experiment.id, self._experiment.name, self._experiment.seed, before, where)
        self._write("running")
        try:
            self._resume_or_begin(stop)
            train(
                self._experiment,
                self._trainer,
                observe=self._observe,
                score=self._score,
                checkpoint=self._keep,
                stop=stop,
                prune=prune,
            )
            self._finish()
        except EndedEarly as outcome:
            self._close(outcome.status, str(outcome))
        except Interrupted:
            self._close("running", None)
            raise
        except NoRoom:  # says nothing about the run, which goes on when there is some
            with contextlib.suppress(NoRoom):
                self._close("running", None)
            raise
        except Exception as error:
            if not self._is_there():  # whatever it was that failed for want of it
                self._close_removed()
                raise self._removed() from error
            self._close_failed(error)
            raise
        return self._record

    def _resume_or_begin(self, stop: Callable[[], bool]) -> None:
        """Goes on from the checkpoint; without one begins, with a first score of the generator as it is."""
        resumed = self._directory.checkpoint.exists()
        if resumed:
            self._trainer.load_state_dict(checkpoint.load(self._directory.checkpoint))
        else:
            self._update(seconds=0.0, scoring_seconds=0.0)
        self._ticked = self._trainer.seen, self._record.seconds
        self._directory.rewind(self._trainer.seen if resumed else -1, scored=not self._trainer.done)
        total = self._experiment.budget.images
        self._announce(Started(self._experiment, self._directory.path, self._trainer.seen, total))
        self._began = time.monotonic()
        if not resumed:
            self._trainer.prepare(stop)
            if self._experiment.score_period:
                self._score()

    def _observe(self, event: Event) -> None:
        """Writes an event down, then tells the others; the time this takes is not training time."""
        self._check_directory()
        self._tally()
        if isinstance(event, Ticked):
            images, seconds = event.row["images"] - self._ticked[0], self._record.seconds - self._ticked[1]
            self._ticked = event.row["images"], self._record.seconds
            event = Ticked({**event.row, "images_per_second": images / max(seconds, 1e-9)})
            self._directory.append("metrics", event.row)
        elif isinstance(event, Scored):
            columns = {"images": event.images, "split": event.split, "extractor": event.protocol.extractor}
            usual = {name: event.scores.get(name) for name in ALONG}  # the rest is in run.json
            how = {"samples": event.protocol.generated, "protocol": event.protocol.key}
            self._directory.append("scores", {**columns, **how, **usual})
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
                note(f"{name} stopped watching: {error}")

    def _score(self) -> None:
        """Scores the generator as it is against the validation split and draws a grid."""
        with self._aside():
            if self._evaluation:
                self._tell([self._evaluation.along(self._trainer.players.evaluation_generator)])
            self._draw()

    def _score_at_the_end(self) -> None:
        """The scores that are reported, those against the other split, and what the curve came to."""
        with self._aside():
            if self._evaluation:
                if self._experiment.score_period:
                    self._tell([self._evaluation.along(self._trainer.players.evaluation_generator)])
                final = self._evaluation.at_the_end(self._trainer.players.evaluation_generator)
                self._tell(final)
                self._record = self._record.with_scores(*final)
                self._update(curve=curve(self._directory.rows("scores")))
            self._draw()

    @contextlib.contextmanager
    def _aside(self) -> Iterator[None]:
        """For scoring: the time it takes is not training time.

        Raises Diverged instead for a generator whose weights are no longer numbers.
        """
        self._tally()
        if trouble := self._trainer.divergence({}):
            raise Diverged(trouble)
        began = time.monotonic()
        self._paused = True
        try:
            yield
        finally:
            self._paused = False
            self._began = time.monotonic()
            self._update(scoring_seconds=self._record.scoring_seconds + self._began - began)

    def _tell(self, scores: Sequence[SplitScores]) -> None:
        for of in scores:
            self._observe(Scored(self._trainer.seen, of.split, of.scores, of.protocol))

    def _draw(self) -> None:
        noise = stream(self._experiment.seed, "evaluation", "grid")
        count = self._experiment.tracking.grid
        images = sample(self._trainer.players.evaluation_generator, self._experiment.latent, count, noise)
        name = "final" if self._trainer.done else f"{self._trainer.seen:09d}"
        self._check_directory()
        path = self._directory.place(f"samples/{name}.png")
        write_grid(images, path)
        self._observe(Sampled(self._trainer.seen, path))

    def _keep(self) -> None:
        self._check_directory()
        self._tally()
        self._directory.sync_tables()
        self._update(digest=checkpoint.save(self._directory.checkpoint, self._trainer.state_dict()))
        self._write("running")
        self._began = time.monotonic()

    def _tally(self) -> None:
        """Adds the training time since the last tally to the record."""
        now = time.monotonic()
        seconds = self._record.seconds + (0.0 if self._paused else now - self._began)
        images = self._trainer.seen
        self._update(seconds=seconds, images=images, images_per_second=images / max(seconds, 1e-9))
        self._began = now

    def _finish(self) -> None:
        self._keep()
        self._score_at_the_end()
        weights = self._trainer.players.evaluation_generator.state_dict()
        weights = {name: tensor.cpu().contiguous() for name, tensor in weights.items()}
        write_atomically(self._directory.weights, lambda file: file.write(to_safetensors(weights)))
        self._write("finished")
        self._announce(Ended(self._record))

    def _close(self, status: Status, failure: str | None) -> None:
        self._tally()
        self._update(failure=failure)
        self._write(status)
        self._announce(Ended(self._record))

    def _check_directory(self) -> None:
        """Raises DcganError once the directory was removed: what is written from then on would be a torn run."""
        if not self._is_there():
            raise self._removed()

    def _removed(self) -> DcganError:
        return DcganError(f"{self._directory.path} was removed while the run trained")

    def _close_removed(self) -> None:
        """Records that a run's directory was removed, unless another process has made it anew for the same run."""
        with contextlib.suppress(DcganError), locked(self._directory.path / LOCK, wait=False) as free:
            if free and self._directory.record() is None:
                self._directory.describe(self._experiment)
                self._update(status="failed", failure=str(self._removed()))
                self._directory.write_record(self._record)
                self._announce(Ended(self._record))

    def _close_failed(self, error: Exception) -> None:
        """Records a failure as far as it can be: the disk that failed the run may refuse this too."""
        try:
            self._close("failed", without_passwords(str(error)) or type(error).__name__)
        except DcganError as second:
            note(f"the failure could not be recorded: {second}")

    def _write(self, status: Status) -> None:
        self._check_directory()
        self._update(status=status)
        self._directory.write_record(self._record)

    def _update(self, **values: Any) -> None:
        self._record = replace(self._record, **values)
