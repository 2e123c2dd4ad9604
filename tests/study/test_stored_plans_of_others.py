"""What a plan that somebody else wrote, in a storage or in a folder, can choose on this machine: no path, no upload, no
images."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.common import paths
from dcgan.common.errors import DcganError
from dcgan.common.files import read_json, write_json, write_text
from dcgan.queue import study_record
from dcgan.records import search_file
from dcgan.records.plan_file import PlanRecord
from dcgan.records.tuned import Choice, Tuned
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.sweeps import sweep as sweeps
from dcgan.workers import driver
from dcgan.workers.driver import Driver
from dcgan.workers.joining import join
from dcgan.workers.launchers import launcher
from tests.study.recorded import plan_of

Content = dict[str, Any]
OUTSIDE = "../../outside"
_SEARCH = {"study": "small-search", "sampler": "random", "pruner": "none", "own_seeds": [0], "split": "train",
           "metric": "fid", "asked": 1, "finished": 1, "over": 0, "refused": 0, "baseline": None, "chosen": {},
           "values": {}}  # fmt: skip


def _name(content: Content, name: str) -> None:
    content["sweep"]["study"] = content["plan"]["study"] = name


def _replicates(content: Content) -> None:
    content["sweep"]["replicates"] = content["plan"]["replicates"] = OUTSIDE


def _run(content: Content) -> None:
    content["plan"]["trials"][0]["run"] = OUTSIDE


HOSTILE: dict[str, tuple[Callable[[Content], None], str]] = {
    "study": (lambda content: _name(content, OUTSIDE), "study '../../outside'"),
    "study, absolute": (lambda content: _name(content, "/outside"), "study '/outside'"),
    "another study": (lambda content: _name(content, "other"), "is the plan of study 'other', not of 'small'"),
    "another study's sweep": (lambda content: content["sweep"].update(study="other"), "the plan of study 'other'"),
    "replicates": (_replicates, "study '../../outside'"),
    "name": (lambda content: content["plan"]["content"].update(name=OUTSIDE), "name '../../outside'"),
    "run": (_run, "planned by another version"),
}


@pytest.fixture
def content(write_sweep: Any) -> Content:
    """A plan as a storage has it, the sweep as plain values."""
    stored = study_record.plan_content(plan_of(write_sweep(factors=["batch_norm"])))
    return {**stored, "sweep": yaml.safe_load(stored["sweep"])}


def _packed(content: Content) -> Content:
    return {**content, "sweep": yaml.safe_dump(content["sweep"])}


@contextmanager
def _nothing_written() -> Iterator[None]:
    root = paths.home().parent
    before = set(root.rglob("*"))
    yield
    assert set(root.rglob("*")) == before


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_plan_in_a_storage_chooses_no_path(content: Content, kind: str) -> None:
    change, said = HOSTILE[kind]
    change(content)
    with _nothing_written(), pytest.raises(DcganError, match=said):
        stored_plans.adopt("small", _packed(content), "--storage x")


@pytest.mark.parametrize("kind", ["replicates", "name", "run", "study"])
def test_nor_does_one_in_a_folder(content: Content, kind: str) -> None:
    change, _ = HOSTILE[kind]
    change(content)
    folder = paths.studies() / "small"
    write_text(folder / "sweep.yaml", _packed(content)["sweep"])
    write_json(folder / "plan.json", content["plan"])
    with _nothing_written(), pytest.raises(DcganError):
        join("small", None)


def test_a_plan_chooses_no_project_of_w_and_b(content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not by what earlier versions recorded: a replication is planned from the folder alone."""
    theirs = {"wandb": "online", "entity": "theirs", "project": "theirs", "group": "theirs"}
    for name in ("WANDB_ENTITY", "WANDB_PROJECT", "WANDB_RUN_GROUP"):
        monkeypatch.delenv(name, raising=False)
    content["plan"]["content"]["tracking"] = {**theirs, "grid": 4}
    content["sweep"]["set"] = {f"tracking.{key}": value for key, value in theirs.items()}
    plan = stored_plans.adopt("small", _packed(content), "--storage x")
    assert plan.base.given()["tracking"] == {"grid": 4}
    assert "theirs" not in "".join(path.read_text() for path in plan.directory.iterdir())

    def ends(*_: object) -> Any:
        raise DcganError("nothing is trained here")

    monkeypatch.setattr(Driver, "_train", ends)
    watched = replace(plan, base=plan.base.with_({f"tracking.{key}": value for key, value in theirs.items()}))
    with pytest.raises(DcganError, match="nothing is trained here"):
        Driver(launcher("local")).replicate(watched, driver.Watching)  # type: ignore[arg-type]  # which it never asks
    assert os.environ["WANDB_MODE"] == "disabled" and not {"WANDB_ENTITY", "WANDB_PROJECT"} & os.environ.keys()


