"""Runs in W&B by the real client: offline, read back with W&B's own reader, and online with a server of this machine."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.tracking.wandb_run import fingerprint, summary
from tests.tiny import record
from tests.tracking.conftest import run_python
from tests.wandb_server import USER, WandbServer

pytestmark = pytest.mark.slow

# Shows the run of that directory, as an upload does and as an agent's program does with a run that is over.
REPLAY = """
import sys
from pathlib import Path
from dcgan.runs.directory import RunDirectory
from dcgan.tracking.header import alone
from dcgan.tracking.tracker import replay
from dcgan.tracking.wandb_run import open_run
from dcgan.tracking.wandb_settings import check
directory = RunDirectory(Path(sys.argv[1]))
tracker = open_run(alone(directory.experiment()), check())
print("next", tracker.next_images)
replay(directory, tracker)
"""


def replayed(directory: RunDirectory, **variables: str) -> str:
    done = run_python(REPLAY, str(directory.path), **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def metrics(directory: RunDirectory) -> list[dict[str, float]]:
    """metrics.csv as numbers."""
    return [{key: float(value) for key, value in row.items()} for row in directory.rows("metrics")]


def history_of(folder: Path) -> list[dict[str, Any]]:
    """The history in an offline run's folder, as `wandb leet inspect` reads it; waits until W&B's process has ended it."""
    command = [sys.executable, "-m", "wandb", "leet", "inspect", "--json", str(folder)]
    deadline = time.monotonic() + 30
    while True:
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        records = [json.loads(line) for line in lines]
        if (records and records[-1]["type"] == "exit") or time.monotonic() > deadline:
            return [each["history"]["item"] for each in records if each["type"] == "history"]
        time.sleep(0.2)


def columns(rows: list[dict[str, Any]], like: list[dict[str, float]]) -> list[dict[str, float]]:
    """The rows that have what metrics.csv has, with its columns alone."""
    return [{key: row[key] for key in like[0]} for row in rows if like[0].keys() <= row.keys()]


def test_an_offline_run_read_back_equals_the_metrics_row_by_row(trained: RunDirectory) -> None:
    told = replayed(trained, WANDB_MODE="offline")
    (folder,) = Path("home/wandb").glob(f"offline-run-*-{trained.path.name}")
    assert f"W&B, offline: {Path('home/wandb').absolute()}" in told and "wandb:" not in told
    history = history_of(folder)
    assert columns(history, metrics(trained)) == metrics(trained)
    assert [row["_step"] for row in history] == [100, 200, 300]
    assert (history[2]["validation/fid"], history[2]["test/fid"]) == (8.0, 7.5)
    assert len(list(folder.glob("files/media/images/samples_*.png"))) == 2
    assert not list(Path("wandb-data").rglob("*.*")), "no artifact is staged where nobody would look for it"


def test_an_interrupted_offline_run_that_goes_on_holds_the_whole_history_in_its_second_folder(
    tiny: Experiment, trained: RunDirectory
) -> None:
    replayed(trained, WANDB_MODE="offline")
    trained.append("metrics", {"step": 40, "images": 400, "loss_d": 0.0625})
    time.sleep(1.1)  # W&B names folders by the second
    replayed(trained, WANDB_MODE="offline")
    first, second = sorted(Path("home/wandb").glob(f"offline-run-*-{tiny.id}"))
    assert [row["_step"] for row in history_of(first)] == [100, 200, 300]
    assert columns(history_of(second), metrics(trained)) == metrics(trained)


def test_syncing_all_of_an_interrupted_run_sends_each_row_once(trained: RunDirectory, server: WandbServer) -> None:
    replayed(trained, WANDB_MODE="offline")
    trained.append("metrics", {"step": 40, "images": 400, "loss_d": 0.0625})
    time.sleep(1.1)
    replayed(trained, WANDB_MODE="offline")
    for folder in Path("home/wandb").glob("offline-run-*"):
        history_of(folder)  # has been written to its end
    command = [sys.executable, "-m", "wandb", "sync", "home/wandb"]
    subprocess.run(command, env={**os.environ, **server.env()}, check=True, capture_output=True, timeout=120)
    run = server.runs[f"{USER}/tiny"][trained.path.name]
    assert columns(run.history, metrics(trained)) == metrics(trained)


def test_an_online_run_arrives_as_specified(tiny: Experiment, trained: RunDirectory, server: WandbServer) -> None:
    told = replayed(trained, **server.env())
    assert f"W&B: {server.url}/{USER}/tiny" in told
    run = server.runs[f"{USER}/tiny"][tiny.id]
    assert (run.name, run.group, run.job_type, run.state, run.exit_code) == ("tiny-s0", None, "train", "finished", 0)
    assert run.tags[0] == "tiny"
    assert run.config["optimizer.generator.lr"] == tiny.optimizer.generator.lr
    assert run.config["id"] == tiny.id and run.config["tip/batch_norm"] in {True, False}
    assert columns(run.history, metrics(trained)) == metrics(trained)
    assert [row["samples"]["_type"] for row in run.history if "samples" in row] == ["image-file"] * 2
    assert {"fid": 7.5, "status": "finished", "images": 300}.items() <= run.summary.items()
    assert run.summary["record"] == fingerprint(trained.record())
    media = {row["samples"]["path"] for row in run.history if "samples" in row}
    assert media <= run.files.keys()
    assert [artifact.name for artifact in run.artifacts] == [f"record-{tiny.id}:v0", f"generator-{tiny.id}:v0"]
    assert "images" in str(run.raw_config["_wandb"]["value"]["m"]), "the axis"


def test_the_untrained_generators_score_begins_the_curve_and_is_not_the_runs(
    tiny: Experiment, server: WandbServer
) -> None:
    directory = RunDirectory.of(tiny)
    directory.describe(tiny)
    directory.append("scores", {"images": 0, "split": "validation", "extractor": "classifier", "fid": 500.0})
    directory.write_record(record(id=tiny.id, images=0, status="diverged", scores={}))
    replayed(directory, **server.env())
    run = server.runs[f"{USER}/tiny"][tiny.id]
    assert [(row["_step"], row["validation/fid"]) for row in run.history] == [(0, 500.0)]
    assert run.summary["images"] == 0
    assert run.summary.get("validation/fid") is None


def test_a_run_that_is_there_in_part_gets_the_rest_once(
    tiny: Experiment, trained: RunDirectory, server: WandbServer
) -> None:
    replayed(trained, **server.env())
    trained.append("metrics", {"step": 40, "images": 400, "loss_d": 0.0625})
    assert "next 301" in replayed(trained, **server.env())
    replayed(trained, **server.env())
    run = server.runs[f"{USER}/tiny"][tiny.id]
    assert columns(run.history, metrics(trained)) == metrics(trained)


def test_a_run_that_was_deleted_in_wandb_gets_another_id(
    tiny: Experiment, trained: RunDirectory, server: WandbServer
) -> None:
    replayed(trained, **server.env())
    delete = f"import wandb; wandb.Api().run('{USER}/tiny/{tiny.id}').delete()"
    assert run_python(delete, **server.env()).returncode == 0
    replayed(trained, **server.env())
    run = server.runs[f"{USER}/tiny"][f"{tiny.id}-2"]
    assert len(run.history) == 3 and run.config["id"] == tiny.id


def test_what_the_user_set_in_wandb_s_own_ways_goes_before_our_names(
    trained: RunDirectory, server: WandbServer, tmp_path: Path
) -> None:
    theirs = {
        "WANDB_PROJECT": "theirs",
        "WANDB_NAME": "my-name",
        "WANDB_TAGS": "x,y",
        "WANDB_RUN_GROUP": "ours",
        "WANDB_DIR": str(tmp_path / "there"),
    }
    (tmp_path / "there").mkdir()
    replayed(trained, **server.env(), **theirs)
    run = server.runs[f"{USER}/theirs"][trained.path.name]
    assert (run.name, run.group) == ("my-name", "ours")
    assert {"x", "y", "tiny"} <= set(run.tags)
    assert list((tmp_path / "there" / "wandb").glob("run-*")) and not Path("home/wandb").exists()


def test_under_an_agent_it_is_the_run_that_the_agent_handed_out(trained: RunDirectory, server: WandbServer) -> None:
    replayed(trained, **server.env(), WANDB_SWEEP_ID="sweep1", WANDB_RUN_ID="handed0", WANDB_PROJECT="p")
    run = server.runs[f"{USER}/p"]["handed0"]
    assert len(run.history) == 3 and run.config["id"] == trained.path.name


@pytest.mark.parametrize(("status", "state"), [("diverged", "failed"), ("failed", "failed"), ("pruned", "finished")])
def test_how_a_run_came_out_is_its_state_there(
    status: Any, state: str, trained: RunDirectory, server: WandbServer
) -> None:
    trained.write_record(record(id=trained.path.name, status=status, failure="loss_d is nan", images=300))
    replayed(trained, **server.env())
    run = server.runs[f"{USER}/tiny"][trained.path.name]
    assert (run.state, run.summary["status"], run.summary["failure"]) == (state, status, "loss_d is nan")


def test_the_summary_has_the_final_score_and_the_best_under_its_own_name() -> None:
    curve = {"best": {"images": 100, "fid": 5.0}, "last": {"images": 300, "fid": 8.0}}
    told = summary(record(scores={"fid": 7.5}, curve=curve, protocol={"extractor": "classifier", "generated": 270}))
    assert (told["fid"], told["best/fid"], told["best/images"]) == (7.5, 5.0, 100)
    assert (told["protocol/extractor"], told["protocol/generated"]) == ("classifier", 270)


def test_nothing_that_names_the_machine_or_the_person_is_recorded(
    trained: RunDirectory, server: WandbServer, tmp_path: Path
) -> None:
    planted = {"HOME": str(tmp_path / "home-of-planted"), "USER": "user-planted", "LOGNAME": "user-planted"}
    code = "import socket; socket.gethostname = lambda: 'host-planted'\n" + REPLAY
    key = server.env()["WANDB_API_KEY"]
    for mode in ("online", "offline"):
        variables = {**server.env(), **planted, "WANDB_MODE": mode, "DCGAN_STORAGE": "postgresql://u:pw-planted@h/db"}
        done = run_python(code, str(trained.path), "--storage=postgresql://u:pw-planted@h/db", **variables)
        assert done.returncode == 0, done.stderr
    secrets = [b"planted", key.encode(), str(tmp_path).encode()]
    files = [file for folder in (trained.path, Path("home/wandb")) for file in folder.rglob("*") if file.is_file()]
    assert any(file.suffix == ".wandb" for file in files)
    for file in files:
        content = file.read_bytes()
        assert not [secret for secret in secrets[:2] if secret in content], file
        if file.suffix == ".wandb":
            assert secrets[2] not in content, file
    bodies = b"\n".join(request.body for request in server.requests)
    assert not [secret for secret in secrets if secret in bodies]


def test_the_curves_of_an_offline_training_equal_its_tables(tmp_path: Path) -> None:
    words = [
        "train",
        "digits",
        "budget.epochs=2",
        "budget.images_per_epoch=200",
        "score.every_epochs=1",
        "tracking.tick_images=100",
        "generator.width=8",
        "discriminator.width=8",
        "compute.threads=1",
    ]
    done = run_python(
        "import sys; from dcgan.cli import main; sys.exit(main(sys.argv[1:]))", *words, WANDB_MODE="offline"
    )
    assert done.returncode == 0, done.stderr
    (folder,) = Path("home/wandb").glob("offline-run-*")
    (table,) = Path("home/runs").glob("*/metrics.csv")
    with table.open() as file:
        rows = [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
    assert columns(history_of(folder), rows) == rows
