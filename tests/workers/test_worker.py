"""The worker on real, tiny trials."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import pytest
from optuna.trial import TrialState

from dcgan.common.errors import Interrupted, Misuse
from dcgan.common.files import read_json
from dcgan.queue import Queue, remote_runs
from dcgan.queue.study_extractor import extractors_of
from dcgan.records.run_record import RunRecord
from dcgan.runs import environment
from dcgan.runs.directory import RunDirectory
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep
from dcgan.training.events import Event, Observer, Ticked
from dcgan.workers import worker
from tests.workers.trained_runs import TrainedRuns

pytestmark = pytest.mark.usefixtures("shared_extractor")


def _plan(write_sweep: Any, name: str = "small", **keys: Any) -> Plan:
    plan = planning.make(sweep.load(write_sweep(name, **keys)))
    stored_plans.write(plan)
    return plan


def _work(plan: Plan, runs: TrainedRuns, stop: worker.Stop = lambda: False) -> list[RunRecord]:
    queue = Queue(plan)
    queue.fill(outcome_of)
    outcomes: list[RunRecord] = []
    worker.work(
        plan, queue, threads=1, stop=stop, observers_of=runs, on_end=lambda _trial, outcome: outcomes.append(outcome)
    )
    return outcomes


@pytest.mark.slow
def test_every_trial_once_then_never_again(write_sweep: Any) -> None:
    plan = _plan(write_sweep, factors=["batch_norm"])
    worker.prepare(plan, extractors_of(plan, None))
    runs = TrainedRuns()
    outcomes = _work(plan, runs)
    assert [outcome.status for outcome in outcomes] == ["finished"] * 4
    assert runs.trained == [trial.run for trial in plan.trials]
    table = (plan.directory / "trials.csv").read_bytes()
    assert table.count(b"finished") == 4

    (plan.directory / "optuna.journal").unlink()  # files are the truth
    assert _work(plan, runs) == []
    assert len(runs.trained) == 4
    assert (plan.directory / "trials.csv").read_bytes() == table


def test_a_lost_queue_goes_on_where_the_runs_are(write_sweep: Any) -> None:
    plan = _plan(write_sweep, factors=["batch_norm"])
    runs = TrainedRuns()
    with pytest.raises(Interrupted):
        _work(plan, runs, stop=lambda: len(runs.trained) == 3)
    (plan.directory / "optuna.journal").unlink()
    _work(plan, runs)
    finished = [trial for trial in plan.trials if outcome_of(trial).status == "finished"]
    assert len(finished) == 4
    attempts = [read_json(RunDirectory.of(trial.experiment).path / "run.json")["attempts"] for trial in finished]
    assert sum(attempts) == len(runs.trained) <= 5, "only the interrupted trial was begun twice"


@pytest.mark.slow
def test_an_arm_that_two_studies_share_is_trained_once(write_sweep: Any) -> None:
    runs = TrainedRuns()
    first = _plan(write_sweep, "first", factors=["batch_norm"], seeds=1)
    second = _plan(write_sweep, "second", factors=[{"path": "latent.dim", "levels": [8, 4]}, "batch_norm"], seeds=1)
    _work(first, runs)
    outcomes = _work(second, runs)
    assert len(outcomes) == 1, "only latent.dim=4 is left: bare and batch_norm are the first study's"
    assert len(runs.trained) == len(set(runs.trained)) == 3


def test_an_interrupted_trial_is_requeued(write_sweep: Any) -> None:
    plan = _plan(write_sweep, factors=["batch_norm"], seeds=1)
    runs = TrainedRuns()
    ticks: list[Event] = []

    def observers_of(trial: Trial) -> Sequence[Observer]:
        return [*runs(trial), lambda event: ticks.append(event) if isinstance(event, Ticked) else None]

    queue = Queue(plan)
    queue.fill(outcome_of)
    with pytest.raises(Interrupted):
        worker.work(
            plan, queue, threads=1, stop=lambda: bool(runs.trained), observers_of=observers_of, on_end=lambda *_: None
        )
    with queue.claim() as claim:
        assert claim is not None
        assert claim.trial == plan.trials[0]
        queue.release(claim)


def test_a_failure_of_one_arm_does_not_stop_the_others(write_sweep: Any) -> None:
    plan = _plan(write_sweep, factors=["batch_norm"], seeds=1)
    broken = RunDirectory.of(plan.trials[0].experiment)
    broken.path.mkdir(parents=True)
    (broken.path / "run.json").write_text("{")
    outcomes = _work(plan, TrainedRuns())
    assert [outcome.status for outcome in outcomes] == ["failed", "finished"]
    assert "damaged" in outcomes[0].failure


def test_a_run_that_failed_before_it_began_is_trained_by_the_next_attempt(write_sweep: Any) -> None:
    plan = _plan(write_sweep, factors=["batch_norm"], seeds=1)
    remote_runs.record_failure(plan.trials[0], "its worker died twice (last on elsewhere)")
    assert outcome_of(plan.trials[0]).environment == {}
    outcomes = _work(plan, TrainedRuns())
    assert [outcome.status for outcome in outcomes] == ["finished", "finished"]
    assert (outcomes[0].attempts, outcomes[0].earlier_environments) == (1, ())


@pytest.mark.slow
def test_a_trial_that_others_took_is_dropped_and_the_next_one_tried(
    write_sweep: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DCGAN_LEASE", "0.2")
    plan = _plan(write_sweep, factors=["batch_norm"], seeds=1, set={"tracking.tick_images": 100})
    queue, other = Queue(plan), Queue(plan)
    queue.fill()
    stolen: list[int] = []

    def observers_of(_trial: Trial) -> Sequence[Observer]:
        return [steal]

    def steal(event: Event) -> None:
        if isinstance(event, Ticked) and not stolen:
            (trial,) = other._read_entries().in_state(TrialState.RUNNING)
            other._end(trial._trial_id, {"status": "died", "failure": "taken for dead"})
            stolen.append(trial.number)
            time.sleep(1.0)

    outcomes: list[RunRecord] = []
    worker.work(
        plan,
        queue,
        threads=1,
        stop=lambda: False,
        observers_of=observers_of,
        on_end=lambda _, end: outcomes.append(end),
    )
    assert [outcome.status for outcome in outcomes] == ["finished", "finished"]
    states = [trial.state for trial in queue._storage.storage.get_all_trials(queue._key)]
    assert states[stolen[0]] == TrialState.FAIL, "its entry is as the others left it"
    assert len(states) == 3


def test_prepare_refuses_what_would_fail_every_trial(write_sweep: Any) -> None:
    big = {"update.batch": 2000, "budget.images_per_epoch": 5000}
    with pytest.raises(Misuse, match=r"^arm '.*': update.batch=2000 is larger than the training split"):
        plan = _plan(write_sweep, set=big)
        worker.prepare(plan, extractors_of(plan, None))


def test_one_worker_a_core_at_most(write_sweep: Any) -> None:
    plan = _plan(write_sweep)
    assert worker.usual_workers(plan, 1) == 1
    assert worker.usual_workers(plan, 1000) == environment.cores()
