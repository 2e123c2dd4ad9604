"""The runs there are: their state, what tells them apart, whose they are, and the disk they take."""

from __future__ import annotations

from dcgan.common import paths
from dcgan.common.files import locked
from dcgan.experiment import Experiment
from dcgan.runs.inventory import STATES, Belonging, KeptRun, differing, size_of, take
from tests.kept_runs import keep_run, plan_of


def _taken() -> dict[str, KeptRun]:
    return {run.id: run for run in take(paths.runs(), paths.studies()).runs}


def test_the_state_tells_a_run_at_work_from_one_that_was_interrupted(tiny: Experiment) -> None:
    finished = keep_run(tiny)
    begun = keep_run(tiny.with_seed(1), status="running")
    damaged = keep_run(tiny.with_seed(2))
    (damaged.path / "run.json").write_text("{")
    new = keep_run(tiny.with_seed(3))
    (new.path / "run.json").unlink()
    failed = keep_run(tiny.with_seed(4), status="failed")
    states = {run: kept.state for run, kept in _taken().items()}
    expected = ["finished", "interrupted", "damaged", "not begun", "failed"]
    assert [states[each.path.name] for each in (finished, begun, damaged, new, failed)] == expected
    with locked(begun.path / ".lock", wait=True):
        assert _taken()[begun.path.name].state == "running"
    assert {*expected, "running"} < set(STATES)


def test_a_run_belongs_to_every_study_that_planned_it(tiny: Experiment) -> None:
    one, other = keep_run(tiny), keep_run(tiny.with_seed(1))
    plan_of("first", baseline=one, ema=other)
    plan_of("second", bare=one)
    taken = _taken()
    assert taken[one.path.name].belongs == (Belonging("first", "baseline", 0), Belonging("second", "bare", 0))
    assert taken[other.path.name].belongs == (Belonging("first", "ema", 0),)


def test_a_plan_that_cannot_be_read_is_named_and_hides_no_run(tiny: Experiment) -> None:
    run = keep_run(tiny)
    plan_of("lost", baseline=run)
    (paths.studies() / "lost" / "plan.json").write_text("{")
    runs, unread, _ = take(paths.runs(), paths.studies())
    assert [each.id for each in runs] == [run.path.name]
    (trouble,) = unread
    assert "lost/plan.json" in trouble


def test_settings_differ_but_for_seeds_names_and_places(tiny: Experiment) -> None:
    keep_run(tiny)
    keep_run(tiny.with_({"seed": 1, "name": "other", "tracking.grid": 9, "compute.threads": 2}))
    assert list(differing(_taken().values())) == []
    keep_run(tiny.with_({"optimizer.generator.lr": 0.1, "update.batch": 10}))
    assert set(differing(_taken().values())) == {"optimizer.generator.lr", "update.batch"}


def test_settings_are_those_of_the_file_with_the_runs_own_seed(tiny: Experiment) -> None:
    for seed in (0, 7):
        keep_run(tiny.with_seed(seed))
    assert sorted(run.settings["seed"] for run in _taken().values()) == [0, 7]
    assert {run.settings["update.batch"] for run in _taken().values()} == {20}


def test_what_another_machine_told_of_is_listed_without_settings(tiny: Experiment) -> None:
    run = keep_run(tiny)
    (run.path / "experiment.yaml").unlink()
    (kept,) = _taken().values()
    assert (kept.settings, kept.state, kept.name) == ({}, "finished", "tiny")
    assert not list(differing([kept]))


def test_the_size_is_that_of_all_files(tiny: Experiment) -> None:
    run = keep_run(tiny, checkpoint=1000, weights=500)
    run.samples.mkdir()
    (run.samples / "final.png").write_bytes(bytes(30))
    described = sum((run.path / name).stat().st_size for name in ("experiment.yaml", "run.json"))
    assert next(iter(_taken().values())).size == 1530 + described
    assert size_of(run.path / "nothing") == 0


def test_no_run_is_no_error() -> None:
    assert take(paths.runs(), paths.studies()) == ([], [], {})
