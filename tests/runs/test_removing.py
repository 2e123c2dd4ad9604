"""What is removed is needed no more, and nothing of a run that is trained goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import locked
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.inventory import take
from dcgan.runs.removing import Removal, free, removable
from dcgan.runs.run import run_trial
from dcgan.runs.samples import generate
from tests.kept_runs import keep_run, plan_of


def _removals() -> list[Removal]:
    return removable(take(paths.runs(), paths.studies()).runs)


def _paths(removals: list[Removal]) -> set[Path]:
    return {removal.path for removal in removals}


def test_the_rule(tiny: Experiment) -> None:
    finished = keep_run(tiny, checkpoint=1000, weights=500)
    (finished.path / ".checkpoint.pt.k1x2").write_bytes(bytes(10))
    keep_run(tiny.with_seed(1), checkpoint=1000)  # finished, but its generator is only in the checkpoint
    keep_run(tiny.with_seed(2), checkpoint=1000, status="running")
    keep_run(tiny.with_seed(3), checkpoint=1000, status="diverged")
    keep_run(tiny.with_seed(4), checkpoint=1000, status="pruned")
    failed = keep_run(tiny.with_seed(5), checkpoint=1000, status="failed")
    planned = keep_run(tiny.with_seed(6), checkpoint=1000, status="failed")
    plan_of("study", baseline=planned)
    damaged = keep_run(tiny.with_seed(7), checkpoint=1000, weights=500)
    (damaged.path / "run.json").write_text("{")
    removals = _removals()
    assert _paths(removals) == {finished.checkpoint, finished.path / ".checkpoint.pt.k1x2", failed.path}
    assert {removal.path: removal.size for removal in removals}[finished.checkpoint] == 1000
    assert _paths(free(removals, paths.studies())) == _paths(removals)
    assert not _removals()
    assert planned.checkpoint.exists() and finished.weights.exists() and not failed.path.exists()


def test_a_run_that_is_trained_meanwhile_keeps_everything(tiny: Experiment) -> None:
    held = keep_run(tiny, checkpoint=1000, weights=500)
    again = keep_run(tiny.with_seed(1), status="failed")
    removals = _removals()
    assert len(removals) == 2
    keep_run(tiny.with_seed(1), status="running")  # its command was typed again, and was interrupted
    with locked(held.path / ".lock", wait=True):
        assert free(removals, paths.studies()) == []
    assert held.checkpoint.exists() and again.path.exists()


def test_a_failed_run_that_a_study_plans_before_the_answer_stays(tiny: Experiment) -> None:
    planned, other = (keep_run(tiny.with_seed(seed), status="failed") for seed in (1, 2))
    removals = _removals()
    plan_of("study", baseline=planned)
    assert _paths(free(removals, paths.studies())) == {other.path}
    assert planned.path.exists() and not other.path.exists()
    assert free(removals, paths.studies()) == [] and not other.path.exists()
    (paths.studies() / "study" / "plan.json").write_text("{")
    with pytest.raises(DcganError, match="until then it is not known which runs are needed"):
        free(removals, paths.studies())


@pytest.mark.usefixtures("shared_extractor")
def test_a_pruned_run_is_still_finished_sampled_and_known_by_its_scores(tiny: Experiment) -> None:
    experiment = tiny.with_({"score.extractor": "classifier"})
    record = run_trial(experiment)
    images = generate(record.id, 4)
    (removal,) = free(_removals(), paths.studies())
    assert removal.path == RunDirectory.of(experiment).checkpoint and removal.size > 10_000
    assert generate(record.id, 4).equal(images)
    assert run_trial(experiment) == record
