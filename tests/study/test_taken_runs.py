"""Runs that a table has, taken for done: those of the plan, all or nothing, and never over what is here."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.records.runs_table import Row, row_of
from dcgan.records.seed_changes import SeedChange
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.outcomes import outcome_of, outcomes
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Overview
from dcgan.study.taken_runs import in_table
from tests.records.test_runs_table import ALONG, written
from tests.study.recorded import stored_plan, write_run
from tests.tiny import PROTOCOL, record


def row(trial: Trial, **values: Any) -> Row:
    usual = {"scores": {"fid": 40.0 + trial.seed}, "protocol": PROTOCOL.to_dict()}
    return row_of(trial.arm, record(trial, **{**usual, **values}), ALONG)


def table_of(plan: Plan, folder: Path, *others: Row) -> Path:
    """As a report has it, with a picture of the first run."""
    tables, samples = folder / "tables", folder / "samples"
    tables.mkdir(parents=True)
    samples.mkdir()
    Image.new("L", (8, 8), 7).save(samples / "00-seed-0.png")
    rows = [row(trial) for trial in plan.trials]
    rows[0]["grid"] = "../samples/00-seed-0.png"
    return written(tables / "runs.csv", [*rows, *others])


def test_runs_of_the_plan_are_put_here_with_curve_and_picture(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    table = table_of(plan, tmp_path / "report", row_of("elsewhere", record(id="f" * 12, protocol=PROTOCOL.to_dict())))
    taken = in_table(plan, table)
    assert taken.line() == f"{table}: 4 of 4 trials are done in it; 1 run more in it are not of this study"
    assert not paths.runs().exists(), "nothing is written before it is asked for"
    assert Overview(taken.counted()).look().counts["finished"] == 4
    assert taken.put_here() == 4
    first = plan.trials[0].directory
    assert outcomes(plan).keys() == {trial.run for trial in plan.trials}
    assert first.rows("scores") == ALONG
    with Image.open(first.samples / "final.png") as picture:
        assert picture.getpixel((0, 0)) == 7
    assert taken.put_here() == 0
    assert len(first.rows("scores")) == 2


def test_a_run_that_is_here_stays_as_it_is(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    first = plan.trials[0]
    write_run(first, scores={"fid": 40.0 + first.seed}, seconds=77.0)
    assert in_table(plan, table_of(plan, tmp_path / "report")).put_here() == 3
    here = outcome_of(first)
    assert here is not None and here.seconds == 77.0
    assert not first.directory.rows("scores")


def test_a_run_that_is_here_with_another_score_is_named(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    write_run(plan.trials[0], scores={"fid": 1.0})
    with pytest.raises(DcganError, match=r"line 2: run \w+ is here with fid 1.0, and the table has 40.0"):
        in_table(plan, table_of(plan, tmp_path / "report"))


def test_a_picture_outside_the_report_is_not_taken(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    table = table_of(plan, tmp_path / "report")
    Image.new("L", (8, 8)).save(tmp_path / "mine.png")
    table.write_text(table.read_text().replace("../samples/00-seed-0.png", "../../mine.png"))
    assert in_table(plan, table).put_here() == 4
    assert not plan.trials[0].directory.samples.exists()


def test_a_run_that_is_not_over_here_gets_all_that_the_table_has(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    first = write_run(plan.trials[0], status="failed")
    first.append("scores", {"images": "100", "split": "validation", "fid": "9"})
    taken = in_table(plan, table_of(plan, tmp_path / "report"))
    assert Overview(taken.counted()).look().counts["finished"] == 4
    assert taken.put_here() == 4
    assert first.rows("scores") == ALONG and (first.samples / "final.png").exists()


def test_what_failed_there_is_told_and_waits_here(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    rows = [row(trial) for trial in plan.trials]
    rows[3] = row(plan.trials[3], status="failed", scores={}, failure="out of memory")
    taken = in_table(plan, written(tmp_path / "runs.csv", rows))
    assert taken.line().endswith(": 3 of 4 trials are done in it; 1 failed there and will be tried again")
    taken.put_here()
    assert Overview(plan).look().counts["failed"] == 1


@pytest.mark.parametrize("content", [None, b"PNG"])
def test_a_picture_that_is_missing_is_said_and_a_damaged_one_refused(
    write_sweep: Any, tmp_path: Path, content: bytes | None
) -> None:
    plan = stored_plan(write_sweep)
    table = table_of(plan, tmp_path / "report")
    picture = tmp_path / "report" / "samples" / "00-seed-0.png"
    if content is None:
        picture.unlink()
        assert "; 1 picture that it names are not beside it" in in_table(plan, table).line()
        return
    picture.write_bytes(content)
    with pytest.raises(DcganError, match=r"runs.csv, line 2: grid cannot be read: .*is damaged"):
        in_table(plan, table)


@pytest.mark.parametrize("grid", ["a\0b", "x" * 300])
def test_a_name_that_no_file_can_have_is_one_line(write_sweep: Any, tmp_path: Path, grid: str) -> None:
    plan = stored_plan(write_sweep)
    table = table_of(plan, tmp_path / "report")
    table.write_text(table.read_text().replace("../samples/00-seed-0.png", grid))
    with pytest.raises(DcganError, match=r"runs.csv"):
        in_table(plan, table)


def test_more_seeds_than_the_table_has_are_a_change_after_a_look(write_sweep: Any, tmp_path: Path) -> None:
    first = stored_plan(write_sweep)
    table = table_of(first, tmp_path / "report")
    shutil.rmtree(first.directory)
    more = planning.make(first.sweep.model_copy(update={"seeds": (0, 1, 2)}))
    in_table(more, table).put_here()
    (change,) = stored_plans.write(more).seed_changes
    assert (change.before, change.after, change.finished) == ((0, 1), (0, 1, 2), 2)


def report_beside(table: Path, plan: Plan, seeds: tuple[int, ...], *changes: SeedChange) -> None:
    content = {
        "arms": [{"arm": arm.name} for arm in plan.arms],
        "planned_seeds": list(seeds),
        "seed_changes": [change.to_json() for change in changes],
    }
    (table.parent.parent / "report.json").write_text(json.dumps(content))


def test_a_study_that_was_cut_short_goes_on_as_it_was_planned(write_sweep: Any, tmp_path: Path) -> None:
    first = stored_plan(write_sweep)
    table = table_of(first, tmp_path / "report")
    report_beside(table, first, (0, 1, 2))
    shutil.rmtree(first.directory)
    whole = planning.make(first.sweep.model_copy(update={"seeds": (0, 1, 2)}))
    in_table(whole, table).put_here()
    assert stored_plans.write(whole).seed_changes == ()


def test_a_change_of_seeds_that_was_published_is_not_forgotten(write_sweep: Any, tmp_path: Path) -> None:
    first = stored_plan(write_sweep)
    table = table_of(first, tmp_path / "report")
    report_beside(table, first, (0, 1), SeedChange((0,), (0, 1), 1))
    shutil.rmtree(first.directory)
    in_table(first, table).put_here()
    assert stored_plans.write(first).seed_changes == (SeedChange((0,), (0, 1), 1),)
    more = planning.make(first.sweep.model_copy(update={"seeds": (0, 1, 2)}))
    in_table(more, table).put_here()
    assert stored_plans.write(more).seed_changes == (SeedChange((0,), (0, 1), 1), SeedChange((0, 1), (0, 1, 2), 2))


def test_a_published_change_of_seeds_outlives_seeds_of_which_none_is_whole(write_sweep: Any, tmp_path: Path) -> None:
    first = stored_plan(write_sweep)
    table = written(table_of(first, tmp_path / "report"), [row(first.trials[0])])
    report_beside(table, first, (0, 1), SeedChange((0,), (0, 1), 1))
    shutil.rmtree(first.directory)
    more = planning.make(first.sweep.model_copy(update={"seeds": (0, 1, 2)}))
    in_table(more, table).put_here()
    assert stored_plans.write(more).seed_changes == (SeedChange((0,), (0, 1), 1),)


def test_seeds_that_cannot_be_planned_leave_nothing_behind(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    table = table_of(plan, tmp_path / "report")
    report_beside(table, plan, (0, 1, 2**70))
    shutil.rmtree(plan.directory)
    taken = in_table(plan, table)
    with pytest.raises(Misuse, match=r"report\.json: seeds"):
        taken.put_here()
    assert not paths.runs().exists() and not plan.directory.exists()


def test_the_report_of_another_table_is_refused(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    table = table_of(plan, tmp_path / "report")
    report_beside(table, plan, (0, 7))
    with pytest.raises(DcganError, match=r"report\.json is not of .*runs\.csv: planned_seeds lacks seed 1, which the"):
        in_table(plan, table)


def test_a_table_of_more_seeds_does_for_fewer(write_sweep: Any, tmp_path: Path) -> None:
    table = table_of(stored_plan(write_sweep), tmp_path / "report")
    taken = in_table(stored_plan(write_sweep, seeds=1, study="fewer"), table)
    assert (len(taken.runs), taken.others) == (2, 2)


def test_a_table_of_other_settings_is_refused(write_sweep: Any, tmp_path: Path) -> None:
    table = table_of(stored_plan(write_sweep), tmp_path / "report")
    other = stored_plan(write_sweep, study="other", set={"update.batch": 20})
    with pytest.raises(Misuse, match=r"runs.csv, line 2: arm '\w+' with seed 0 is run \w+ there and \w+ here: .*other"):
        in_table(other, table)


def test_a_table_of_another_study_is_refused(write_sweep: Any, tmp_path: Path) -> None:
    plan = stored_plan(write_sweep)
    table = written(tmp_path / "runs.csv", [{**row(plan.trials[0]), "arm": "elsewhere", "run": "f" * 12}])
    with pytest.raises(Misuse, match="no row of it is a trial of study '.*': its arms are elsewhere"):
        in_table(plan, table)


@pytest.mark.parametrize("fault", ["twice", "seed", "protocol", "unreadable", "metric", "running"])
def test_rows_that_cannot_be_right_leave_nothing_behind(write_sweep: Any, tmp_path: Path, fault: str) -> None:
    plan = stored_plan(write_sweep)
    rows = [row(trial) for trial in plan.trials]
    rows[1] = {
        "twice": rows[0],
        "seed": {**rows[1], "seed": "9"},
        "protocol": row(plan.trials[1], protocol=replace(PROTOCOL, generated=100).to_dict()),
        "unreadable": row(plan.trials[1], protocol={**PROTOCOL.to_dict(), "recipe": 99}),
        "metric": row(plan.trials[1], scores={"kid": 1.0}),
        "running": row(plan.trials[1], status="running"),
    }[fault]
    message = {
        "twice": "line 3: run .* is in it twice",
        "seed": r"line 3: run \w+ is of seed \d, not 9",
        "protocol": "line 3: scored differently .* generated is 360 and 100",
        "unreadable": "line 3: scored differently .* recipe is 2 and 99",
        "metric": "line 3: run .* is finished and has no fid",
        "running": "line 3: a run that is running",
    }[fault]
    with pytest.raises(DcganError, match=message):
        in_table(plan, written(tmp_path / "runs.csv", rows))
    assert not paths.runs().exists()
