"""The loopback W&B server against the real client: sweeps and agents, the public API, artifacts, workspaces, reports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.wandb_server import USER, WandbServer

pytestmark = pytest.mark.slow


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WandbServer]:
    with WandbServer(tmp_path / "server") as running:
        yield running
    assert running.unknown == []


def told(server: WandbServer, folder: Path, *words: str) -> str:
    """What a program of Python printed; it must end well."""
    environment = {**os.environ, **server.env()}
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _sweep(server: WandbServer, folder: Path, program: str, **keys: object) -> str:
    """Registers a sweep by `wandb sweep`; its id."""
    (folder / "program.py").write_text(program)
    content = {
        "project": "demo",
        "program": "program.py",
        "method": "grid",
        "parameters": {"lr": {"values": [0.1, 1e-5]}, "seed": {"values": [0, 1]}, "fixed": {"value": "x"}},
        "command": [sys.executable, "${program}", "${args}"],
        **keys,
    }
    (folder / "sweep.yaml").write_text(yaml.safe_dump(content))
    told(server, folder, "-m", "wandb", "sweep", "sweep.yaml")
    (sweep,) = server.sweeps[f"{USER}/demo"]
    return sweep


def _agents(server: WandbServer, folder: Path, sweep: str, count: int) -> list[subprocess.Popen[bytes]]:
    words = [sys.executable, "-m", "wandb", "agent", f"{USER}/demo/{sweep}"]
    environment = {**os.environ, **server.env()}
    return [
        subprocess.Popen(words, env=environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(count)
    ]


def _end(agents: list[subprocess.Popen[bytes]], *, kill: bool = False) -> None:
    for agent in agents:
        try:
            if not kill:
                assert agent.wait(120) == 0
        finally:
            agent.kill()
            agent.wait()


def test_two_agents_share_a_grid_each_combination_once(server: WandbServer, tmp_path: Path) -> None:
    program = "import wandb\nwith wandb.init() as run:\n    run.log({'lr_seen': run.config['lr']})\n"
    sweep = _sweep(server, tmp_path, program)
    _end(_agents(server, tmp_path, sweep, 2))
    runs = server.runs[f"{USER}/demo"].values()
    assert sorted((run.config["lr"], run.config["seed"]) for run in runs) == [(1e-5, 0), (1e-5, 1), (0.1, 0), (0.1, 1)]
    assert {(run.sweep, run.state, run.config["fixed"]) for run in runs} == {(sweep, "finished", "x")}
    assert all(run.summary["lr_seen"] == run.config["lr"] for run in runs)
    assert server.sweeps[f"{USER}/demo"][sweep].state == "FINISHED"


def test_a_killed_agent_s_combination_is_handed_out_again_as_another_run(server: WandbServer, tmp_path: Path) -> None:
    program = (
        "import pathlib, time, wandb\nrun = wandb.init()\nwhile pathlib.Path('wait').exists():\n    time.sleep(0.1)\n"
    )
    (tmp_path / "wait").touch()
    sweep = _sweep(server, tmp_path, program, parameters={"seed": {"values": [0]}})
    try:
        first = _agents(server, tmp_path, sweep, 1)
        try:
            server.wait(lambda: server.runs[f"{USER}/demo"])
        finally:
            _end(first, kill=True)
        (lost,) = server.runs[f"{USER}/demo"].values()
        server.store.lost_after = 1.0
        second = _agents(server, tmp_path, sweep, 1)
        try:
            server.wait(lambda: len(server.runs[f"{USER}/demo"]) == 2)
        finally:
            server.store.lost_after = None
            (tmp_path / "wait").unlink()
            _end(second)
    finally:
        (tmp_path / "wait").unlink(missing_ok=True)  # what the killed agent had begun ends by itself
    again = next(run for run in server.runs[f"{USER}/demo"].values() if run is not lost)
    assert again.id != lost.id
    assert again.config == lost.config == {"seed": 0}
    assert [trial.is_lost for trial in server.sweeps[f"{USER}/demo"][sweep].trials] == [True, False]


def test_other_methods_draw_points_or_take_a_test_s(server: WandbServer, tmp_path: Path) -> None:
    parameters = {"lr": {"min": 0.1, "max": 0.2}, "n": {"min": 1, "max": 3}, "kind": {"values": ["a", "b"]}}
    program = "import wandb\nwandb.init().finish()\n"
    sweep = _sweep(server, tmp_path, program, method="random", parameters=parameters, run_cap=2)
    kept = server.sweeps[f"{USER}/demo"][sweep]
    (point, _) = list(kept.points)
    assert 0.1 <= point["lr"] <= 0.2 and point["n"] in (1, 2, 3) and point["kind"] in ("a", "b")
    kept.points = iter([{"lr": 0.15, "n": 2, "kind": "b"}])
    _end(_agents(server, tmp_path, sweep, 1))
    (run,) = server.runs[f"{USER}/demo"].values()
    assert run.config == {"lr": 0.15, "n": 2, "kind": "b"}


LOGGED = """
import json, pathlib, sys, wandb
quick = wandb.Settings(silent=True)
for number in range(3):
    run = wandb.init(project="demo", id=f"r{number}", group=f"g{number % 2}", config={"a.b": number}, settings=quick)
    for step in range(4):
        run.log({"fid": 10.0 - step})
    artifact = wandb.Artifact("generator", "model", metadata={"of": number})
    with artifact.new_file("weights/w.bin", mode="wb") as file:
        file.write(b"w" * (number + 1))
    if number == 2:
        assert run.use_artifact("generator:first").metadata == {"of": 0}
    run.log_artifact(artifact, aliases=[["first"], ["second"], []][number]).wait()
    run.finish(exit_code=int(number == 1))
