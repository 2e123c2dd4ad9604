"""What TensorBoard is given of a study is what its run directories hold."""

from __future__ import annotations

import csv
from itertools import pairwise
from typing import Any

import pytest

pytest.importorskip("tensorboard")

from tensorboard.data import provider
from tensorboard.errors import NotFoundError

from dcgan.dashboards import followed_study
from dcgan.dashboards.followed_study import FollowedRun, FollowedStudy
from dcgan.dashboards.run_provider import IMAGES, SCALARS, RunProvider
from dcgan.study.plan import Plan
from tests.dashboards.conftest import begun, finish, go_on
from tests.study.recorded import written_plan

OF: Any = {"experiment_id": ""}


@pytest.fixture(autouse=True)
def _every_look_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(followed_study, "SECONDS", 0.0)


def test_every_number_of_the_tables_is_there_and_no_other(plan: Plan) -> None:
    for trial in plan.trials[:3]:
        run = begun(trial, 50, 100)
        go_on(run, 150, fid=91.5)
    given = RunProvider(FollowedStudy("small", None)).read_scalars(**OF, plugin_name=SCALARS, downsample=1000)
    assert sorted(given) == sorted(f"{trial.arm}/s{trial.seed}" for trial in plan.trials[:3])
    for trial in plan.trials[:3]:
        here = given[f"{trial.arm}/s{trial.seed}"]
        with (trial.directory.path / "metrics.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        for column in ("loss_d", "lr_d"):
            points = [(datum.step, datum.value) for datum in here[f"training/{column}"]]
            assert points == [(int(row["images"]), float(row[column])) for row in rows]
        assert [(datum.step, datum.value) for datum in here["validation/fid"]] == [(150, 91.5)]
        assert sorted(here) == ["training/loss_d", "training/lr_d", "validation/fid"]


def test_arms_stand_together_the_baseline_first_and_only_runs_that_recorded_something(plan: Plan) -> None:
    for trial in plan.trials[:-1]:
        begun(trial, 50)
    begun(plan.trials[-1])
    names = [run.run_name for run in RunProvider(FollowedStudy("small", None)).list_runs(**OF)]
    assert names == sorted(names, key=lambda name: (not name.startswith(plan.baseline), name))
    assert len(names) == 5


def test_only_what_is_asked_for_is_given(plan: Plan) -> None:
    for trial in plan.trials[:2]:
        begun(trial, 50, 100)
    given = RunProvider(FollowedStudy("small", None))
    name = f"{plan.trials[0].arm}/s{plan.trials[0].seed}"
    wanted = provider.RunTagFilter(runs=[name], tags=["training/loss_d"])
    found = given.read_scalars(**OF, plugin_name=SCALARS, downsample=1000, run_tag_filter=wanted)
    assert {run: list(tags) for run, tags in found.items()} == {name: ["training/loss_d"]}
    listed = given.list_scalars(**OF, plugin_name=SCALARS, run_tag_filter=wanted)
    assert listed[name]["training/loss_d"].max_step == 100
    last = given.read_last_scalars(**OF, plugin_name=SCALARS, run_tag_filter=wanted)
    assert (last[name]["training/loss_d"].step, last[name]["training/loss_d"].value) == (100, 1.1)
    assert given.read_scalars(**OF, plugin_name="histograms", downsample=10) == {}
    assert given.list_tensors(**OF, plugin_name="hparams") == {}


def test_a_long_curve_is_thinned_evenly_and_keeps_its_last_point(plan: Plan) -> None:
    begun(plan.trials[0], *range(10, 1010, 10))
    given = RunProvider(FollowedStudy("small", None))
    [tags] = given.read_scalars(**OF, plugin_name=SCALARS, downsample=30).values()
    steps = [datum.step for datum in tags["training/loss_d"]]
    assert len(steps) <= 30 and steps[-1] == 1000
    assert len({later - earlier for earlier, later in pairwise(steps)}) == 1


def test_the_grids_are_the_files_of_the_runs_and_nothing_else_can_be_read(plan: Plan) -> None:
    run = begun(plan.trials[0], 50, 100)
    given = RunProvider(FollowedStudy("small", None))
    [listed] = given.list_blob_sequences(**OF, plugin_name=IMAGES).values()
    assert (listed["samples"].max_step, listed["samples"].max_length) == (100, 3)
    [tags] = given.read_blob_sequences(**OF, plugin_name=IMAGES, downsample=10).values()
    assert [datum.step for datum in tags["samples"]] == [50, 100]
    for datum in tags["samples"]:
        file = run.samples / f"{datum.step:09d}.png"
        assert given.read_blob(blob_key=datum.values[2].blob_key) == file.read_bytes()
    for key in ("", "../../run.json", f"{plan.trials[0].run}-75"):
        with pytest.raises(NotFoundError):
            given.read_blob(blob_key=key)
    (run.samples / "000000050.png").unlink()
    with pytest.raises(NotFoundError):
        given.read_blob(blob_key=f"{plan.trials[0].run}-50")


def test_the_final_grid_belongs_to_the_last_images(plan: Plan) -> None:
    run = begun(plan.trials[0], 50, 200)
    (run.samples / "000000200.png").rename(run.samples / "final.png")
    finish(plan.trials[0], 80.0)
    [tags] = (
        RunProvider(FollowedStudy("small", None)).read_blob_sequences(**OF, plugin_name=IMAGES, downsample=9).values()
    )
    assert [datum.step for datum in tags["samples"]] == [50, 200]


def _arms(groups: Any) -> list[tuple[str, str]]:
    return [tuple(group.root.run.split("/")) for group in groups]


def test_settings_are_filtered_and_sorted_as_the_table_asks(plan: Plan) -> None:
    for trial in plan.trials:
        begun(trial, 50)
    given = RunProvider(FollowedStudy("small", None))
    listed = given.list_hyperparameters(experiment_ids=[""])
    assert {one.hyperparameter_name: one.differs for one in listed.hyperparameters} == {
        "arm": True,
        "seed": True,
        "batch_norm": True,
    }
    assert len(listed.session_groups) == 6
    on = provider.HyperparameterFilter("batch_norm", provider.HyperparameterFilterType.DISCRETE, ["on"])
    late = provider.HyperparameterFilter("seed", provider.HyperparameterFilterType.INTERVAL, (1, 2))
    named = provider.HyperparameterFilter("arm", provider.HyperparameterFilterType.REGEX, "^ba")
    down = provider.HyperparameterSort("seed", provider.HyperparameterSortDirection.DESCENDING)
    asked = {"experiment_ids": [""], "sort": [down]}
    assert _arms(given.read_hyperparameters(filters=[on, late], **asked)) == [
        ("batch_norm", "s2"),
        ("batch_norm", "s1"),
    ]
    assert len(given.read_hyperparameters(filters=[named], **asked)) == 6
    none = provider.HyperparameterFilter("width", provider.HyperparameterFilterType.DISCRETE, ["on"])
    assert given.read_hyperparameters(filters=[none], **asked) == []


def test_a_range_is_a_number(write_sweep: Any) -> None:
    ranged = {"path": "optimizer.generator.lr", "range": [1e-5, 1e-3], "log": True}
    plan = written_plan(write_sweep, factors=[ranged], design={"search": {"sampler": "random", "trials": 8}})
    begun(plan.trials[0], 50)
    listed = RunProvider(FollowedStudy("small", None)).list_hyperparameters(experiment_ids=[""])
    kinds = {one.hyperparameter_name: one.domain_type for one in listed.hyperparameters}
    assert kinds["optimizer.generator.lr"] == provider.HyperparameterDomainType.INTERVAL


def test_a_picture_is_found_without_going_through_the_runs(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {trial.run: begun(trial, 50).samples / "000000050.png" for trial in plan.trials}
    followed = FollowedStudy("small", None)
    look = followed.look()
    assert look.by_id.keys() == files.keys()
    monkeypatch.setattr(followed, "look", lambda: look)
    monkeypatch.setattr(FollowedRun, "grid_id", None)  # who compares keys, run by run, needs it
    for run, file in files.items():
        assert RunProvider(followed).read_blob(blob_key=f"{run}-50") == file.read_bytes()
