"""`dcgan dashboard STUDY --wandb` as it is typed, with the real client against a server on the loopback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from dcgan.cli import main
from dcgan.dashboards.specification import normalised, specification
from dcgan.dashboards.study_facts import study_facts
from dcgan.dashboards.wandb_report import wandb_report
from dcgan.dashboards.workspace import workspace
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from tests.dashboards.scored import scored
from tests.study.recorded import plan_of
from tests.wandb_server import USER, WandbServer

EFFECTS = {"he_init": -50.0, "batch_norm": 60.0}


@pytest.fixture
def plan(write_sweep: Any) -> Plan:
    """A study of three arms and six seeds, run and scored."""
    made = plan_of(write_sweep(seeds=6))
    scored(made, EFFECTS)
    return made


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WandbServer]:
    """A W&B server that has the study's project."""
    with WandbServer(tmp_path / "wandb") as running:
        running.store.add_project(USER, "small")
        yield running


def dashboard(server: WandbServer, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dcgan", "dashboard", "small", "--wandb", *words]
    env = {**os.environ, **server.env(), **environment}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, check=False)


def saved(server: WandbServer, *words: str) -> dict[str, str]:
    done = dashboard(server, "--json", *words)
    assert done.returncode == 0, done.stderr
    assert server.unknown == []
    found: dict[str, str] = json.loads(done.stdout)
    return found


def refused(server: WandbServer, code: int = 1, **environment: str) -> str:
    """The one line that is said, the last; before it stands at most what became of the runs."""
    done = dashboard(server, **environment)
    *before, line = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert before in ([], ["runs in W&B: 18 not on this machine"])
    return line


def specs(server: WandbServer) -> dict[str, dict[str, Any]]:
    """What the server has of the views, by their type."""
    return {view.type: normalised(json.loads(view.text)) for view in server.views}


def unbound(report: dict[str, Any]) -> dict[str, Any]:
    """A report's specification without the project that its run sets are of."""
    for block in report["blocks"]:
        for runs in block.get("metadata", {}).get("runSets", ()):
            assert (runs["project"].pop("name"), runs["project"].pop("entityName")) == ("small", USER)
            assert runs.pop("project")["id"]
    return report


@pytest.mark.slow
def test_it_is_made_once_and_then_updated(plan: Plan, server: WandbServer) -> None:
    first = saved(server)
    ids = [(view.type, view.id, view.display_name) for view in server.views]
    assert [(kind, name) for kind, _, name in ids] == [("project-view", "small"), ("runs", "small, FID by arm")]
    facts = study_facts(plan, scored(plan, EFFECTS))
    assert specs(server)["project-view"] == specification(workspace(facts, USER, "small"))
    assert unbound(specs(server)["runs"]) == specification(wandb_report(facts, USER, "small", is_bound=False))

    assert saved(server) == first
    assert [(view.type, view.id, view.display_name) for view in server.views] == ids
    scored(plan, {"he_init": 50.0})
    assert saved(server) == first
    assert [(view.type, view.id, view.display_name) for view in server.views] == ids
    facts = study_facts(plan, scored(plan, {"he_init": 50.0}))
    assert specs(server)["project-view"] == specification(workspace(facts, USER, "small"))
    assert unbound(specs(server)["runs"]) == specification(wandb_report(facts, USER, "small", is_bound=False))


@pytest.mark.slow
def test_what_was_deleted_in_w_and_b_is_made_anew_and_the_other_updated(plan: Plan, server: WandbServer) -> None:
    first = saved(server)
    workspace_id = server.views[0].id
    del server.views[1]
    second = saved(server)
    assert second["workspace"] == first["workspace"]
    assert second["report"] != first["report"]
    assert [view.type for view in server.views] == ["project-view", "runs"]
    assert server.views[0].id == workspace_id
    del server.views[0]
    third = saved(server)
    assert third["report"] == second["report"]
    assert third["workspace"] != first["workspace"]
    assert sorted(view.type for view in server.views) == ["project-view", "runs"]


@pytest.mark.slow
def test_another_project_has_views_of_its_own(plan: Plan, server: WandbServer) -> None:
    first = saved(server)
    server.store.add_project("team", "mine")
    done = dashboard(server, WANDB_ENTITY="team", WANDB_PROJECT="mine")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"workspace: {server.url}/team/mine?nw=")
    assert lines[1].startswith(f"report: {server.url}/team/mine/reports/")
    assert lines[2].startswith("next: open ")
    assert [(view.entity, view.project) for view in server.views] == 2 * [(USER, "small")] + 2 * [("team", "mine")]
    assert saved(server) == first


