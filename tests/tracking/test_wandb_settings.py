"""W&B as its user set it up, in each of its own ways, and before anything is trained what cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.common.errors import DcganError, Misuse
from dcgan.experiment import Experiment
from dcgan.tracking.wandb_settings import check, logged_in, silently, use, user_settings

KEY = "0123456789" * 4


def _settings_file(content: str) -> None:
    """As `wandb offline` and its kind leave it in the folder where they are typed."""
    file = Path("wandb/settings")
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"[default]\n{content}\n")


def _log_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", KEY)


def test_without_a_login_and_without_a_word_it_is_not_used() -> None:
    assert check() == "disabled"


def test_logged_in_it_is_online(monkeypatch: pytest.MonkeyPatch) -> None:
    _log_in(monkeypatch)
    assert check() == "online"


def test_a_key_in_the_netrc_file_is_a_login_for_its_server_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text(f"machine wandb.example.org login user password {KEY}\n")
    assert check() == "disabled"
    monkeypatch.setenv("WANDB_BASE_URL", "https://wandb.example.org")
    assert check() == "online"


def test_a_server_that_was_logged_in_to_by_name_is_known_from_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text(f"machine wandb.example.org login user password {KEY}\n")
    _settings_file("base_url = https://wandb.example.org")
    assert check() == "online"


@pytest.mark.parametrize("text", ["machine api.wandb.ai login\nnonsense", "nonsense api.wandb.ai"])
def test_a_damaged_netrc_file_is_no_login(tmp_path: Path, text: str) -> None:
    (tmp_path / "netrc").write_text(text)
    assert not logged_in()


@pytest.mark.parametrize("mode", ["offline", "disabled"])
def test_wandb_offline_and_wandb_disabled_in_the_folder_hold_although_there_is_a_key(
    mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _log_in(monkeypatch)
    subprocess.run([sys.executable, "-m", "wandb", mode], check=True, capture_output=True)
    assert check() == mode


@pytest.mark.parametrize(
    ("variable", "value", "mode"),
    [
        ("WANDB_MODE", "dryrun", "offline"),
        ("WANDB_MODE", "run", "online"),
        ("WANDB_MODE", "disabled", "disabled"),
        ("WANDB_DISABLED", "true", "disabled"),
        ("WANDB_DISABLED", "false", "online"),
    ],
)
def test_the_environment_says_how(variable: str, value: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    _log_in(monkeypatch)
    monkeypatch.setenv(variable, value)
    assert check() == mode


def test_the_environment_goes_before_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    _log_in(monkeypatch)
    _settings_file("mode = disabled")
    monkeypatch.setenv("WANDB_MODE", "offline")
    assert check() == "offline"


def test_keys_of_the_experiment_that_were_given_go_before_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_PROJECT", "theirs")
    use(Experiment().with_({"tracking.wandb": "offline", "tracking.entity": "team"}))
    settings = user_settings()
    assert (check(), settings.project, settings.entity) == ("offline", "theirs", "team")
    use(Experiment().with_({"tracking.wandb": "auto", "tracking.project": "mine"}))
    assert (check(), user_settings().project) == ("offline", "mine")


def test_an_experiment_that_gives_nothing_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict(os.environ)
    use(Experiment())
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("WANDB_MODE", "ofline", "WANDB_MODE=ofline: no such mode of W&B; did you mean 'offline'"),
        ("WANDB_DISABLED", "perhaps", "WANDB_DISABLED=perhaps: expected true or false"),
        ("WANDB_API_KEY", "short", "WANDB_API_KEY: API key must have 40\\+ characters, has 5"),
        ("WANDB_TAGS", "x" * 80, "W&B's setting run_tags: .*64 characters"),
        ("WANDB_PROJECT", "a/b", "W&B's settings .*: Invalid project name 'a/b'"),
    ],
)
def test_what_cannot_be_is_one_line(variable: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(Misuse, match=complaint) as caught:
        check()
    assert "\n" not in str(caught.value) and KEY not in str(caught.value)


def test_a_mode_that_is_none_in_the_settings_file_does_not_put_a_private_run_online(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _log_in(monkeypatch)
    _settings_file("mode = oflin")
    with pytest.raises(Misuse, match="settings: mode = oflin: no such mode of W&B; did you mean 'offline'"):
        check()


def test_a_settings_file_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    _log_in(monkeypatch)
    Path("wandb").mkdir()
    Path("wandb/settings").write_text("mode: offline\n")
    with pytest.raises(Misuse, match="settings: W&B cannot read its settings"):
        check()


def test_online_and_nobody_is_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "online")
    with pytest.raises(Misuse, match="W&B is online, and nobody is logged in: wandb login, or WANDB_MODE=offline"):
        check()


def test_a_folder_that_cannot_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("WANDB_MODE", "offline")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path / "file" / "below"))
    with pytest.raises(DcganError, match="WANDB_DIR=.*below: W&B cannot write there"):
        check()


def test_a_file_where_the_folder_of_w_and_b_would_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "wandb").write_text("")
    monkeypatch.setenv("WANDB_MODE", "offline")
    with pytest.raises(DcganError, match="home/wandb: W&B cannot write there"):
        check()


def test_silence_ends_with_the_last_block_of_any_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_SILENT", raising=False)
    first, second = silently(), silently()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert os.environ["WANDB_SILENT"] == "true"
    second.__exit__(None, None, None)
    assert "WANDB_SILENT" not in os.environ


@pytest.mark.parametrize("variable", ["WANDB_MODE=disabled", "WANDB_DISABLED=true"])
def test_turned_off_it_is_not_even_imported(variable: str) -> None:
    code = (
        "import sys\n"
        "from dcgan.tracking import wandb_settings\n"
        "assert wandb_settings.check() == 'disabled'\n"
        "sys.exit('wandb' in sys.modules)\n"
    )
    name, _, value = variable.partition("=")
    assert subprocess.run([sys.executable, "-c", code], check=False, env={**os.environ, name: value}).returncode == 0
