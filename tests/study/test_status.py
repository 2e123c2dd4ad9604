"""How a study stands: counts that add up, and only a held run is running."""

from __future__ import annotations

from typing import Any

from dcgan.study.status import Overview, progress
from tests.study.recorded import stored_plan, write_run


def test_counts_add_up_and_only_a_held_run_is_running(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep)
    first, second, third, _ = plan.trials
    write_run(first, status="finished", scores={"fid": 1.0})
    run = write_run(second, status="running", images=20)
    write_run(third, status="running")  # its worker died
    run.append("metrics", {"images": 50})
    run.append("scores", {"images": 0, "fid": 500.0})
    assert progress(second, 20, "fid").score is None, "the untrained network's is no score of the run"
    run.append("scores", {"images": 50, "fid": 7.5})
    overview = Overview(plan)
    with run.held(lambda: False):
        standing = overview.look()
    assert standing.to_json() == {
        "study": "small",
        "planned": 4,
        "running": 1,
        "finished": 1,
        "failed": 0,
        "diverged": 0,
        "pruned": 0,
        "waiting": 2,
        "skipped": 0,
    }
    assert [(each.trial, each.images, each.score) for each in standing.running] == [(second, 50, 7.5)]
    assert standing.running[0].share == 0.25
    assert not standing.complete
    assert overview.look().counts["running"] == 0
    assert standing.line() == "1 of 4 trials finished, 1 running, 2 waiting"


def test_trials_that_go_on_where_they_stopped_are_told_from_those_not_begun(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep)
    first, second, third, _ = plan.trials
    write_run(first, status="running", images=20)
    write_run(second, status="running", images=0)  # stopped before its first checkpoint
    overview = Overview(plan)
    assert (
        overview.look().line()
        == "0 of 4 trials finished, 4 waiting; 1 of those waiting goes on where it stopped (at 20 of 200 images)"
    )
    write_run(third, status="running", images=120)
    told = "; 2 of those waiting go on where they stopped (at 20 of 200 to 120 of 200 images)"
    assert overview.look().line() == f"0 of 4 trials finished, 4 waiting{told}"


def test_a_table_of_infinities_says_nothing_of_how_far_a_run_is(write_sweep: Any) -> None:
    trial = stored_plan(write_sweep).trials[0]
    trial.directory.path.mkdir(parents=True, exist_ok=True)
    (trial.directory.path / "metrics.csv").write_text("images\n1e999\n")
    (trial.directory.path / "scores.csv").write_text("images,fid\n1e999,3\n")
    found = progress(trial, 40, "fid")
    assert (found.images, found.score) == (40, None)
