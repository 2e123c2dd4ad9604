"""The commands as they are typed: results on stdout, one line for a mistake, exit codes as promised."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from dcgan.cli import COMMANDS, main
from tests.postgres import Server, postgres

__all__ = ["postgres"]

TINY = [
    "data.size=16", "latent.dim=8", "generator.width=8", "discriminator.width=8", "update.batch=20", "budget.epochs=2",
    "budget.images_per_epoch=40", "tracking.grid=4", "score.every_epochs=0",
]  # fmt: skip


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def run(cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """A trained run's record, as `train --json` prints it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    assert main(["train", "digits", *TINY, "--json"]) == 0
    record: dict[str, Any] = json.loads(capsys.readouterr().out)
    return record


def _json(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "COMMAND"),
        (["swep"], "no command 'swep'; did you mean 'sweep'?"),
        (["train"], "EXPERIMENT"),
        (["train", "digit"], "no experiment named 'digit'; did you mean 'digits'?"),
        (["train", "cifar10"], "for the data set cifar10: mnist data.name=cifar10"),
        (["train", "digits", "update.bach=5"], "unknown key 'update.bach'; did you mean 'update.batch'?"),
        (["train", "digits", "--update.bach=5"], "unknown key 'update.bach'; did you mean 'update.batch'?"),
        (["train", "digits", "batch"], "'batch': expected KEY=VALUE"),
        (["train", "digits", "--jsn"], "'--jsn' is not understood; did you mean '--json'?"),
        (["train", "digits", "data.size=20"], "data.size=20: expected one of 16, 28, 32, 64, 128"),
        (
            ["train", "digits", "update.batch=2000"],
            "update.batch=2000 is larger than the training split of data.name=digits",
        ),
        (["train", "digits", "compute.device=tpu"], "compute.device=tpu: not available here; use auto, cpu or cuda"),
        (["train", "folder", "data.folder=/nowhere"], "/nowhere"),
        (["train", "digits", "score.samples=100000"], "100"),
        (["tips", "batchnorm"], "no tip named 'batchnorm'; did you mean 'batch_norm'?"),
        (["sweep", "dem"], "no sweep named 'dem'; did you mean 'demo'?"),
        (["sweep", "demo", "seed=3"], "seed"),
        (["sweep", "demo", "--worker=2"], "'--worker=2' is not understood; did you mean '--workers'?"),
        (["sample", "nothing", "--count", "5"], "no run 'nothing'"),
        (["score", "nothing"], "nor is it a study"),
        (["export", "nothing"], "no run 'nothing'"),
        (["sweep", "demo", "study=a/b"], "use letters, digits"),
        (["status", "nothing"], "no study named 'nothing'"),
        (["worker", "nothing"], "no study named 'nothing'"),
        (["sample", "x", "-n", "0"], "-n 0: expected 1 to"),
        (["export", "x", "--format", "tensorrt"], "invalid choice: 'tensorrt'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_2(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert len(said.err.strip().splitlines()) == 1
    assert message in said.err
    assert not (tmp_path / "home").exists()


def test_a_data_set_that_cannot_be_had_is_one_line_and_exit_code_1(tmp_path: Path) -> None:
    """In a process of its own: urllib keeps the first proxy that it has seen."""
    nobody = "http://127.0.0.1:9"  # a port where nobody listens stands in for no network
    environment = {**os.environ, "https_proxy": nobody, "http_proxy": nobody, "no_proxy": ""}
    command = [sys.executable, "-m", "dcgan", "train", "mnist"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "data set 'mnist' is not in" in line
    assert "DCGAN_DATA" in line
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_every_command_has_help_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        shown = capsys.readouterr().out
        assert f"example:\n  dcgan {command}" in shown
        assert "--json" in shown


def test_every_spelling_of_a_change_is_the_same_run(capsys: pytest.CaptureFixture[str]) -> None:
    ids = set()
    for word in ("update.batch=50", "--update.batch=50", "update={'batch': 50}"):
        assert main(["train", "digits", "--dry-run", word, "--json"]) == 0
        ids.add(_json(capsys)["id"])
    assert len(ids) == 1


def test_train_prints_its_record_and_then_says_it_is_finished(
    run: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run["status"] == "finished"
    assert set(run) >= {
        "id", "status", "seed", "attempts", "started", "seconds", "images_per_second", "scores", "failure", "environment",
        "version",
    }  # fmt: skip
    assert main(["train", "digits", *TINY]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("already finished: ")
    assert re.search(r"scores \(test_\d+_classifier\): fid \d", said.out)
    assert "next: " in said.err


def test_score_again_gives_the_same_scores(run: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", run["id"], "--json"]) == 0
    again = _json(capsys)
    assert {"fid", "isc", "kid", "precision", "recall"} <= again["scores"].keys()
    assert again["scores"].items() <= run["scores"].items()  # some are only taken at a run's end
    assert again["protocol"] == run["protocol"]


def test_sample_writes_grids_and_folders(
    run: dict[str, Any], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    grid, folder = tmp_path / "grid.png", tmp_path / "images"
    assert main(["sample", run["id"], "-n", "9", "--grid", str(grid), "--folder", str(folder), "--json"]) == 0
    assert _json(capsys) == {"images": 9, "grid": str(grid), "folder": str(folder)}
    assert Image.open(grid).size == (3 * 18 + 2, 3 * 18 + 2)
    assert len(list(folder.glob("*.png"))) == 9
    assert Image.open(folder / "000000.png").size == (16, 16)
    assert main(["sample", run["id"], "--interpolate"]) == 0
    assert "interpolation.png" in capsys.readouterr().out


def test_export_gives_the_same_images(run: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import torch
    from safetensors.torch import load_file

    from dcgan.runs.samples import load_generator

    assert main(["export", run["id"], "--out", str(tmp_path / "g.safetensors")]) == 0
    _, generator = load_generator(run["id"])
    exported = load_file(tmp_path / "g.safetensors")
    assert all(torch.equal(tensor, exported[name]) for name, tensor in generator.state_dict().items())
    runtime = pytest.importorskip("onnxruntime")
    assert main(["export", run["id"], "--format", "onnx", "--out", str(tmp_path / "g.onnx")]) == 0
    noise = torch.randn(3, 8)
    (images,) = runtime.InferenceSession(str(tmp_path / "g.onnx")).run(None, {"noise": noise.numpy()})
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(images), generator(noise), atol=1e-5, rtol=1e-4)


def test_doctor_answers_for_everything(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--json"]) == 0
    checks = {check["what"]: check for check in _json(capsys)["checks"]}
    assert checks["torch"]["ok"]
    assert not checks["data set mnist"]["ok"]
    assert "DCGAN_DATA" in checks["data set mnist"]["mend"]
    assert all(check["ok"] or check["mend"] for check in checks.values())
    assert "bf16" in checks["precision"]["found"]
    assert torch.cuda.is_available() or torch.backends.cpu.get_cpu_capability() in checks["device"]["found"]


def test_doctor_tries_a_storage(capsys: pytest.CaptureFixture[str], postgres: Server) -> None:
    assert main(["doctor", "--json", "--storage", postgres.new_database("doctor")]) == 0
    assert "reachable, 0 studies" in capsys.readouterr().out
    assert main(["doctor", "--storage", "sqlite:////nowhere/at/all.db"]) == 1
    assert "FAIL storage: not reachable" in capsys.readouterr().out
