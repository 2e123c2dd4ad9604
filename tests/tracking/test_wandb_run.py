"""The W&B mirror, with the real library: offline, and online against a server that is not there."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import wandb
from PIL import Image

from dcgan.experiment import Experiment
from dcgan.records.run_record import RunRecord
from dcgan.tracking.wandb_run import WandbMirror, choose_mode, described, logged_in
from dcgan.training.events import Ended, Event, Sampled, Scored, Started, Ticked
from tests.tiny import PROTOCOL

RECORD = RunRecord(id="abc", status="finished", scores={"fid": 9.5}, seconds=1.5, images_per_second=66.0)


@pytest.fixture(autouse=True)
def _no_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WANDB_API_KEY", "WANDB_MODE", "WANDB_BASE_URL", "WANDB_IDENTITY_TOKEN_FILE", "WANDB_SWEEP_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setattr(WandbMirror, "_given_up", False)


def _events(experiment: Experiment, folder: Path) -> list[Event]:
    grid = folder / "grid.png"
    Image.new("L", (16, 16)).save(grid)
    return [
        Started(experiment, folder, 0, 100),
        Ticked({"images": 50.0, "loss_d": 0.5}),
        Scored(50, "validation", {"fid": 12.0}, PROTOCOL),
        Sampled(50, grid),
        Ended(RECORD),
    ]


def test_auto_is_online_only_when_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_mode("auto") == "disabled"
    (tmp_path / "netrc").write_text("machine api.wandb.ai login user password 0123\n")
    assert logged_in()
    assert choose_mode("auto") == "online"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert choose_mode("auto") == "disabled"
    monkeypatch.setenv("WANDB_API_KEY", "0123")
    assert choose_mode("auto") == "online"


def test_the_environment_s_mode_is_respected_and_the_experiment_s_goes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0123")
    monkeypatch.setenv("WANDB_MODE", "dryrun")
    assert choose_mode("auto") == "offline"
    monkeypatch.setenv("WANDB_MODE", "disabled")
    assert choose_mode("auto") == "disabled"
    assert choose_mode("online") == "online"


def test_a_damaged_netrc_is_no_login(tmp_path: Path) -> None:
    for text in ("machine api.wandb.ai login\nnonsense", "nonsense api.wandb.ai"):
        (tmp_path / "netrc").write_text(text)
        assert not logged_in()


def test_the_configuration_is_flat_and_without_folders_or_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "a-very-secret-key")
    experiment = Experiment().with_({"data": {"name": "folder", "folder": "/home/me/faces"}})
    config = described(experiment)
    assert config["id"] == experiment.id
    assert config["objective.penalty.kind"] == "none"
    assert "/home/me/faces" not in str(config)
    assert "a-very-secret-key" not in str(config)


def test_disabled_does_not_even_import_wandb(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from dcgan.experiment import Experiment\n"
        "from dcgan.tracking.wandb_run import WandbMirror\n"
        "from dcgan.training.events import Started\n"
        "WandbMirror()(Started(Experiment(), Path('x'), 0, 1))\n"
        "sys.exit('wandb' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=tmp_path).returncode == 0


def test_offline_writes_a_run_with_its_media(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("DCGAN_HOME", str(home))
    experiment = Experiment(name="tiny").with_({"tracking.wandb": "offline"})
    mirror = WandbMirror(group="demo", name="bare-0", tags=["bare"])
    for event in _events(experiment, tmp_path):
        mirror(event)
    (file,) = (home / "wandb").glob(f"offline-run-*-{experiment.id}/run-{experiment.id}.wandb")
    # finish() returns a moment before W&B's own process has written what it was given.
    deadline = time.monotonic() + 20
    while file.stat().st_size < 1000 and time.monotonic() < deadline:
        time.sleep(0.05)
    content = file.read_bytes()
    for expected in (b"bare-0", b"demo", b"validation/fid", b"loss_d", b"objective.penalty.kind"):
        assert expected in content
    assert list(file.parent.glob("files/media/images/samples_*.png"))
    assert "note:" not in capfd.readouterr().err


def test_two_runs_in_one_process_are_two_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path))
    for seed in (1, 2):
        mirror = WandbMirror()
        experiment = Experiment().with_({"seed": seed, "tracking.wandb": "offline"})
        mirror(Started(experiment, tmp_path, 0, 100))
        mirror(Ended(replace(RECORD, status="running")))
    assert len(list((tmp_path / "wandb").glob("offline-run-*"))) == 2


def test_a_server_that_is_away_is_one_note_and_no_second_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("dcgan.tracking.wandb_run._INIT_SECONDS", 2.0)
    experiment = Experiment().with_({"tracking.wandb": "online"})
    for _ in range(2):
        mirror = WandbMirror()
        for event in _events(experiment, tmp_path):
            mirror(event)
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("note:")]
    assert len(told) == 1
    assert told[0].startswith("note: W&B is left out from here on: ")
    assert "0" * 40 not in told[0]


def test_an_arm_of_many_tips_is_still_a_tag_that_wandb_takes() -> None:
    arm = "small_networks+he_init+batch_norm+leaky_relu+gradient_penalty+lr_decay+mini_batch"
    settings = wandb.Settings()
    settings.run_tags = tuple(WandbMirror(tags=[arm, arm + "+replay", "bare"])._tags)  # refuses what is too long
    assert len(set(settings.run_tags)) == 3
    assert settings.run_tags[2] == "bare" and all(tag.startswith("small_networks+") for tag in settings.run_tags[:2])
