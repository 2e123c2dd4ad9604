"""A study followed from its run directories: what is new is seen, what is gone is gone, and without a database nothing is written."""

from __future__ import annotations

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.dashboards import followed_study
from dcgan.dashboards.followed_study import FollowedStudy
from dcgan.queue.search_queue import SearchQueue
from dcgan.runs.directory import RunDirectory
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.tracking.rows import Row, rows
from tests.dashboards.conftest import begun, finish, go_on
from tests.study.recorded import written_plan


@pytest.fixture(autouse=True)
def _every_look_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_study, "SECONDS", 0.0)


def _images(followed: FollowedStudy, name: str) -> list[int]:
    return [row.images for row in followed.look().runs[name].rows]


def test_a_run_that_grows_is_seen_and_one_that_was_rewound_shows_no_point_twice(plan: Plan) -> None:
    followed = FollowedStudy("small", None)
    assert followed.look().runs == {}
    trial = plan.trials[0]
    name = f"{trial.arm}/s{trial.seed}"
    run = begun(trial, 50)
    assert _images(followed, name) == [50]
    go_on(run, 100, fid=90.0)
    go_on(run, 150)
    assert _images(followed, name) == [50, 100, 150]
    assert followed.look().runs[name].rows[1].values == {"loss_d": 1.1, "lr_d": 0.001, "validation/fid": 90.0}
    assert list(followed.look().runs[name].grids) == [50, 100, 150]
    run.rewind(100)
    (run.samples / "000000150.png").unlink()
    assert _images(followed, name) == [50, 100]
    go_on(run, 150, fid=80.0)
    assert _images(followed, name) == [50, 100, 150]
    assert _images(FollowedStudy("small", None), name) == [50, 100, 150]


def test_a_run_that_did_not_change_is_not_read_again(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = plan.trials[:2]
    begun(first, 50)
    growing = begun(second, 50)
    read = []

    def counted(run: RunDirectory, **asked: Any) -> list[Row]:
        read.append(run.path.name)
        return rows(run, **asked)

    monkeypatch.setattr(followed_study, "rows", counted)
    followed = FollowedStudy("small", None)
    assert sorted(read) == sorted([first.run, second.run])
    followed.look()
    go_on(growing, 100)
    followed.look()
    followed.look()
    assert read[2:] == [second.run]


def test_within_a_second_the_last_look_is_given(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_study, "SECONDS", 3600.0)
    followed = FollowedStudy("small", None)
    first = followed.look()
    begun(plan.trials[0], 50)
    assert followed.look() is followed.look() is not None
    monkeypatch.setattr(followed_study, "SECONDS", 0.0)
    assert first.runs == {} and len(followed.look().runs) == 1


def test_a_plan_with_more_seeds_is_taken_up(plan: Plan) -> None:
    followed = FollowedStudy("small", None)
    assert len(followed.look().plan.trials) == 6
    more = planning.make(plan.sweep.model_copy(update={"seeds": (0, 1, 2, 3)}))
    stored_plans.write(more)
    assert len(followed.look().plan.trials) == 8
    begun(next(trial for trial in more.trials if trial.seed == 3), 50)
    assert [name.partition("/")[2] for name in followed.look().runs] == ["s3"]


def test_a_search_that_grows_is_followed(write_sweep: Any) -> None:
    ranged = {"path": "optimizer.generator.lr", "range": [1e-5, 1e-3], "log": True}
    search = {"sampler": "random", "trials": 8, "pruner": "none"}
    plan = written_plan(write_sweep, factors=[ranged], design={"search": search})
    followed = FollowedStudy(plan.study, None)
    assert len(followed.look().plan.arms) == 1
    with SearchQueue(plan, None).claim() as first, SearchQueue(plan, None).claim() as claim:
        assert first is not None and first.trial.arm == plan.baseline
        assert claim is not None
        begun(claim.trial, 50)
        look = followed.look()
    assert len(look.plan.arms) == 2
    [name] = look.runs
    assert name == f"{look.plan.label(claim.trial.arm)}/s{claim.trial.seed}"


def test_what_ended_is_known_by_how_it_ended(plan: Plan) -> None:
    followed = FollowedStudy("small", None)
    trial = plan.trials[0]
    begun(trial, 50)
    assert followed.look().ended == frozenset()
    finish(trial, 70.0)
    first = followed.look().ended
    assert [run for run, _ in first] == [trial.run]
    finish(plan.trials[1], 70.0, status="failed", failure="no room", scores={})
    second = followed.look().ended
    finish(plan.trials[1], 60.0, attempts=2)
    assert len({first, second, followed.look().ended}) == 3


def test_a_run_that_is_scored_again_has_its_new_scores(plan: Plan) -> None:
    trial = plan.trials[0]
    finish(trial, 70.0)
    followed = FollowedStudy("small", None)
    assert followed.look().standing.outcomes[trial.run].scores == {"fid": 70.0}
    before = followed.look().ended
    finish(trial, 65.25)
    assert followed.look().standing.outcomes[trial.run].scores == {"fid": 65.25}
    assert followed.look().ended != before


def test_damaged_files_are_told_once_and_the_others_are_shown(plan: Plan, capsys: pytest.CaptureFixture[str]) -> None:
    good, torn, odd, gone = plan.trials[:4]
    begun(good, 50)
    (begun(torn, 50).path / "run.json").write_text('{"id": ')
    (begun(odd, 50).path / "metrics.csv").write_text("images,loss_d\nmany,1\n")
    run = begun(gone, 50)
    followed = FollowedStudy("small", None)
    shutil.rmtree(run.path)
    for _ in range(3):
        look = followed.look()
    assert look.standing.outcomes[torn.run].status == "failed"
    assert "damaged" in look.standing.outcomes[torn.run].failure
    assert look.runs[f"{odd.arm}/s{odd.seed}"].rows == ()
    assert len(look.runs[f"{good.arm}/s{good.seed}"].rows) == 1
    assert f"{gone.arm}/s{gone.seed}" not in look.runs
    told = capsys.readouterr().err
    assert told.count("its tables cannot be read") == 1 and odd.run in told


def test_a_plan_that_is_damaged_while_it_is_shown_leaves_the_last_look(
    plan: Plan, capsys: pytest.CaptureFixture[str]
) -> None:
    followed = FollowedStudy("small", None)
    file = plan.directory / "plan.json"
    kept = file.read_text()
    file.write_text("{")
    assert len(followed.look().plan.trials) == 6
    assert len(followed.look().plan.trials) == 6
    assert capsys.readouterr().err.count("plan.json") == 1
    file.write_text(kept)
    begun(plan.trials[0], 50)
    assert len(followed.look().runs) == 1


def test_looking_writes_nothing(plan: Plan) -> None:
    begun(plan.trials[0], 50)
    finish(plan.trials[1], 70.0)

    def files() -> dict[Path, Any]:
        return {path: path.read_bytes() for path in plan.directory.parent.parent.rglob("*") if path.is_file()}

    FollowedStudy("small", None).look()
    before = files()
    FollowedStudy("small", None).look()
    assert files() == before


def test_an_unknown_study_is_refused_with_the_closest_name(plan: Plan) -> None:
    with pytest.raises(Misuse, match="small"):
        FollowedStudy("smal", None)


@pytest.mark.slow
def test_trials_of_machines_that_share_no_folder_are_seen(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Any
) -> None:
    from dcgan.queue import Queue
    from tests.tiny import PROTOCOL, record

    url = postgres.new_database("followed")
    Queue(plan, url).fill()
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "elsewhere"))
    there = replace(plan)
    stored_plans.write(there)
    queue = Queue(there, url)
    with queue.claim() as claim:
        assert claim is not None
        queue.settle(claim, record(claim.trial, scores={"fid": 61.5}, protocol=PROTOCOL.to_dict()))
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    followed = FollowedStudy("small", url)
    deadline = time.monotonic() + 30
    while not (found := followed.look().standing.outcomes) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert found[claim.trial.run].scores == {"fid": 61.5}


