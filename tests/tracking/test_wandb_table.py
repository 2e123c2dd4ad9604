"""Runs of a W&B project as a table: ours as their study has them, others as W&B exports them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.comparison.from_table import from_csv
from dcgan.study import trials_table
from dcgan.tracking.header import of_trial
from dcgan.tracking.wandb_project import LoggedRun, Project
from dcgan.tracking.wandb_run import summary
from dcgan.tracking.wandb_table import WandbTable, table_of
from tests.study.recorded import stored_plan, write_run
from tests.tiny import PROTOCOL

PROJECT = Project("team", "faces")


def _run(run: str, config: Mapping[str, Any], summary: Mapping[str, Any], **others: Any) -> LoggedRun:
    usual = {"name": run, "state": "finished", "group": "", "job_type": "", "tags": (), "sweep": ""}
    return LoggedRun(run, **{**usual, **others}, created="2026-01-01T00:00:00Z", config=config, summary=summary)


def _ours(run: str, arm: str, seed: int, **summary: Any) -> LoggedRun:
    config = {"arm": arm, "seed": seed, "study": "tips", "factor/he_init": "on" if arm == "he_init" else "off"}
    protocol = {f"protocol/{name}": value for name, value in PROTOCOL.to_dict().items()}
    more = {"id": run, "optimizer.generator.lr": 1e-4, "tip/he_init": arm == "he_init"}
    return _run(run, {**config, **more}, {"status": "finished", "seconds": 2.5, **protocol, **summary})


STUDY = [_ours("a", "bare", 0, fid=9.0), _ours("b", "bare", 1, fid=8.0)]
STUDY += [_ours("c", "he_init", 0, fid=7.0, kid=0.25), _ours("d", "he_init", 1, fid=6.5)]


def _read(table: WandbTable, folder: Path, **options: Any) -> Any:
    path = folder / "faces.csv"
    path.write_text(table.text())
    return from_csv(path, **options)


def test_our_runs_are_a_table_like_their_study_s(tmp_path: Path) -> None:
    table = table_of(PROJECT, STUDY)
    assert table.columns == ("study", "arm", "seed", "run", "status", "he_init", "fid", "kid", "protocol", "seconds")
    assert {row["protocol"] for row in table.rows} == {PROTOCOL.key}
    results = _read(table, tmp_path)
    assert results.metrics == ("fid", "kid")
    assert results.factors == ("he_init",)
    assert results.levels == {"bare": {"he_init": "off"}, "he_init": {"he_init": "on"}}
    assert results.scores("fid", "he_init") == {0: 7.0, 1: 6.5}
    assert results.notes == ()


def test_what_a_study_s_runs_are_sent_as_comes_back_as_the_study_s_own_table(write_sweep: Any) -> None:
    """All but the runs that were never begun, of which W&B knows nothing."""
    plan = stored_plan(write_sweep)
    records = []
    for trial in plan.trials[:3]:
        ended = {"status": "finished", "scores": {"fid": 9.5, "kid": 1e-5}, "protocol": PROTOCOL.to_dict()}
        failed = {"status": "diverged", "failure": "loss is not finite"}
        directory = write_run(trial, **(failed if trial is plan.trials[1] else ended))
        records.append(directory.record())
    runs = [
        _run(trial.run, of_trial(plan, trial).config, json.loads(json.dumps(summary(record))))
        for trial, record in zip(plan.trials, records, strict=False)
        if record
    ]
    own = [row for row in trials_table.rows(plan) if row["status"] != "planned"]
    assert len(own) == len(runs) == 3
    texts = [{name: "" if value is None else str(value) for name, value in row.items()} for row in own]
    assert [{**row, "seconds": ""} for row in table_of(PROJECT, runs).rows] == [{**row, "seconds": ""} for row in texts]


def test_how_a_run_of_ours_ended_is_what_it_says_else_what_wandb_says() -> None:
    ended = {
        "finished": replace(STUDY[0], state="crashed"),  # the upload broke off, not the run
        "diverged": replace(STUDY[1], state="failed", summary={"status": "diverged", "fid": 3.0}),
        "failed": replace(STUDY[2], state="crashed", summary={"status": "running"}),
        "running": replace(STUDY[3], state="running", summary={}),
    }
    table = table_of(PROJECT, list(ended.values()))
    assert [row["status"] for row in table.rows] == list(ended)
    assert [row["fid"] for row in table.rows] == ["9.0", "", "", ""]


def test_a_trial_that_was_begun_twice_is_there_once() -> None:
    lost = replace(STUDY[0], id="lost", state="crashed", summary={})
    sent_again = replace(STUDY[0], id="again")
    for runs in ([lost, *STUDY], [*STUDY, lost], [*STUDY, sent_again]):
        table = table_of(PROJECT, runs)
        assert len(table.rows) == 4
        assert {row["run"] for row in table.rows if row["arm"] == "bare"} == {"a", "b"}
    other = replace(STUDY[0], id="other", config={**STUDY[0].config, "id": "other"})
    with pytest.raises(Misuse, match=r"team/faces has two different runs of arm 'bare' with seed 0 \(a and other\)"):
        table_of(PROJECT, [*STUDY, other])


def test_of_several_studies_one_is_named() -> None:
    more = [replace(run, id=f"{run.id}2", config={**run.config, "study": "more"}) for run in STUDY]
    alone = _run("x", {"id": "x"}, {"fid": 1.0})
    with pytest.raises(Misuse, match=r"several studies \(more, tips\): say of which, as in wandb:team/faces/more"):
        table_of(PROJECT, [*STUDY, *more])
    table = table_of(replace(PROJECT, study="more"), [*STUDY, *more, alone])
    assert [row["run"] for row in table.rows] == ["a2", "b2", "c2", "d2"]
    assert table.notes == ("1 run of team/faces left out: of no study",)
    with pytest.raises(Misuse, match="no runs of a study 'mor'; did you mean 'more'"):
        table_of(replace(PROJECT, study="mor"), more)
    with pytest.raises(Misuse, match="no runs of a study: leave /tips away"):
        table_of(replace(PROJECT, study="tips"), [alone])


def _other(run: str, lr: float | None, seed: int, **others: Any) -> LoggedRun:
    config = {"opt": {"lr": lr, "betas": [0.5, 0.9]}, "random_seed": seed, "amp": True, "_hidden": 1, "bad\nname": 2}
    image = {"_type": "image-file", "path": "x.png"}
    summary = {"acc": 0.5 + seed / 10, "loss": {"min": 1.5, "max": 3}, "samples": image, "_step": 4, "_runtime": 30}
    return _run(run, config, {**summary, **others.pop("summary", {})}, **others)


OTHERS = [_other(f"run-{index}", (1e-4, 1e-3)[index % 2], index // 2, group=f"g{index % 2}") for index in range(6)]


def test_others_runs_are_a_table_as_wandb_exports_it(tmp_path: Path) -> None:
    runs = [
        *OTHERS,
        _other("late", 1e-4, 3, group="g0", state="running"),
        _other("lost", 1e-3, 3, group="g1", state="killed"),
    ]
    table = table_of(PROJECT, runs, metric="acc")
    assert set(table.columns) >= {"Name", "State", "Group", "Runtime", "opt.lr", "loss.min", "acc", "amp"}
    assert not {"samples", "_hidden", "_step", "bad\nname", "Tags"} & set(table.columns)
    results = _read(table, tmp_path, metric="acc")
    assert results.arms == ("g0", "g1")
    assert results.scores("acc", "g0") == {0: 0.5, 1: 0.6, 2: 0.7}
    assert list(results.table["status"])[-2:] == ["running", "failed"]
    assert set(results.table["seconds"]) == {30}
    assert "W&B's export (killed as failed); the arm is 'Group'; the seed is 'random_seed'" in results.notes[0]


@pytest.mark.parametrize(("arm", "arms"), [("group", ("g0", "g1")), ("opt.lr", ("0.0001", "0.001"))])
def test_the_arm_is_a_property_or_a_setting(tmp_path: Path, arm: str, arms: tuple[str, ...]) -> None:
    table = table_of(PROJECT, OTHERS, arm=arm)
    assert _read(table, tmp_path, arm_column=arm, metric="loss.min").arms == arms


def test_runs_without_the_arm_are_left_out_and_counted() -> None:
    table = table_of(PROJECT, [*OTHERS, _other("plain", None, 0)], arm="opt.lr")
    assert len(table.rows) == 6
    assert table.notes == ("1 run of team/faces left out: without 'opt.lr'",)


def test_a_setting_and_a_result_of_one_name_are_two_columns() -> None:
    runs = [replace(run, config={**run.config, "acc": "target", "Name": "n"}) for run in OTHERS]
    table = table_of(PROJECT, runs)
    assert {(row["acc"], row["config.acc"], row["config.Name"]) for row in table.rows[:1]} == {("0.5", "target", "n")}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"metric": "acd"}, "no run has 'acd' in its summary; did you mean 'acc'?"),
        ({"metric": "loss"}, "'loss' has several values: name one of loss.min and loss.max"),
        ({"metric": "samples"}, "'samples' is no number but image-file"),
        ({"arm": "op.lr"}, "no run has 'op.lr' in its configuration; did you mean 'opt.lr'?"),
        ({"seed": "random_sed"}, "no run has 'random_sed' in its configuration; did you mean 'random_seed'?"),
    ],
)
def test_what_no_run_has_is_refused_with_the_closest_name(options: dict[str, str], said: str) -> None:
    with pytest.raises(Misuse) as error:
        table_of(PROJECT, OTHERS, **options)
    assert str(error.value).startswith("team/faces: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)
