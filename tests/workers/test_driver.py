"""The driver leads a sweep through its stages, whoever trains the trials: here nobody does."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from dcgan.common.errors import DcganError, Interrupted
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep as sweeps
from dcgan.workers.driver import Driver
from dcgan.workers.launchers import Detached, Job, Launcher
from tests.study.recorded import write_run
from tests.study.tunings import G

pytestmark = pytest.mark.usefixtures("shared_extractor")


def _finishes(trial: Trial) -> dict[str, Any]:
    return {"status": "finished", "scores": {"fid": 40.0 if "batch_norm" in trial.arm else 80.0}}


@dataclass(frozen=True)
class Pretending(Launcher):
    """Ends every trial of a study as it is told, and remembers the studies and how many workers each was given."""

    ends: Callable[[Trial], dict[str, Any]] = _finishes
    interruption: Interrupted | None = None
    launched: list[tuple[str, int]] = field(default_factory=list)

    def usual_workers(self, plan: Plan, waiting: int) -> int:
        return min(3, waiting)

    def launch(self, job: Job) -> list[str]:
        self.launched.append((job.plan.study, job.workers))
        if self.interruption:
            raise self.interruption
        while True:
            with job.queue.claim() as claim:
                if claim is None:
                    return ["worker 2 ended with exit code 1"]
                run = write_run(claim.trial, **self.ends(claim.trial))
                record = run.record()
                assert record is not None
                job.queue.settle(claim, record)


@contextlib.contextmanager
def _unwatched(_plan: Plan, _workers: int, _elsewhere: object) -> Iterator[None]:
    yield


def test_what_is_left_is_trained_and_nothing_twice(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    sweep, launcher = sweeps.load(write_sweep(seeds=1)), Pretending()
    standing = Driver(launcher).run(sweep, _unwatched)
    assert (standing.complete, standing.counts["finished"]) == (True, 3)
    assert "note: worker 2 ended with exit code 1" in capsys.readouterr().err
    assert Driver(launcher).run(sweep, _unwatched).complete
    assert launcher.launched == [("small", 3)], "nothing was left the second time"
    longer = sweeps.load(write_sweep(seeds=2))
    assert Driver(launcher, workers=2).run(longer, _unwatched).counts["finished"] == 6
    assert launcher.launched[1:] == [("small", 2)]


def test_the_stages_follow_each_other_and_the_last_has_what_was_tuned(write_sweep: Any) -> None:
    sweep = sweeps.load(write_sweep(seeds=1, factors=["batch_norm"], tune={"paths": [G], "trials": 2}))
    launcher = Pretending(lambda trial: {"status": "finished", "scores": {"fid": 1.0 if "@2" in trial.arm else 9.0}})
    standing = Driver(launcher).run(sweep, _unwatched)
    assert [study for study, _ in launcher.launched] == ["small-tuning", "small"]
    assert standing.plan.study == "small"
    assert standing.plan.tuned is not None
    assert {choice.candidate for choice in standing.plan.tuned.arms.values()} == {2}


def test_a_tuning_with_trials_left_keeps_the_study_from_beginning(write_sweep: Any) -> None:
    @dataclass(frozen=True)
    class Half(Pretending):
        """Leaves all trials but the first."""

        def launch(self, job: Job) -> list[str]:
            self.launched.append((job.plan.study, job.workers))
            with job.queue.claim() as claim:
                assert claim is not None
                record = write_run(claim.trial, **_finishes(claim.trial)).record()
                assert record is not None
                job.queue.settle(claim, record)
            return []

    sweep, launcher = sweeps.load(write_sweep(seeds=1, tune={"paths": [G], "trials": 2})), Half()
    standing = Driver(launcher).run(sweep, _unwatched)
    assert [study for study, _ in launcher.launched] == ["small-tuning"]
    assert (standing.plan.study, standing.over) == ("small-tuning", False)


def test_a_study_of_which_nothing_finished_names_the_first_failure(write_sweep: Any) -> None:
    sweep = sweeps.load(write_sweep(seeds=1))
    launcher = Pretending(lambda _: {"status": "failed", "failure": "no images"})
    with pytest.raises(DcganError, match=r"^study 'small': no trial finished; arm '.*', seed 0 failed: no images$"):
        Driver(launcher).run(sweep, _unwatched)


def test_an_interruption_says_that_nothing_is_lost_and_a_detachment_how_to_come_back(write_sweep: Any) -> None:
    sweep = sweeps.load(write_sweep(seeds=1))
    with pytest.raises(Interrupted, match="nothing is lost, type the same command again"):
        Driver(Pretending(interruption=Interrupted("stopped"))).run(sweep, _unwatched)
    with pytest.raises(Detached, match="^attach again with this$"):
        Driver(Pretending(interruption=Detached("attach again with this"))).run(sweep, _unwatched)
