"""`dcgan sweep STUDY --again failed`, as it is typed; and who watches a study that is gone on with by its name."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.cli import main
from dcgan.cli.going_on import as_planned
from dcgan.queue.remote_runs import record_failure
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.study.stages import stages
from dcgan.study.status import Overview, Standing
from dcgan.sweeps import sweep as sweeps
from dcgan.workers.driver import Driver
from tests.queue.filled import plan_of
from tests.tiny import record


def _planned(file: str) -> Plan:
    return stored_plans.write(planning.make(sweeps.load(file)))


def test_what_is_refused_beside_it(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plan_of(write_sweep, seeds=1)
    for words, why in (
        (["small", "--again", "failed"], "no trial of study 'small' failed"),
        (["small", "--again", "failed", "seeds=2"], "goes on as it was planned: leave out seeds=2"),
        (["small", "--again", "failed", "tracking.grid=2"], "goes on as it was planned: leave out tracking.grid=2"),
        (["small", "--again", "failed", "tracking.wandb=offlin"], "tracking.wandb"),
        (["small", "--again", "failed", "--more", "2"], "leave out one"),
        (["smal", "--again", "failed"], "did you mean"),
        (["small", "--again", "diverged"], "invalid choice"),
    ):
        assert main(["sweep", *words]) == 2
        assert why in capsys.readouterr().err


@pytest.fixture
def nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep ends at once: what failed was trained, all else waits, as when the time is over."""

    def trained(_: Driver, plan: Plan, *_more: object) -> Standing:
        for trial in plan.trials:
            if (before := trial.directory.record()) is not None and before.status == "failed":
                trial.directory.write_record(record(trial, scores={"fid": 1.0}))
        return Overview(plan).look()

    monkeypatch.setattr(Driver, "_run_stage", trained)


def _next(capsys: pytest.CaptureFixture[str]) -> list[str]:
    words = shlex.split(capsys.readouterr().out.splitlines()[-1].removeprefix("next: "))
    assert words[0] == "dcgan"
    return words[1:]


@pytest.mark.parametrize("named", ["small", "small.yaml"])
@pytest.mark.parametrize("where", ["sweep file here", "changed file here", "no file"])
def test_after_it_the_next_step_is_one_that_works(
    write_sweep: Any,
    where: str,
    named: str,
    nobody_trains: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    plan = _planned(write_sweep(seeds=3))
    monkeypatch.chdir(tmp_path)
    if where == "changed file here":
        write_sweep(seeds=7)
    if where == "no file":
        Path("small.yaml").unlink()
        named = "small"
    record_failure(plan.trials[0], "its worker died 4 times (last on here)")
    assert main(["sweep", named, "--again", "failed", "--for", "1h", "--no-report"]) == 0
    own = str(plan.directory / "sweep.yaml")
    words = _next(capsys)
    assert words == ["sweep", "small.yaml" if where == "sweep file here" else own]
    plans: list[Plan] = []

    def planned(_: Driver, plan: Plan, *_more: object) -> Standing:
        plans.append(plan)
        return Overview(plan).look()

    monkeypatch.setattr(Driver, "_run_stage", planned)
    assert main([*words, "--for", "1h", "--no-report"]) == 0
    assert [each.record() for each in plans] == [plan.record()], "the study as it was planned"


def test_after_a_stage_the_next_step_is_the_sweep(write_sweep: Any, tmp_path: Path, monkeypatch: Any) -> None:
    search = {"trials": 4, "confirm": 1, "seeds": 1}
    plan = next(stages(sweeps.load(write_sweep(design={"search": search}))))
    assert (plan.study, plan.compared) == ("small-search", "small")
    assert as_planned("small-search", plan) is None
    monkeypatch.chdir(tmp_path)
    assert as_planned("small-search", plan) == ["dcgan", "sweep", "small.yaml"]
    Path("sweeps").mkdir()
    Path("small.yaml").rename("sweeps/small.yaml")
    assert as_planned("small-search", plan) == ["dcgan", "sweep", "small"]


@pytest.fixture
def logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """W&B as one has it who only logged in."""
    monkeypatch.setenv("WANDB_API_KEY", "0123456789" * 4)
    for variable in ("WANDB_MODE", "WANDB_PROJECT", "WANDB_ENTITY"):
        monkeypatch.setenv(variable, "")  # so that what is set meanwhile is taken back
        monkeypatch.delenv(variable)


def test_who_watches_a_replication_can_be_typed(
    write_sweep: Any, logged_in: None, nobody_trains: None, capsys: pytest.CaptureFixture[str]
) -> None:
    for trial in plan_of(write_sweep, seeds=1).trials:
        trial.directory.write_record(record(trial, scores={"fid": 1.0}))
    for typed, said in (("tracking.project=mine", "W&B is online: project mine "), ("tracking.wandb=disabled", None)):
        assert main(["sweep", "small", "--more", "2", "--for", "1h", "--no-report", typed]) == 0
        shown = capsys.readouterr()
        assert (said in shown.err) if said else ("W&B" not in shown.err)
        assert shown.out.endswith(f"next: dcgan sweep small {typed} --more 2\n")


@pytest.mark.parametrize(
    ("watched", "typed", "mode", "said"),
    [
        ({}, [], None, "W&B is online: project small "),
        ({"tracking.wandb": "disabled"}, [], "disabled", None),
        ({"tracking.wandb": "disabled"}, ["tracking.wandb=offline"], "offline", "W&B is offline: project small "),
        ({"tracking.project": "mine"}, ["tracking.entity=me"], None, "W&B is online: project me/mine "),
    ],
)
@pytest.mark.parametrize(
    ("file", "named"),
    [("sweeps/small.yaml", "small"), ("sweeps/small.yaml", "sweeps/small.yaml"), ("small.yaml", "small")],
)
def test_who_watches_is_as_the_sweep_file_has_it_and_as_typed(
    write_sweep: Any,
    watched: dict[str, str],
    typed: list[str],
    mode: str | None,
    said: str | None,
    file: str,
    named: str,
    logged_in: None,
    nobody_trains: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = _planned(write_sweep(seeds=1, set=watched))
    (tmp_path / "sweeps").mkdir()
    (tmp_path / "small.yaml").rename(tmp_path / file)
    assert "tracking.wandb" not in yaml.safe_load((plan.directory / "sweep.yaml").read_text())["set"]
    monkeypatch.chdir(tmp_path)
    record_failure(plan.trials[0], "died")
    assert main(["sweep", named, "--again", "failed", "--for", "1h", "--no-report", *typed]) == 0
    assert os.environ.get("WANDB_MODE") == mode
    shown = capsys.readouterr().err
    assert (said in shown) if said else ("W&B" not in shown)


@pytest.mark.slow
def test_a_given_up_trial_is_shown_and_trained(write_sweep: Any, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_of(write_sweep, seeds=1)
    record_failure(plan.trials[0], "its worker died 4 times (last on here)")
    again = ["sweep", "small", "--again", "failed"]
    assert main([*again, "--dry-run"]) == 0
    shown = capsys.readouterr()
    assert f"again: {plan.trials[0].arm}, seed 0, which failed: its worker died 4 times" in shown.err
    assert "next: dcgan sweep small --again failed" in shown.out
    assert main([*again, "--no-report", "--workers", "1"]) == 0
    assert f"{len(plan.trials)} of {len(plan.trials)} trials finished" in capsys.readouterr().out
