"""`dcgan sweep`, `worker`, `status` and `dashboard`, as they are typed."""

from __future__ import annotations

import csv
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from PIL import Image

from dcgan import places
from dcgan.cli import main
from tests.postgres import free_port, postgres
from tests.tiny import CURVED

__all__ = ["postgres"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier is trained once for all tests here."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path) -> str:
    """A study of two arms and two seeds, in a working directory of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DCGAN_HOME", ".")
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    Path("tiny.yaml").write_text(yaml.safe_dump(CURVED))
    Path("small.yaml").write_text("experiment: tiny.yaml\nfactors: [batch_norm]\nseeds: 2\n")
    return "small.yaml"


def _rows(study: str = "small") -> list[dict[str, str]]:
    with Path(f"studies/{study}/trials.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_a_dry_run_writes_nothing_and_says_what_would_be(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "generator.normalisation=batch" in shown
    assert "in every arm, since start=bare holds for the tips that are no factors: " in shown
    assert "update.batch=100" in shown
    assert "trials: 4 = 2 arms x 2 seeds; 0 of them are already trained" in shown
    assert re.search(r"time: about \d+ s of training and scoring, \d+ at a time", shown)
    assert "standard deviations" in shown
    assert "warning: with 2 seeds and 1 comparison no result could become significant without assumptions" in shown
    assert "6 seeds would do" in shown
    assert main(["sweep", small, "--dry-run", "--json", "seeds=1"]) == 0
    plan = _json(capsys)
    assert plan["arms"] == ["bare", "batch_norm"]
    assert (plan["trials"], plan["reused"]) == (2, 0)
    assert 0 < plan["seconds"] < 60
    assert plan["resolvable_difference"] is None
    assert "no result can become significant with 1 seed" in plan["warning"]
    assert "at least 2" in plan["resolution"]
    assert not Path("studies").exists()
    assert not Path("runs").exists()


def _bars(folder: Path) -> None:
    """Thirty images without class folders."""
    folder.mkdir()
    for number in range(30):
        Image.new("L", (16, 16), color=8 * number).save(folder / f"{number}.png")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["update.batch=200", "budget.epochs=90"],
            "arm '[a-z_]*': update.batch=2000 is larger than the training split",
        ),
        (["data.name=folder", "data.folder=bars", "update.batch=2"], "arm '[a-z_]*': data set 'folder' has no labels"),
        (["score.samples=5000"], "arm '[a-z_]*': 5000 samples: the test split of digits has 449 images"),
    ],
)
def test_a_dry_run_refuses_what_the_run_will(
    small: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _bars(Path("bars"))
    for more in (["--dry-run"], []):
        assert main(["sweep", small, *words, *more]) == 2
        assert re.search(message, capsys.readouterr().err)
    assert not Path("studies").exists()


def test_what_fits_into_a_time_is_whole_seeds_and_the_rest_stays_planned(
    small: str, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--workers", "1", "--no-report"]
    words = ["sweep", small, "seeds=3", *options]
    assert main([*words, "--for", "1s", "budget.epochs=500"]) == 2
    assert "one seed of all arms, 2 trials, takes about" in capsys.readouterr().err
    assert not Path("studies").exists()
    assert main(["sweep", small, "seeds=1", "study=tried", *options]) == 0  # now it is known how long a trial takes
    seconds = sum(
        record["seconds"] + record["scoring_seconds"]
        for record in (json.loads(path.read_text()) for path in Path("runs").glob("*/run.json"))
    )
    capsys.readouterr()
    in_time = ["--for", f"{1.5 * seconds:.3f}s"]
    assert main([*words, *in_time, "--dry-run", "--json"]) == 0
    plan = _json(capsys)
    assert plan["in_time"]["seeds"] == [1]
    assert (plan["in_time"]["trials"], plan["seeds"], plan["reused"]) == (2, 2, 2)
    assert main([*words, *in_time]) == 0
    assert "the other 2 stay planned" in capsys.readouterr().err
    assert [row["status"] for row in _rows()] == ["finished"] * 4 + ["planned"] * 2
    assert main(words) == 0
    assert [row["status"] for row in _rows()] == ["finished"] * 6


def test_a_plan_that_stops_when_decided_tells_its_looks(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "stop={at_most: 4}", "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "trials: at most 8 = 2 arms x 4 seeds" in shown
    assert "looks: after 2, 3, 4 seeds" in shown
    assert "time: at most" in shown


def test_a_dry_run_downloads_nothing(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "data.name=mnist", "--dry-run"]) == 0
    assert not places.data().exists()


def test_the_next_command_can_be_pasted(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path(small).rename("my small.yaml")
    words = ["study=small", "factors=[he_init, batch_norm]"]
    assert main(["sweep", "my small.yaml", *words, "--dry-run"]) == 0
    following = capsys.readouterr().out.splitlines()[-1].removeprefix("next: ")
    assert shlex.split(following) == ["dcgan", "sweep", "my small.yaml", *words]


@pytest.mark.parametrize("kind", ["journal", "postgresql", "grpc"])
def test_the_dashboard_opens_each_storage(small: str, kind: str, request: pytest.FixtureRequest) -> None:
    pytest.importorskip("optuna_dashboard")
    from dcgan.study import plan, queue, storage, sweep

    made = plan.make(sweep.load(small))
    plan.write(made)
    url = None if kind == "journal" else request.getfixturevalue("postgres").new_database(f"dashboard_{kind}")
    if kind == "grpc":
        behind, grpc_port = url, free_port()
        url = f"grpc://127.0.0.1:{grpc_port}"
        proxy = storage.proxy(storage.open_storage(made.directory, behind), "127.0.0.1", grpc_port)
        request.addfinalizer(lambda: proxy.stop(0).wait())
    queue.Queue(made, url).fill()
    port = free_port()
    words = [sys.executable, "-m", "dcgan", "dashboard", "small", "--port", str(port), "--json"]
    environment = {**os.environ, **({"DCGAN_STORAGE": url} if url else {})}
    server = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert "(Ctrl-C ends it)" in server.stderr.readline()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/studies", timeout=30) as answer:
            assert [study["study_name"] for study in json.load(answer)["study_summaries"]] == ["small"]
        assert b"127.0.0.1" not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
        server.send_signal(signal.SIGINT)
        assert json.loads(server.communicate(timeout=30)[0])["storage"] in (
            url,
            "studies/small/optuna.journal",
            "postgresql://dcgan@" + (url or "").rpartition("@")[2],
        )
    finally:
        server.kill()
        server.wait()
    assert server.returncode == 0


def test_trained_once_then_continued(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--workers", "1", "--no-report", "--json"]) == 0
    taken = capsys.readouterr()
    assert json.loads(taken.out)["finished"] == 4
    assert [line[:5] for line in taken.err.splitlines() if line.startswith("[")] == [
        "[1/4]",
        "[2/4]",
        "[3/4]",
        "[4/4]",
    ]
    before = _rows()
    assert main(["sweep", small, "--no-report"]) == 0
    assert "4 of 4 trials finished" in capsys.readouterr().out
    assert main(["sweep", small, "--dry-run", "--json", "--seeds=3"]) == 0
    plan = _json(capsys)
    assert (plan["trials"], plan["reused"]) == (6, 4)
    assert plan["seconds"] > 0
    assert plan["resolvable_difference"] > 0
    assert main(["sweep", small, "--workers=1", "--no-report", "seeds=3"]) == 0
    capsys.readouterr()
    assert _rows()[:4] == before
    assert main(["sweep", small, "budget.epochs=3", "--no-report"]) == 2
    assert "budget.epochs: 2 -> 3" in capsys.readouterr().err

    assert main(["status", "small", "--json"]) == 0
    status = _json(capsys)
    assert (status["planned"], status["finished"], status["running"], status["seconds_left"]) == (6, 6, 0, 0.0)
    assert main(["status"]) == 0
    assert "next: dcgan report small" in capsys.readouterr().out
    assert main(["worker", "small"]) == 0
    assert "6 of 6" in capsys.readouterr().out


def test_status_watches_a_study_to_its_end(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.study import plan, sweep

    plan.write(plan.make(sweep.load(small)))
    watching = subprocess.Popen(
        [sys.executable, "-m", "dcgan", "status", "small", "--watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    told, seen = watching.communicate(timeout=60)
    assert json.loads(told)["finished"] == 4
    assert all(line.startswith("[") and ": finished, fid" in line for line in seen.splitlines())


def test_the_report_is_written(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--workers", "1", "--json"]) == 0
    result = _json(capsys)
    assert result["report"] == "reports/small/index.html"
    assert "batch_norm" in Path(result["report"]).read_text()


def test_ctrl_c_stops_with_130_and_the_same_command_goes_on(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    def interrupt() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(Path("runs").glob("*/generator.safetensors")):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    words = ["sweep", small, "--workers", "1", "--no-report", "budget.epochs=10"]
    threading.Thread(target=interrupt).start()
    assert main(words) == 130
    taken = capsys.readouterr()
    assert "type the same command again to go on" in taken.err
    assert "error:" not in taken.err
    begun = [row["status"] for row in _rows()]
    assert 1 <= begun.count("finished") < 4
    assert main(words) == 0
    assert [row["status"] for row in _rows()] == ["finished"] * 4
    attempts = [json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")]
    assert sum(attempts) <= 5


def test_workers_one_of_which_is_killed_make_the_undisturbed_table(small: str) -> None:
    longer = ["budget.epochs=40", "score.every_epochs=20", "tracking.tick_images=100"]
    words = ["sweep", small, "--no-report", *longer, "tracking.checkpoint_seconds=0.2"]
    sweep = subprocess.Popen(
        [sys.executable, "-m", "dcgan", *words, "--workers", "2"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stderr=subprocess.PIPE,
        text=True,
    )
    os.kill(_wait_for(lambda: _worker_in_training(sweep.pid)), signal.SIGKILL)
    _, told = sweep.communicate(timeout=120)
    assert sweep.returncode == 0, told
    assert "was killed by SIGKILL" in told
    disturbed = [{**row, "seconds": ""} for row in _rows()]
    assert [row["status"] for row in disturbed] == ["finished"] * 4
    attempts = [json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")]
    assert sum(attempts) <= 5, "only the killed trial was begun again"

    Path("runs").rename("disturbed")
    assert main([*words, "--workers=1"]) == 0
    assert [{**row, "seconds": ""} for row in _rows()] == disturbed


def _wait_for(look: Callable[[], int | None]) -> int:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("nothing was trained within a minute")


def _worker_in_training(parent: int) -> int | None:
    """A worker of that sweep that is training a run."""
    if not list(Path("runs").glob("*/metrics.csv")):
        return None
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    for child in children:
        held = [str(path.resolve()) for path in Path(f"/proc/{child}/fd").iterdir()]
        if any("/runs/" in path and path.endswith("/.lock") for path in held):
            return int(child)
    return None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep", "smal"], "no sweep named 'smal'"),
        (["sweep", "small.yaml", "design=leave-on-out"], "did you mean 'leave-one-out'?"),
        (["sweep", "small.yaml", "factors=[batch_nrm]"], "did you mean 'batch_norm'?"),
        (["sweep", "small.yaml", "budget.epoch=3"], "did you mean 'budget.epochs'?"),
        (["sweep", "small.yaml", "budget.epochs=0"], "budget.epochs=0"),
        (["sweep", "small.yaml", "experiment=tin"], "no experiment named 'tin'"),
        (["sweep", "small.yaml", "seeds=[1,1]"], "seeds: 1 is given twice"),
        (["sweep", "small.yaml", "study=../x"], "use letters"),
        (["sweep", "small.yaml", "stop.at_most=8"], "stop is given as a whole, as in stop='{at_most: 8}'"),
        (["sweep", "small.yaml", "--for", "soon"], "--for soon: expected a time such as 2h, 90m, 1h30m or 45s"),
        (["sweep", "small.yaml", "stop={at_most: 1}"], "stop.at_most=1: the first look is after 2 seeds already"),
        (["sweep", "small.yaml", "--workers", "0"], "--workers 0: expected 1 or more"),
        (["sweep", "small.yaml", "--launcher", "rai"], "--launcher rai is not offered; did you mean 'ray'?"),
        (["sweep", "small.yaml", "--option", "workers_per_gpus=2"], "did you mean 'workers_per_gpu'?"),
        (["status", "--watch"], "--watch: of which study?"),
        (["sweep", "small.yaml", "--storage", "nonsense"], "not a database URL"),
        (["sweep", "small.yaml", "--storage", "sqlite:///queue.db"], "SQLite hands a trial out twice"),
        (["sweep", "small.yaml", "--dry-run", "--storage", "sqlite:///queue.db"], "SQLite hands a trial out twice"),
        (["sweep", "small.yaml", "retries=-1"], "retries=-1"),
        (["proxy"], "a proxy stands before a database"),
        (["proxy", "--storage", "sqlite:///queue.db"], "a proxy stands before a database"),
        (["sweep", "small.yaml", "data.name=folder", "data.folder=nowhere"], "nowhere"),
        (["sweep", "small.yaml", "update.batch=200", "budget.epochs=90"], "larger than the training split"),
        (["worker", "smal"], "no study named 'smal'"),
        (["status", "smal"], "no study named 'smal'"),
        (["dashboard", "smal"], "no study named 'smal'"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(
    small: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not Path("runs").exists()
    assert not Path("studies").exists(), "nothing is half-written"


def test_status_without_any_study(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "no study in studies yet\nnext: dcgan sweep demo" in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    assert _json(capsys) == {"studies": []}


def test_a_study_that_cannot_be_read_hides_no_other(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.study import plan, sweep

    for name in ("good", "bad"):
        plan.write(plan.make(sweep.load(small, {"study": name})))
    Path("studies/bad/plan.json").write_text("{")
    assert main(["status", "--json"]) == 0
    taken = capsys.readouterr()
    assert [study["study"] for study in json.loads(taken.out)["studies"]] == ["good"]
    assert "studies/bad/plan.json is damaged" in taken.err
    assert main(["status", "bad"]) == 1


@pytest.mark.parametrize("content", ["{}", '{"status": "running", "seconds": null}'])
def test_an_incomplete_record_is_a_failure_that_names_the_file(
    small: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from dcgan.study import plan, sweep

    made = plan.make(sweep.load(small))
    plan.write(made)
    file = Path("runs", made.trials[0].run, "run.json")
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert main(["status", "small"]) == 0
    assert f"failed: {file} is damaged" in capsys.readouterr().out
    assert main(["status", "small", "--json"]) == 0
    status = _json(capsys)
    assert (status["failed"], status["waiting"]) == (1, 3)
    assert [each["seed"] for each in status["failures"]] == [made.trials[0].seed]
    assert main(["sweep", small, "--dry-run", "--json"]) == 0
    assert _json(capsys)["failed"] == 1


def test_a_study_whose_every_trial_fails_names_the_reason(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--dry-run"]) == 0
    from dcgan.study import plan, sweep

    for trial in plan.make(sweep.load(small)).trials:
        Path("runs", trial.run).mkdir(parents=True)
        Path("runs", trial.run, "run.json").write_text("{")
    capsys.readouterr()
    assert main(["sweep", small, "--workers", "1"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: study 'small': no trial finished; arm '")
    assert "damaged" in error
