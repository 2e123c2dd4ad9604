"""The W&B mirror: configuration, curves, grids and final scores of a run. Training goes on without it."""

from __future__ import annotations

import contextlib
import hashlib
import netrc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlparse

from dcgan.common import paths
from dcgan.common.messages import note
from dcgan.common.overrides import flatten
from dcgan.experiment import Experiment
from dcgan.records.run_record import RunRecord
from dcgan.training.events import Ended, Event, Sampled, Scored, Started, Ticked

_INIT_SECONDS = 15.0  # how long a run waits for W&B before it goes on without
_FINISH_SECONDS = 60.0  # how long the end of a run waits for uploads
_LONGEST_TAG = 64  # letters that W&B takes; a run with a longer tag is refused

Mode = Literal["online", "offline", "disabled"]
_MODES: dict[str, Mode] = {
    "online": "online",
    "run": "online",
    "offline": "offline",
    "dryrun": "offline",
    "disabled": "disabled",
}


def logged_in() -> bool:
    """Whether a key for the W&B server is in the environment or in the netrc file. Asks no network."""
    if os.environ.get("WANDB_API_KEY") or os.environ.get("WANDB_IDENTITY_TOKEN_FILE"):
        return True
    server = urlparse(os.environ.get("WANDB_BASE_URL") or "https://api.wandb.ai").hostname or ""
    path = os.environ.get("NETRC")
    candidates = [Path(path).expanduser()] if path else [Path.home() / ".netrc", Path.home() / "_netrc"]
    for candidate in candidates:
        with contextlib.suppress(OSError, netrc.NetrcParseError):
            found = netrc.netrc(str(candidate)).authenticators(server)
            if found and found[2]:
                return True
    return False


def choose_mode(asked: Mode | Literal["auto"]) -> Mode:
    """`auto` is WANDB_MODE if that is set, else online when logged in, else disabled."""
    if asked != "auto":
        return asked
    given = os.environ.get("WANDB_MODE", "").lower()
    if given in _MODES:
        return _MODES[given]
    return "online" if logged_in() else "disabled"


def _fitting(text: str, most: int) -> str:
    """The text, or so much of it as W&B takes, with a digest of all of it that keeps it apart from others: an arm of a
    factorial is called after every factor that it changes."""
    if len(text) <= most:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{text[: most - 9]}~{digest}"


class WandbMirror:
    """Mirrors one run to Weights & Biases, as the experiment's `tracking` section says.

    `group` is the study and `tags` the arm. Curves have the images seen as their axis. Scores are named after
    their split (`validation/fid`), and the final ones stand in the summary under their own names.
    """

    # Once for the whole process: to wait for an absent server in every trial would slow a study down.
    _given_up = False

    def __init__(self, *, group: str | None = None, name: str | None = None, tags: Sequence[str] = ()) -> None:
        self._group = group
        self._name = name
        self._tags = [_fitting(tag, _LONGEST_TAG) for tag in tags]
        self._run: Any = None  # wandb has no types for it

    def __call__(self, event: Event) -> None:
        """Takes an event of the training. The first failure is noted; the mirror is silent from then on."""
        if isinstance(event, Started):
            self._isolated(lambda: self._start(event.experiment))
        elif self._run is not None:
            self._isolated(lambda: self._mirror(event))

    def _isolated(self, do: Callable[[], None]) -> None:
        try:
            do()
        except Exception as error:  # an observer: it must not fail the run
            self._run = None
            WandbMirror._given_up = True
            why = (str(error).strip().splitlines() or [type(error).__name__])[0]
            note(f"W&B is left out from here on: {why}")

    def _start(self, experiment: Experiment) -> None:
        mode = choose_mode(experiment.tracking.wandb)
        if mode == "disabled" or WandbMirror._given_up:
            return
        import wandb

        paths.home().mkdir(parents=True, exist_ok=True)
        # The agent of a W&B sweep hands out its own run id.
        own = None if os.environ.get("WANDB_SWEEP_ID") else experiment.id
        self._run = wandb.init(
            mode=mode,
            project=experiment.tracking.project,
            entity=experiment.tracking.entity,
            group=self._group or experiment.tracking.group,
            name=self._name or f"{experiment.name}-{experiment.seed}",
            tags=self._tags,
            config=described(experiment),
            dir=str(paths.home()),
            id=own,
            resume="allow" if mode == "online" and own else None,
            reinit="create_new",
            settings=wandb.Settings(
                init_timeout=_INIT_SECONDS, finish_timeout=_FINISH_SECONDS, silent=True, console="off"
            ),
        )
        self._run.define_metric("images")
        self._run.define_metric("*", step_metric="images")

    def _mirror(self, event: Event) -> None:
        if isinstance(event, Ticked):
            self._run.log(dict(event.row))
        elif isinstance(event, Scored):
            scores = {f"{event.split}/{name}": value for name, value in event.scores.items()}
            self._run.log({"images": event.images, **scores})
        elif isinstance(event, Sampled):
            import wandb

            self._run.log({"images": event.images, "samples": wandb.Image(str(event.path))})
        elif isinstance(event, Ended):
            self._end(event.record)

    def _end(self, record: RunRecord) -> None:
        ending = {key: getattr(record, key) for key in ("status", "failure", "seconds", "images_per_second")}
        self._run.summary.update({**ending, **record.scores})
        self._run.finish(exit_code=0 if record.status == "finished" else 1)
        self._run = None


def described(experiment: Experiment) -> dict[str, Any]:
    """The experiment as flat dotted keys, as sweeps name them, with its id; without folders of this
    machine."""
    flat = flatten(experiment.model_dump(mode="json"))
    return {"id": experiment.id, **{key: value for key, value in flat.items() if key != "data.folder"}}
