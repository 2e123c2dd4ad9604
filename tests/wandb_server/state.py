"""What the server has been told: runs, artifacts, sweeps and views, as plain objects for a test to look at."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_NUMBERS = itertools.count(1)


def number() -> int:
    """A number that nothing else has."""
    return next(_NUMBERS)


def now() -> str:
    """As W&B writes times."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Artifact:
    """One version. `files`: the name of each in the manifest with its bytes, empty for a reference."""

    id: str
    entity: str
    project: str
    type: str
    collection: str
    digest: str
    run_id: str | None
    description: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    client_id: str | None = None
    version: int | None = None
    state: str = "PENDING"
    manifest_file: str = ""  # where its bytes are among the uploads
    stored: dict[str, str] = field(default_factory=dict)  # name -> where its bytes are among the uploads
    links: list[str] = field(default_factory=list)  # ENTITY/PROJECT/COLLECTION
    created: str = field(default_factory=now)

    @property
    def name(self) -> str:
        return f"{self.collection}:v{self.version}"


@dataclass
class Run:
    """One run. `history` and `events` have a dictionary a row, `output` a line of the console a row."""

    entity: str
    project: str
    id: str
    name: str = ""  # what is shown
    raw_config: dict[str, Any] = field(default_factory=dict)  # {KEY: {"value": ...}}, with W&B's own part
    summary: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    output: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    group: str | None = None
    job_type: str | None = None
    tags: list[str] = field(default_factory=list)
    notes: str | None = None
    sweep: str | None = None
    state: str = "running"
    exit_code: int | None = None
    stop_requested: bool = False
    host: str | None = None
    program: str | None = None
    artifacts: list[Artifact] = field(default_factory=list)  # logged by it
    used: list[Artifact] = field(default_factory=list)
    created: str = field(default_factory=now)
    number: int = field(default_factory=number)
    heard: float = field(default_factory=time.monotonic)

    @property
    def path(self) -> str:
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def config(self) -> dict[str, Any]:
        """The configuration as its user gave it."""
        return {key: each.get("value") for key, each in self.raw_config.items() if key != "_wandb"}


@dataclass
class View:
    """A workspace or a report; `spec` is parsed."""

    id: str
    entity: str
    project: str
    type: str
    name: str
    display_name: str
    description: str
    text: str
    created: str = field(default_factory=now)
    updated: str = field(default_factory=now)

    @property
    def spec(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.text)
        return found


@dataclass
class Trial:
    """One combination of a sweep: which run it was given to, by which agent, and whether it is settled."""

    values: dict[str, Any]
    run_id: str
    agent: str
    is_settled: bool = False
    is_lost: bool = False


@dataclass
class Sweep:
    """A sweep. `points`: what is still to be handed out; a test may put its own there."""

    id: str
    entity: str
    project: str
    text: str  # its configuration, as YAML
    display_name: str | None = None
    state: str = "PENDING"
    controller: str | None = None
    scheduler: str | None = None
    points: Iterator[dict[str, Any]] = field(default_factory=lambda: iter(()))
    again: list[dict[str, Any]] = field(default_factory=list)  # lost, to be handed out once more
    trials: list[Trial] = field(default_factory=list)
    agents: dict[str, float] = field(default_factory=dict)  # id -> when it was heard last
    created: str = field(default_factory=now)
    number: int = field(default_factory=number)

    @property
    def storage_id(self) -> str:
        return f"Sweep:{self.number}"
