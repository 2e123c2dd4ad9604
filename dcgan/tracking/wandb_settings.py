"""W&B as its user set it up: by environment variables, by settings files, by logging in; never by a plan or a database.

What was set in W&B's own ways goes before every default of this program. Keys of an experiment's `tracking` section,
typed or in its file, are handed to W&B in its own way too: as environment variables, which workers here inherit.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse, did_you_mean
from dcgan.experiment import Experiment

Mode = Literal["online", "offline", "disabled"]
_MODES: Mapping[str, Mode] = {
    "online": "online",
    "run": "online",
    "shared": "online",
    "offline": "offline",
    "dryrun": "offline",
    "disabled": "disabled",
}
VARIABLES = {
    "wandb": "WANDB_MODE",
    "project": "WANDB_PROJECT",
    "entity": "WANDB_ENTITY",
    "group": "WANDB_RUN_GROUP",
}
_YES, _NO = {"true", "1", "yes", "on"}, {"", "false", "0", "no", "off"}


def use(experiment: Experiment) -> None:
    """From now on in this process and those that it starts: what the experiment's `tracking` section gives."""
    given = experiment.given().get("tracking", {})
    os.environ.update(
        {variable: str(given[key]) for key, variable in VARIABLES.items() if given.get(key) not in (None, "auto")}
    )


def again() -> str:
    """The words for a command that is typed later to mean the project and the entity of now."""
    named = {key: os.environ.get(VARIABLES[key]) for key in ("project", "entity")}
    return "".join(f" tracking.{key}={value}" for key, value in named.items() if value)


def check() -> Mode:
    """Whether W&B is used, and how: as it was set, else online when logged in, else not at all.

    Raises Misuse for settings that cannot be, and DcganError for a folder that W&B cannot write to. Asks no network.
    """
    if _disabled():
        return "disabled"
    settings = user_settings()
    if "mode" not in settings.model_fields_set and not logged_in(settings):
        return "disabled"
    mode = _MODES[settings.mode]
    if mode != "disabled":
        _check_folder(settings)
    if mode == "online" and not logged_in(settings):  # W&B would ask for a key, in the middle of the training
        raise Misuse(f"W&B is {settings.mode}, and nobody is logged in: wandb login, or WANDB_MODE=offline")
    return mode


def check_online() -> None:
    """Raises Misuse, which says how to turn it on, where runs are not sent to W&B; else as `check`."""
    if (mode := check()) != "online":
        raise Misuse(f"W&B is {mode} here: log in (wandb login), or wandb online, or WANDB_MODE=online")


def _disabled() -> bool:
    """Whether the environment says so: the usual case of tests and scripts, for which W&B is not even imported."""
    disabled = os.environ.get("WANDB_DISABLED", "").strip().lower()
    if disabled not in _YES | _NO:
        raise Misuse(f"WANDB_DISABLED={disabled}: expected true or false")
    mode = os.environ.get("WANDB_MODE")
    if mode is not None and mode not in _MODES:
        raise Misuse(f"WANDB_MODE={mode}: no such mode of W&B" + did_you_mean(mode, _MODES))
    return disabled in _YES or mode == "disabled"


def user_settings() -> Any:
    """W&B's settings as files and environment make them; `model_fields_set` names what was set.

    Raises Misuse for a value that W&B refuses.
    """
    # W&B's reports on itself: they hold up the end of a process, and its complaints about them the user.
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    import wandb
    from pydantic import ValidationError

    settings = wandb.Settings()
    folder = os.environ.get("WANDB_CONFIG_DIR") or (None if paths.of_user() is None else "~/.config/wandb")
    settings.settings_system = None if folder is None else str(paths.expanded(folder, "WANDB_CONFIG_DIR") / "settings")
    try:
        with silently():
            settings.update_from_system_settings()
        settings.update_from_env_vars(dict(os.environ))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]  # it may be a key
        raise Misuse(f"W&B's setting {first['loc'][0]}: {first['msg']} (environment or settings file)") from None
    except wandb.Error as error:
        raise Misuse(f"W&B's settings (environment or settings file): {error}") from None
    for file in filter(None, (settings.settings_system, settings.settings_workspace)):
        _check_file(Path(file))
    return settings


def _check_file(file: Path) -> None:
    """W&B takes no notice of a settings file with an error in it, and would go online where the user said otherwise."""
    import configparser

    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read(file, encoding="utf-8")
        mode = parser.get("default", "mode", fallback="online")
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        raise Misuse(f"{file}: W&B cannot read its settings: {' '.join(str(error).split())}") from None
    if mode not in _MODES:
        raise Misuse(f"{file}: mode = {mode}: no such mode of W&B" + did_you_mean(mode, _MODES))


def _check_folder(settings: Any) -> None:
    """W&B would write somewhere below /tmp without a word."""
    root = Path(settings.root_dir) if "root_dir" in settings.model_fields_set else paths.home()
    below = root.absolute() / "wandb"
    existing = next(folder for folder in (below, *below.parents) if folder.exists())
    if not existing.is_dir() or not os.access(existing, os.W_OK):
        where = f"WANDB_DIR={root}" if "root_dir" in settings.model_fields_set else str(existing)
        raise DcganError(f"{where}: W&B cannot write there: name another folder, or WANDB_MODE=disabled")


def logged_in(settings: Any = None) -> bool:
    """Whether there is a key for W&B's server: in the environment, the settings or the netrc file. Asks no network.

    Raises Misuse for one of a wrong form.
    """
    from wandb.errors import AuthenticationError
    from wandb.sdk.lib.wbauth import HostUrl, check_api_key, read_netrc_auth

    settings = settings or user_settings()
    if settings.identity_token_file:
        return True
    if settings.api_key:
        if complaint := check_api_key(settings.api_key):
            raise Misuse(f"WANDB_API_KEY: {complaint}")
        return True
    if paths.of_user() is None and not os.environ.get("NETRC"):  # W&B would fail where there is no ~/.netrc
        return False
    try:
        with silently():
            return read_netrc_auth(host=HostUrl(settings.base_url)) is not None
    except AuthenticationError as error:
        raise Misuse(f"the key for W&B in the netrc file: {' '.join(str(error).split())}") from None


_SILENT = threading.Lock()
_silent_blocks: list[str | None] = []  # what the variable was before each block that is in it now, of any thread


@contextlib.contextmanager
def silently() -> Iterator[None]:
    """W&B says on stderr which files it reads; within these blocks it does not."""
    with _SILENT:
        _silent_blocks.append(_silent_blocks[0] if _silent_blocks else os.environ.get("WANDB_SILENT"))
        os.environ["WANDB_SILENT"] = "true"
    try:
        yield
    finally:
        with _SILENT:
            before = _silent_blocks.pop()
            if not _silent_blocks and before is None:
                os.environ.pop("WANDB_SILENT", None)
            elif not _silent_blocks:
                os.environ["WANDB_SILENT"] = str(before)
