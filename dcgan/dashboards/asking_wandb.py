"""Asking W&B's server something, within a time that is bounded from outside: its own limits add up to minutes."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from dcgan.common.errors import DcganError
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import project_name

T = TypeVar("T")

FIRST_SECONDS = 20.0  # until the server has answered for the first time
ALL_SECONDS = 60.0  # for whatever is asked then
_LOGIN = "not logged in to W&B: run `wandb login`, or set WANDB_API_KEY"


@dataclass(frozen=True)
class Place:
    """A project in W&B. `entity` is empty where nobody was asked whose it is."""

    entity: str
    project: str

    def __str__(self) -> str:
        return f"{self.entity}/{self.project}"


def usual_place(study: str) -> Place:
    """The project and the entity that the user set in W&B's own ways; else the study's project, and no entity. Asks no
    network. Raises Misuse for settings that cannot be."""
    settings = wandb_settings.user_settings()
    return Place(settings.entity or "", settings.project or project_name(study))


def place_of(study: str, seconds: float = FIRST_SECONDS) -> Place:
    """The same with the entity that W&B has for the one who is logged in, where none was set.

    Raises DcganError if nobody is logged in, and if the server is away or refuses.
    """
    if not wandb_settings.logged_in():
        raise DcganError(_LOGIN)
    usual = usual_place(study)
    entity = asked(_default_entity, seconds)
    if not (usual.entity or entity):
        raise DcganError("W&B has no entity for this login: set WANDB_ENTITY")
    return Place(usual.entity or entity, usual.project)


def _default_entity() -> str:
    import wandb

    return str(wandb.Api().default_entity or "")


def asked(question: Callable[[], T], seconds: float = ALL_SECONDS, place: Place | None = None) -> T:
    """What a function that talks to W&B returns. `place`: what it is about.

    Raises DcganError, in one line, for what W&B refuses and if it took longer than so many `seconds`; the function is
    left alone then, in a thread that ends with the program.
    """
    answers: list[T] = []
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            answers.append(question())
        except BaseException as error:  # told by the one who waits
            errors.append(error)

    thread = threading.Thread(target=ask, name="asking-wandb", daemon=True)
    thread.start()
    thread.join(seconds)
    if answers:
        return answers[0]
    if not errors:
        raise DcganError(f"{_server()} did not answer within {seconds:.0f} s: nothing was saved; try again later")
    raise _told(errors[0], place) from errors[0]


def in_browser(url: str) -> str:
    """An address of wandb-workspaces as a browser needs it: it leaves out the path that W&B's pages may be below."""
    app, parts = urlsplit(wandb_settings.user_settings().app_url), urlsplit(url)
    base = app.path.rstrip("/")
    return url if parts.path.startswith(f"{base}/") and base else urlunsplit(parts._replace(path=base + parts.path))


@contextmanager
def quietly() -> Iterator[None]:
    """W&B's libraries tell on stderr what they save; the one who calls them does, too."""
    before = os.environ.get("WANDB_SILENT")
    os.environ["WANDB_SILENT"] = "true"
    try:
        yield
    finally:
        if before is None:
            del os.environ["WANDB_SILENT"]
        else:
            os.environ["WANDB_SILENT"] = before


def _told(error: BaseException, place: Place | None) -> BaseException:
    """W&B's errors as one line that says what to do; others as they are."""
    import wandb
    from wandb.sdk.lib.service.service_connection import WandbApiFailedError

    if isinstance(error, DcganError) or not isinstance(error, wandb.Error | WandbApiFailedError | ValueError):
        return error
    words = " ".join(str(error).split())
    lower = words.lower()
    if any(sign in lower for sign in ("did not respond in time", "connection refused", "timed out", "no such host")):
        return DcganError(f"{_server()} does not answer: nothing was saved; try again later")
    if "user is not logged in" in lower or "401" in lower:
        return DcganError(f"{_server()} does not take this key: run `wandb login --relogin`")
    if place is not None and any(sign in lower for sign in ("not found", "permission denied", "403", "404")):
        return DcganError(
            f"W&B refuses {place} ({words}): is that entity one of yours, and is the study there already?"
        )
    return DcganError(f"W&B: {words}")


def _server() -> Any:
    return f"W&B's server ({wandb_settings.user_settings().base_url})"
