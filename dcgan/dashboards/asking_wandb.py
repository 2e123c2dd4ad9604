"""Asking W&B's server something, within a time that is bounded from outside: its own limits add up to minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from dcgan.common.bounded import within
from dcgan.common.errors import DcganError
from dcgan.study.plan import Plan
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import project_name
from dcgan.tracking.upload import place

T = TypeVar("T")

SECONDS = 60.0  # for a workspace or a report, which are a few questions each


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


def place_of(plan: Plan) -> Place:
    """The same with the entity that W&B has for the one who is logged in, where none was set.

    Raises Misuse where W&B is turned off or nobody is logged in, and DcganError if the server does not answer.
    """
    return Place(*place(plan).split("/", 1))


def asked(question: Callable[[], T], of: Place, seconds: float = SECONDS) -> T:
    """What a function that talks to W&B about a project returns.

    Raises DcganError, in one line, for what W&B refuses and if it took longer than so many `seconds`; the function is
    left alone then, in a thread that ends with the program.
    """
    import wandb
    from wandb.sdk.lib.service.service_connection import WandbApiFailedError

    try:
        return within(seconds, question)
    except TimeoutError as error:
        raise DcganError(f"{_server()} did not answer within {seconds:.0f} s: try again later") from error
    except (wandb.Error, WandbApiFailedError, ValueError) as error:
        raise _told(error, of) from error


def in_browser(url: str) -> str:
    """An address of wandb-workspaces as a browser needs it: it leaves out the path that W&B's pages may be below."""
    app, parts = urlsplit(wandb_settings.user_settings().app_url), urlsplit(url)
    base = app.path.rstrip("/")
    return url if parts.path.startswith(f"{base}/") and base else urlunsplit(parts._replace(path=base + parts.path))


def _told(error: Exception, of: Place) -> Exception:
    """W&B's errors as one line that says what to do; ours as they are."""
    if isinstance(error, DcganError):
        return error
    words = " ".join(str(error).split())
    lower = words.lower()
    if any(sign in lower for sign in ("did not respond in time", "connection refused", "timed out", "no such host")):
        return DcganError(f"{_server()} does not answer: try again later")
    if any(sign in lower for sign in ("not found", "permission denied", "403", "404")):
        return DcganError(f"W&B refuses {of} ({words}): is that entity one of yours, and is the study there already?")
    return DcganError(f"W&B: {words}")


def _server() -> str:
    return f"W&B's server ({wandb_settings.user_settings().base_url})"
