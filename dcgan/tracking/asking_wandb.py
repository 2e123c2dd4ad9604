"""Asking W&B's server something: within a time that is bounded from outside (its own limits add up to minutes), and
with what is the matter told in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from dcgan.common.bounded import within
from dcgan.common.errors import DcganError
from dcgan.study.plan import Plan
from dcgan.tracking import wandb_settings
from dcgan.tracking.header import project_name

T = TypeVar("T")

ANSWER_SECONDS = 15.0  # that an answer may take
VIEW_SECONDS = 60.0  # that a workspace or a report may, which are many questions each

# W&B's words, and the status of its answer, which never is a number alone: that may stand in a name.
_STATUS = r"\b(?:http(?: error)?|error|status|status code|code)[ :=]+"
_NO_ANSWER = re.compile(
    rf"did not respond in time|timed out|deadline exceeded|connection refused|no such host|giving up|{_STATUS}5\d\d\b"
)
_REFUSED_KEY = re.compile(rf"user is not logged in|{_STATUS}401\b|\b401 client error|\b401 unauthorized")
_NOT_ALLOWED = re.compile(rf"permission denied|{_STATUS}403\b|\b403 client error|\b403 forbidden")
_NOT_THERE = re.compile(rf"could not find project|\bnot found\b|{_STATUS}404\b")


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
    wandb_settings.check_online()
    usual = usual_place(plan.study)
    return (
        usual if usual.entity else Place(asked(_default_entity, "who is logged in there is not known"), usual.project)
    )


def _default_entity() -> str:
    import wandb

    return str(wandb.Api(timeout=int(ANSWER_SECONDS)).default_entity)


def asked(question: Callable[[], T], otherwise: str, seconds: float | None = None) -> T:
    """What a function that talks to W&B returns.

    Raises DcganError, in one line that ends with `otherwise` (what was not done), for whatever W&B raises, and if it
    took longer than so many `seconds` (default ANSWER_SECONDS); the function is left alone then, in a thread that ends
    with the program.
    """
    try:
        with wandb_settings.silently():
            return within(seconds or ANSWER_SECONDS, question)
    except DcganError:
        raise
    except Exception as error:  # W&B raises what its parts happen to raise
        raise told(error, otherwise) from error


def told(error: Exception, otherwise: str) -> DcganError:
    """W&B's error as one line that says what is the matter, what to do, and what was not done."""
    words = " ".join(str(error).split())
    server = f"W&B's server ({wandb_settings.user_settings().base_url})"
    if isinstance(error, TimeoutError) or _says(words, _NO_ANSWER):
        return DcganError(f"{server} does not answer: {otherwise}; try again later")
    if _says(words, _REFUSED_KEY):
        return DcganError(f"{server} does not take this key: run `wandb login --relogin`; {otherwise}")
    if _says(words, _NOT_ALLOWED):
        return DcganError(f"W&B does not allow it to this login ({words}): {otherwise}; ask its owner for access")
    return DcganError(f"W&B: {words or type(error).__name__}: {otherwise}")


def is_not_there(error: Exception) -> bool:
    """Whether W&B says so of a project or an entity."""
    return _says(str(error), _NOT_THERE) and not any(
        _says(str(error), other) for other in (_NO_ANSWER, _REFUSED_KEY, _NOT_ALLOWED)
    )


def _says(words: str, signs: re.Pattern[str]) -> bool:
    return signs.search(words.lower()) is not None


def in_browser(url: str) -> str:
    """An address of wandb-workspaces as a browser needs it: it leaves out the path that W&B's pages may be below."""
    app, parts = urlsplit(wandb_settings.user_settings().app_url), urlsplit(url)
    base = app.path.rstrip("/")
    return url if parts.path.startswith(f"{base}/") and base else urlunsplit(parts._replace(path=base + parts.path))
