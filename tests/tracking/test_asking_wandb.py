"""Asking W&B: bounded from outside, and told in one line what is the matter."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import wandb
from wandb.sdk.lib.service.service_connection import WandbApiFailedError

from dcgan.common.errors import DcganError, Misuse
from dcgan.tracking.asking_wandb import Place, asked, in_browser, is_not_there, place_of, usual_place
from tests.study.recorded import plan_of


def raising(error: BaseException) -> object:
    raise error


def test_an_answer_is_returned() -> None:
    assert asked(lambda: 3, "not told") == 3
    assert asked(lambda: None, "not told") is None


def test_a_server_that_hangs_is_left_alone_after_the_time_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    end = threading.Event()
    try:
        began = time.monotonic()
        with pytest.raises(
            DcganError, match=r"server \(http://127.0.0.1:9\) does not answer: it is not told; try again later"
        ):
            asked(lambda: end.wait(60), "it is not told", seconds=0.2)
        assert time.monotonic() - began < 30
    finally:
        end.set()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (
            WandbApiFailedError("Failed: the service process is busy and did not respond in time."),
            "does not answer: it",
        ),
        (wandb.errors.AuthenticationError("Failed: user is not logged in"), "does not take this key: run `wandb login"),
        (WandbApiFailedError("permission denied"), r"not allow it to this login \(permission denied\): it is not done"),
        (WandbApiFailedError("entity nobody not found during upsertBucket"), "^W&B: entity nobody not found .*: it is"),
        (ValueError("Run set 'x' project 'me/small' not found. Please verify"), "^W&B: Run set 'x' project 'me/small'"),
        (WandbApiFailedError("something\nelse"), "^W&B: something else: it is not done$"),
        (wandb.errors.UsageError("odd"), "^W&B: odd: it is not done$"),
        (KeyError(), "^W&B: KeyError: it is not done$"),
    ],
)
def test_what_w_and_b_refuses_is_one_line(error: Exception, words: str) -> None:
    with pytest.raises(DcganError, match=words) as caught:
        asked(lambda: raising(error), "it is not done")
    assert "\n" not in str(caught.value)


def test_errors_of_ours_are_as_they_were() -> None:
    with pytest.raises(Misuse, match="^mine$"):
        asked(lambda: raising(Misuse("mine")), "it is not done")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Could not find project small", True),
        ("entity nobody not found", True),
        ("permission denied, 404", False),
        ("HTTP 500", False),
        ("Could not find project me/mnist-4012", True),
        ("Could not find project me/error-5-forbidden", True),
        ("returned error 401: not found", False),
    ],
)
def test_what_is_not_there_is_told_from_what_is_refused(words: str, expected: bool) -> None:
    assert is_not_there(ValueError(words)) == expected


@pytest.fixture
def _nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """Nobody is logged in, and no settings of the one who runs the tests are read."""
    for name in ("WANDB_API_KEY", "WANDB_ENTITY", "WANDB_PROJECT", "WANDB_BASE_URL", "WANDB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", f"{tmp_path}/netrc")
    monkeypatch.setenv("WANDB_CONFIG_DIR", f"{tmp_path}/config")
    monkeypatch.setenv("WANDB_DIR", str(tmp_path))


@pytest.mark.usefixtures("_nobody")
def test_whoever_is_not_logged_in_is_told_at_once(write_sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WANDB_MODE", raising=False)
    with pytest.raises(Misuse, match="W&B is disabled here: log in"):
        place_of(plan_of(write_sweep()))


@pytest.mark.usefixtures("_nobody")
def test_the_user_s_own_project_and_entity_go_before_the_study_s(monkeypatch: pytest.MonkeyPatch) -> None:
    assert usual_place("small") == Place("", "small")
    monkeypatch.setenv("WANDB_PROJECT", "mine")
    monkeypatch.setenv("WANDB_ENTITY", "team")
    assert usual_place("small") == Place("team", "mine")


def test_addresses_have_the_path_that_w_and_b_s_pages_are_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_APP_URL", "https://example.org/wandb")
    assert in_browser("https://example.org/me/small?nw=abc") == "https://example.org/wandb/me/small?nw=abc"
    assert in_browser("https://example.org/wandb/me/small") == "https://example.org/wandb/me/small"
    monkeypatch.setenv("WANDB_APP_URL", "https://example.org")
    assert in_browser("https://example.org/me/small?nw=abc") == "https://example.org/me/small?nw=abc"
