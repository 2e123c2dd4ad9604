"""Optuna's dashboard sees the grids of the runs beside its trials, and the queue has nothing of it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import Any

import optuna
import pytest
from optuna.artifacts.exceptions import ArtifactNotFound
from optuna.storages import BaseStorage

from dcgan.dashboards import followed_study
from dcgan.dashboards.followed_study import FollowedRun, FollowedStudy
from dcgan.dashboards.optuna_grids import GridFiles, with_grids
from dcgan.queue import Queue
from dcgan.queue.journal import JOURNAL
from dcgan.queue.search_entries import arm_name
from dcgan.queue.search_queue import SearchQueue
from dcgan.queue.storage import open_storage
from dcgan.study.plan import Plan
from tests.dashboards.conftest import begun
from tests.study.recorded import written_plan


@pytest.fixture(autouse=True)
def _every_look_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_study, "SECONDS", 0.0)


def _attached(storage: BaseStorage, study: str) -> dict[int, list[str]]:
    key = storage.get_study_id_from_name(study)
    return {
        trial.number: [
            json.loads(value)["artifact_id"] for name, value in trial.system_attrs.items() if "artifacts:" in name
        ]
        for trial in storage.get_all_trials(key)
    }


def test_each_trial_has_the_grids_of_its_run_and_the_journal_stays_as_it_is(plan: Plan) -> None:
    Queue(plan).fill()
    trial = plan.trials[1]
    run = begun(trial, 50, 100)
    before = (plan.directory / JOURNAL).read_bytes()
    grids = GridFiles(FollowedStudy("small", None))
    storage = with_grids(open_storage(plan.directory, None), grids)
    attached = _attached(storage, "small")
    assert [ids for ids in attached.values() if ids] == [[f"{trial.run}-50", f"{trial.run}-100"]]
    [number] = [number for number, ids in attached.items() if ids]
    key = storage.get_trial_id_from_study_id_trial_number(storage.get_study_id_from_name("small"), number)
    shown = storage.get_trial(key)
    assert shown.user_attrs == {"run": trial.run}  # nothing of the queue's own
    named = [json.loads(value)["filename"] for value in shown.system_attrs.values()]
    assert named == sorted(named) == ["seed 0, 050 images.png", "seed 0, 100 images.png"]
    assert storage.get_trial(key).system_attrs.keys() == {f"artifacts:{trial.run}-50", f"artifacts:{trial.run}-100"}
    assert grids.open_reader(f"{trial.run}-100").read() == (run.samples / "000000100.png").read_bytes()
    begun(plan.trials[0], 50)
    assert sum(map(bool, _attached(storage, "small").values())) == 2
    assert (plan.directory / JOURNAL).read_bytes() == before


def test_nothing_else_can_be_read_and_no_file_is_written_or_removed(plan: Plan) -> None:
    run = begun(plan.trials[0], 50)
    grids = GridFiles(FollowedStudy("small", None))
    for name in ("", "../run.json", f"{plan.trials[0].run}-75"):
        with pytest.raises(ArtifactNotFound):
            grids.open_reader(name)
    with pytest.raises(OSError, match="only the sample grids"):
        grids.write("aa", io.BytesIO(b"x"))
    grids.remove(f"{plan.trials[0].run}-50")
    assert (run.samples / "000000050.png").exists()


def test_of_many_grids_some_are_shown_and_the_last_is_among_them(plan: Plan) -> None:
    Queue(plan).fill()
    trial = plan.trials[0]
    begun(trial, *range(10, 1010, 10))
    storage = with_grids(open_storage(plan.directory, None), GridFiles(FollowedStudy("small", None)))
    [ids] = [ids for ids in _attached(storage, "small").values() if ids]
    assert 4 <= len(ids) <= 8 and ids[-1] == f"{trial.run}-1000"


def test_the_runs_of_a_look_are_gone_through_once_whatever_is_asked(
    plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Counted(dict[str, FollowedRun]):
        passes = 0

        def values(self) -> Any:
            self.passes += 1
            return super().values()

    Queue(plan).fill()
    for trial in plan.trials:
        begun(trial, 50, 100)
    followed = FollowedStudy("small", None)
    runs = Counted(followed.look().runs)
    looks = [replace(followed.look(), runs=runs)]
    monkeypatch.setattr(followed, "look", looks.pop)  # a second one would fail
    grids = GridFiles(followed)
    attached = _attached(with_grids(open_storage(plan.directory, None), grids), "small")
    assert len(attached) == 6 and all(len(ids) == 2 for ids in attached.values())
    assert runs.passes == 1
    looked = replace(FollowedStudy("small", None).look(), runs=runs)
    monkeypatch.setattr(followed, "look", lambda: looked)
    for ids in attached.values():
        assert all(grids.open_reader(each).read() for each in ids)
    assert runs.passes == 2


def test_a_combination_of_a_search_has_the_grids_of_its_runs(write_sweep: Any) -> None:
    ranged = {"path": "optimizer.generator.lr", "range": [1e-5, 1e-3], "log": True}
    search = {"sampler": "random", "trials": 8, "pruner": "none"}
    plan = written_plan(write_sweep, factors=[ranged], design={"search": search})
    queue = SearchQueue(plan, None)
    with queue.claim() as claim:
        assert claim is not None
        begun(claim.trial, 50)
        storage = with_grids(open_storage(plan.directory, None), GridFiles(FollowedStudy("small", None)))
        attached = _attached(storage, plan.study)
        [number] = [number for number, ids in attached.items() if ids]
        assert attached[number] == [f"{claim.trial.run}-50"]
        assert claim.trial.arm == arm_name(number)


def test_optunas_dashboard_shows_them(plan: Plan) -> None:
    dashboard = pytest.importorskip("optuna_dashboard")
    client = pytest.importorskip("werkzeug.test").Client
    Queue(plan).fill()
    run = begun(plan.trials[0], 50)
    grids = GridFiles(FollowedStudy("small", None))
    seen = client(dashboard.wsgi(with_grids(open_storage(plan.directory, None), grids), artifact_store=grids))
    [study] = seen.get("/api/studies").json["study_summaries"]
    trials = seen.get(f"/api/studies/{study['study_id']}").json["trials"]
    [(trial, artifact)] = [(trial["trial_id"], one) for trial in trials for one in trial["artifacts"]]
    address = f"/artifacts/{study['study_id']}/{trial}/{artifact['artifact_id']}"
    assert seen.get(address).data == (run.samples / "000000050.png").read_bytes()
    assert seen.delete(f"/api{address}").status_code == 204
    assert (run.samples / "000000050.png").exists()


def test_what_is_done_in_the_dashboard_happens_in_the_storage(plan: Plan) -> None:
    Queue(plan).fill()
    real = open_storage(plan.directory, None)
    seen = optuna.load_study(study_name="small", storage=with_grids(real, GridFiles(FollowedStudy("small", None))))
    seen.set_user_attr("note", "looked at")
    assert optuna.load_study(study_name="small", storage=real).user_attrs["note"] == "looked at"