"""

READ = """
import json, pathlib, wandb
api = wandb.Api()
runs = api.runs("tester/demo", per_page=2)
found = {"count": len(runs)}
for run in runs:
    found[run.id] = [run.state, run.group, run.config, run.summary["fid"], len(run.history(pandas=False)),
        [row["fid"] for row in run.scan_history()], len(list(run.files(per_page=2))),
        [each.name for each in run.logged_artifacts()], [each.name for each in run.used_artifacts()]]
found["filtered"] = [run.id for run in api.runs("tester/demo", filters={"group": "g0"}, order="-created_at")]
found["projects"] = [project.name for project in api.projects("tester")]
artifact = api.artifact("tester/demo/generator:latest")
found["content"] = (pathlib.Path(artifact.download(root="here")) / "weights/w.bin").read_text()
found["lineage"] = [artifact.logged_by().id, [run.id for run in api.artifact("tester/demo/generator:first").used_by()]]
found["refused"] = []
for path in ("tester/none", "nobody/demo", "closed/demo"):
    try:
        list(api.runs(path))
    except Exception as error:
        found["refused"].append(str(error))
print(json.dumps(found))
"""


def test_the_public_api_reads_what_runs_logged(server: WandbServer, tmp_path: Path) -> None:
    server.store.forbidden.add("closed")
    told(server, tmp_path, "-c", LOGGED)
    found = json.loads(told(server, tmp_path, "-c", READ))
    assert found["count"] == 3
    fids = [10.0, 9.0, 8.0, 7.0]
    files = len(server.runs[f"{USER}/demo"]["r0"].files)
    assert found["r0"] == ["finished", "g0", {"a.b": 0}, 7.0, 4, fids, files, ["generator:v0"], []]
    assert found["r1"][:4] == ["failed", "g1", {"a.b": 1}, 7.0]
    assert found["r2"][-2:] == [["generator:v2"], ["generator:v0"]]
    assert found["filtered"] == ["r2", "r0"]
    assert found["projects"] == ["demo"]
    assert found["content"] == "www"
    assert found["lineage"] == ["r2", ["r2"]]
    assert found["refused"] == ["Could not find project none", "Could not find project demo", "permission denied"]
    (artifact, _, last) = server.artifacts
    assert (artifact.name, artifact.aliases, artifact.metadata) == ("generator:v0", ["first"], {"of": 0})
    assert last.aliases == ["latest"]
    assert server.runs[f"{USER}/demo"]["r2"].used == [artifact]


SAVED = """
import wandb, wandb_workspaces.reports.v2 as reports, wandb_workspaces.workspaces as workspaces
wandb.Api().create_project("demo", "tester")
panel = reports.LinePlot(x="Step", y=["fid"])
section = workspaces.Section(name="curves", panels=[panel], is_open=True)
workspace = workspaces.Workspace(entity="tester", project="demo", name="first", sections=[section])
workspace.save()
again = workspaces.Workspace.from_url(workspace.url)
again.name = "second"
again.save()
runset = reports.Runset("tester", "demo")
report = reports.Report(entity="tester", project="demo", title="first",
    blocks=[reports.H1("Answer"), reports.PanelGrid(runsets=[runset], panels=[panel])])
report.save()
report.title = "second"
report.save()
print([each.display_name for each in wandb.Api().reports("tester/demo")])
"""


def test_workspaces_and_reports_are_saved_and_changed(server: WandbServer, tmp_path: Path) -> None:
    assert "['second']" in told(server, tmp_path, "-c", SAVED)
    assert [(view.type, view.display_name) for view in server.views] == [("project-view", "second"), ("runs", "second")]
    assert "curves" in str(server.views[0].spec)
    assert "Answer" in str(server.views[1].spec)
