"""`dcgan report wandb:ENTITY/PROJECT` as it is typed, with W&B's own client and a server on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dcgan.cli import main
from tests.wandb_server import USER, Run, WandbServer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WandbServer]:
    """With a project of one of our studies, one of somebody else's runs, and an empty one."""
    with WandbServer(tmp_path_factory.mktemp("server")) as running:
        for project in ("tips", "others", "empty"):
            running.store.add_project(USER, project)
        for number in range(12):
            seed, helps = divmod(number, 2)
            _add(
                running,
                "tips",
                number,
                {"arm": ("bare", "he_init")[helps], "seed": seed, "study": "tips", "id": str(number)}
                | {"factor/he_init": ("off", "on")[helps], "optimizer.generator.lr": 1e-4},
                {"status": "finished", "fid": 20.0 + seed - 6 * helps + 0.1 * (number % 3), "seconds": 3.0},
            )
            config = {"opt": {"lr": (1e-4, 1e-3)[helps]}, "seed": seed}
            _add(running, "others", number, config, {"acc": 0.5 + 0.02 * seed + 0.1 * helps + 0.001 * (number % 3)})
        running.runs[f"{USER}/tips"]["run3"].summary = {"status": "diverged"}
        running.runs[f"{USER}/tips"]["run3"].state = "failed"
        running.store.forbidden.add("closed")
        yield running
    assert running.unknown == []


def _add(server: WandbServer, project: str, number: int, config: dict[str, object], summary: dict[str, object]) -> None:
    run = Run(USER, project, f"run{number}", name=f"run {number}", state="finished", summary=summary)
    run.raw_config = {key: {"value": value} for key, value in config.items()}
    run.group = f"g{number % 2}"
    server.runs[f"{USER}/{project}"][run.id] = run


def _typed(server: WandbServer, home: Path, *words: str, **variables: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `dcgan report` in a process of its own: W&B's client keeps its server for life."""
    environment = {**os.environ, **server.env(), "DCGAN_HOME": str(home), **variables}
    environment = {name: value for name, value in environment.items() if value}
    words = (sys.executable, "-m", "dcgan", "report", *words)
    done = subprocess.run(
        words,
        env=environment,
        cwd=home,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_study_of_ours_is_reported_from_wandb_and_again_without_it(
    server: WandbServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "reports" / "tips" / "report.json"  # of the study of that name
    own.parent.mkdir(parents=True)
    own.write_text("{}")
    code, shown, told = _typed(server, tmp_path, f"wandb:{USER}/tips")
    assert code == 0, told
    assert [path.name for path in own.parent.iterdir()] == ["report.json"] and own.read_text() == "{}"
    assert "he_init" in shown and "helps where it survives: 1 of 6 runs diverged" in shown
    table = tmp_path / "reports" / f"{USER}-tips.csv"
    assert f"W&B: 12 runs of {USER}/tips in {table}" in told
    lines = shown.splitlines()
    page = tmp_path / "reports" / f"{USER}-tips" / "index.html"
    assert lines[-2:] == [f"again, without W&B: dcgan report {table}", f"next: open {page}"]
    content = page.read_text(encoding="utf-8")
    assert f"{USER}/tips" not in content and "1e-04" not in content
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path))
    assert main(["report", str(table)]) == 0
    assert capsys.readouterr().out.splitlines()[0] == lines[0]
    assert page.read_text(encoding="utf-8") == content


def test_other_runs_are_reported_by_a_setting_and_a_metric(server: WandbServer, tmp_path: Path) -> None:
    words = (
        f"wandb:{USER}/others",
        "--arm",
        "opt.lr",
        "--seed",
        "seed",
        "--metric",
        "acc",
        "--goal",
        "maximize",
        "--json",
    )
    code, shown, told = _typed(server, tmp_path, *words)
    assert code == 0, told
    content = json.loads(shown)
    assert [arm["arm"] for arm in content["arms"]] == ["0.0001", "0.001"]
    assert (content["metric"], content["trials"]["done"]) == ("acc", 12)
    assert "W&B's export; the arm is 'opt.lr'" in told


def test_one_study_of_a_project_has_a_name_of_its_own(server: WandbServer, tmp_path: Path) -> None:
    code, shown, told = _typed(server, tmp_path, f"wandb:{USER}/tips/tips", "--json")
    assert code == 0, told
    assert json.loads(shown)["title"] == f"{USER}-tips-tips"
    assert {path.name for path in (tmp_path / "reports").iterdir()} == {f"{USER}-tips-tips.csv", f"{USER}-tips-tips"}


def test_a_project_of_many_pages_is_read_to_its_end(server: WandbServer, tmp_path: Path) -> None:
    for number in range(405):
        _add(server, "many", number, {"arm": f"a{number % 2}", "seed": number // 2}, {"fid": 5.0 + 0.01 * number})
    server.store.add_project(USER, "many")
    code, _, told = _typed(server, tmp_path, f"wandb:{USER}/many")
    assert code == 0, told
    assert f"W&B: 405 runs of {USER}/many in " in told
    rows = (tmp_path / "reports" / f"{USER}-many.csv").read_text().splitlines()[1:]
    assert len(set(rows)) == 405


@pytest.mark.parametrize(
    ("source", "variables", "said"),
    [
        ("wandb:tester/tops", {}, "W&B has no project tester/tops that this login may read; did you mean 'tips'?"),
        ("wandb:testr/tips", {}, "W&B has no project testr/tips that this login may read; did you mean 'tester'?"),
        ("wandb:closed/tips", {}, "W&B does not allow it to this login"),
        ("wandb:tester/empty", {}, "tester/empty has no runs in W&B"),
        ("wandb:tester", {}, "wandb:tester: expected wandb:ENTITY/PROJECT"),
        ("wandb:tester/tips", {"WANDB_API_KEY": "x" * 40}, "does not take this key: run `wandb login --relogin`"),
        ("wandb:tester/tips", {"WANDB_API_KEY": "short"}, "WANDB_API_KEY: "),
        ("wandb:tester/tips", {"WANDB_API_KEY": ""}, "not logged in to W&B"),
    ],
)
def test_what_cannot_be_read_is_one_line(
    server: WandbServer, tmp_path: Path, source: str, variables: dict[str, str], said: str
) -> None:
    code, shown, told = _typed(server, tmp_path, source, **variables)
    assert code in (1, 2) and shown == ""
    assert said in told
    assert len(told.strip().splitlines()) == 1, told
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("trouble", ["fail", "hang", "refuse"])
def test_a_server_that_does_not_answer_is_not_waited_for_long(
    server: WandbServer, tmp_path: Path, trouble: str
) -> None:
    getattr(server, trouble)()
    try:
        code, _, told = _typed(server, tmp_path, f"wandb:{USER}/tips")
    finally:
        server.heal()
    assert code == 1
    assert "does not answer" in told and f"{USER}/tips was not read" in told
    assert len(told.strip().splitlines()) == 1, told


def test_a_project_is_not_watched(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wandb:me/tips", "--watch"]) == 2
    assert "wandb:me/tips is a table" in capsys.readouterr().err