@pytest.mark.slow
def test_sections_of_the_user_s_own_stay(plan: Plan, server: WandbServer) -> None:
    saved(server)
    spec = json.loads(server.views[0].text)
    banks = spec["section"]["panelBankConfig"]["sections"]
    banks.insert(0, {**banks[1], "name": "Mine"})
    server.views[0].text = json.dumps(spec)
    saved(server)
    names = [bank["name"] for bank in json.loads(server.views[0].text)["section"]["panelBankConfig"]["sections"]]
    assert (names[0], names[-1], len(names)) == ("Verdicts", "Mine", len(banks))


@pytest.mark.slow
def test_views_that_the_library_cannot_read_any_more(plan: Plan, server: WandbServer) -> None:
    """A report is written anew; a workspace may hold what is the user's own, and is left to them."""
    first = saved(server)
    server.views[1].text = '{"blocks": 3}'
    assert saved(server) == first
    assert len(server.views) == 2
    assert json.loads(server.views[1].text)["blocks"] != 3
    for text in ('{"section": 3}', '{"version": 99}'):
        server.views[0].text = text
        assert f"{first['workspace']} was changed in a way that wandb-workspaces" in refused(server)
        assert server.views[0].text == text


@pytest.mark.slow
def test_a_study_without_a_finished_trial_has_dashboards_too(write_sweep: Any, server: WandbServer) -> None:
    stored_plans.write(plan_of(write_sweep()))
    done = dashboard(server)
    assert (done.returncode, len(server.views)) == (0, 2)
    assert "no verdicts yet: study 'small' has no finished trial yet" in done.stderr
    assert "No verdict yet" in server.views[0].text


@pytest.mark.slow
def test_who_may_not_is_told_in_one_line(plan: Plan, server: WandbServer) -> None:
    assert "not found: the workspace in tester/other was not saved" in refused(server, WANDB_PROJECT="other")
    assert "nobody/small was not saved" in refused(server, WANDB_ENTITY="nobody")
    assert "nobody is logged in" in refused(server, code=2, WANDB_API_KEY="")
    assert "W&B is offline here" in refused(server, code=2, WANDB_MODE="offline")
    server.keys.clear()
    assert "does not take this key: run `wandb login --relogin`" in refused(server)
    assert server.views == []
    assert not (plan.directory / "wandb.json").exists()


@pytest.mark.slow
@pytest.mark.parametrize("trouble", ["hang", "refuse", "hang at the end"])
def test_a_server_that_is_away_costs_a_bounded_time_and_is_told_in_one_line(
    plan: Plan, server: WandbServer, trouble: str
) -> None:
    if trouble == "refuse":
        server.refuse()
    else:
        server.hang(only="UpsertView2" if trouble == "hang at the end" else "")
    began = time.monotonic()
    line = refused(server)
    assert "answer" in line
    assert time.monotonic() - began < 120  # 15 s or 60 s of asking, and a program on a busy machine
    assert not (plan.directory / "wandb.json").exists()


def test_a_dry_run_asks_nobody_and_shows_every_panel(
    plan: Plan, server: WandbServer, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for name, value in server.env().items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("WANDB_API_KEY")
    words = ["dashboard", "small", "--wandb", "--dry-run"]
    assert main([*words, "--draw", str(tmp_path / "drawn")]) == 0
    told = capsys.readouterr().out
    for expected in ("workspace in small", "report in small", "validation/fid against images", "by arm: mean, range"):
        assert expected in told
    assert told.splitlines()[-1].startswith("next: dcgan dashboard small --wandb")
    for name in ("workspace", "report"):
        root = ElementTree.parse(tmp_path / "drawn" / f"wandb-{name}.svg").getroot()  # noqa: S314 - our own
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert main([*words, "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    facts = study_facts(plan, scored(plan, EFFECTS))
    assert (content["entity"], content["project"]) == (None, "small")
    assert content["workspace"] == specification(workspace(facts, "", "small"))
    assert content["report"] == specification(wandb_report(facts, "", "small", is_bound=False))
    assert server.requests == []


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["--dry-run"], "--dry-run and --draw are of --wandb"),
        (["--draw", "x"], "--dry-run and --draw are of --wandb"),
        (["--wandb", "--draw", "x"], "add --dry-run"),
        (["--wandb", "--optuna"], "ask for one at a time"),
    ],
)
def test_options_that_do_not_go_together(
    plan: Plan, capsys: pytest.CaptureFixture[str], words: list[str], line: str
) -> None:
    assert main(["dashboard", "small", *words]) == 2
    assert line in capsys.readouterr().err