def _of_a_folder(plan: Plan, folder: Path, fingerprint: str | None) -> Plan:
    """The plan over images of that folder, its ids and all consistent."""
    data = {"name": "folder", "folder": str(folder), "size": 16, "channels": 1, "fingerprint": fingerprint}
    return planning.work_out(plan.sweep, plan.base.with_({f"data.{key}": value for key, value in data.items()}))


def test_a_plan_names_images_by_their_fingerprint(write_sweep: Any, tmp_path: Path) -> None:
    """Else it would have any folder of this machine looked into, and samples of a generator of it sent."""
    plan = _of_a_folder(plan_of(write_sweep(factors=["batch_norm"])), tmp_path, None)
    with _nothing_written(), pytest.raises(DcganError, match=r"data\.folder=.* has no data\.fingerprint"):
        stored_plans.adopt("small", study_record.plan_content(plan), "--storage x")
    known = _of_a_folder(plan, tmp_path, "f-0123456789abcdef")
    assert stored_plans.adopt("small", study_record.plan_content(known), "--storage x").trials == known.trials


@pytest.mark.parametrize(("path", "value"), [("budget.epochs", 9), ("data.size", 32)])
def test_a_tuning_changes_what_is_tuned_alone(write_sweep: Any, path: str, value: float) -> None:
    base = plan_of(write_sweep(factors=["batch_norm"]))
    choice = Choice(2, 2, *({path: value} for _ in range(4)))
    tuned = Tuned("small-tuning", "fid", 2, (1,), "train", {arm.name: choice for arm in base.arms})
    plan = planning.work_out(base.sweep, base.base, tuned)
    with pytest.raises(DcganError, match=f"damaged: tuned: {path} is not among what is tuned"):
        stored_plans.adopt("small", study_record.plan_content(plan), "--storage x")


def test_what_is_honest_is_adopted_as_it_is(content: Content) -> None:
    before = copy.deepcopy(content["plan"])
    plan = stored_plans.adopt("small", _packed(content), "--storage x")
    assert read_json(plan.directory / "plan.json") == before


def test_the_sweep_file_of_a_planned_study_does_not_say_who_watches(content: Content) -> None:
    """It is what a report names as the command to go on with."""
    content["sweep"]["set"] = {"tracking.entity": "theirs", "tracking.grid": 4}
    folder = paths.studies() / "small"
    write_text(folder / "sweep.yaml", _packed(content)["sweep"])
    assert sweeps.load(str(folder / "sweep.yaml")).set["tracking.entity"] == "theirs", "a sweep of one's own"
    write_json(folder / "plan.json", content["plan"])
    assert sweeps.load(str(folder / "sweep.yaml")).set == {"tracking.grid": 4}


def test_combinations_of_a_search_are_no_paths() -> None:
    """Their recipes are files called after them."""
    grown = {"arms": {OUTSIDE: {"batch_norm": "on"}}, "over": [], "refused": []}
    with pytest.raises(DcganError, match="grown is not as it was written .*'../../outside'"):
        PlanRecord.from_json({"study": "small", "grown": grown}, "plan.json")
    write_json(paths.studies() / "small" / "search.json", {**_SEARCH, "found_as": {"a": OUTSIDE}})
    with pytest.raises(DcganError, match=r"search\.json is damaged: .*'../../outside'"):
        search_file.read(paths.studies() / "small")