@pytest.mark.slow
def test_curves_of_elsewhere_come_with_the_end_of_their_trial_and_are_asked_for_only_then(
    plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from dcgan.queue import Queue, study_curves
    from dcgan.queue.study_curves import Curves
    from tests.tiny import PROTOCOL, record

    url = postgres.new_database("curves_followed")
    Queue(plan, url).fill()
    there = tmp_path / "elsewhere"
    monkeypatch.setenv("DCGAN_HOME", str(there))
    stored_plans.write(plan)
    queue = Queue(plan, url)

    def train() -> str:
        """A trial that the other machine trains; returns the name of its run."""
        monkeypatch.setenv("DCGAN_HOME", str(there))
        with queue.claim() as claim:
            run = begun(claim.trial, 50, 100)
            go_on(run, 200, fid=61.5)
            (run.samples / "000000200.png").rename(run.samples / "final.png")
            queue.settle(claim, record(claim.trial, scores={"fid": 61.5}, protocol=PROTOCOL.to_dict()))
        monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
        return f"{claim.trial.arm}/s{claim.trial.seed}"

    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "home"))
    read = []
    stored = Curves._stored

    def counted(curves: Curves) -> Any:
        read.append(curves)
        return stored(curves)

    monkeypatch.setattr(Curves, "_stored", counted)
    followed = FollowedStudy("small", url)
    first = train()
    run = followed.look().runs[first]
    assert [row.images for row in run.rows] == [50, 100, 200]
    assert run.curves["validation/fid"] == [(200, 61.5)]
    assert list(run.grids) == [200] and run.grids[200].is_relative_to(tmp_path / "home")
    for _ in range(3):
        followed.look()
    assert len(read) == 1
    second = train()
    assert followed.look().runs.keys() == {first, second}
    assert len(read) == 2
    monkeypatch.setattr(study_curves, "_packed", lambda _file: "not zipped!")
    train()
    assert followed.look().standing.counts["finished"] == 3, "the page goes on"
    assert ":curves' is damaged" in capsys.readouterr().err
