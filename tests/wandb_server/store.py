"""Everything that the server keeps, and who may see it."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.wandb_server.graphql import Refused
from tests.wandb_server.state import Artifact, Run, Sweep, View, number

USER = "tester"
KEY = "loopback0" * 9 + "loopb"  # 86 letters, as W&B's new keys have


@dataclass
class Store:
    """`runs` and `sweeps` are by ENTITY/PROJECT, then by id."""

    url: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)
    projects: dict[str, int] = field(default_factory=dict)  # ENTITY/PROJECT -> its number
    runs: dict[str, dict[str, Run]] = field(default_factory=lambda: defaultdict(dict))
    sweeps: dict[str, dict[str, Sweep]] = field(default_factory=lambda: defaultdict(dict))
    views: list[View] = field(default_factory=list)
    artifacts: list[Artifact] = field(default_factory=list)
    blobs: dict[str, bytes] = field(default_factory=dict)  # of artifacts, by the path that they were sent to
    deleted: set[str] = field(default_factory=set)  # paths of runs
    entities: set[str] = field(default_factory=lambda: {USER, "team"})
    forbidden: set[str] = field(default_factory=set)  # ENTITY or ENTITY/PROJECT
    lost_after: float | None = None  # seconds without a heartbeat until an agent or a run counts as dead

    def check(self, entity: str, project: str = "") -> None:
        """Refuses what this user may not touch, in W&B's words and with its status."""
        if entity in self.forbidden or f"{entity}/{project}" in self.forbidden:
            raise Refused("permission denied", 403, "PERMISSION_ERROR")
        if entity not in self.entities:
            raise Refused(f"entity {entity} not found during upsertBucket", 404)

    def is_visible(self, entity: str | None, project: str | None) -> bool:
        """W&B answers a question about a project that is not there with nothing; one that is forbidden is refused."""
        entity = entity or USER
        if entity in self.forbidden or f"{entity}/{project}" in self.forbidden:
            raise Refused("permission denied", 403, "PERMISSION_ERROR")
        return f"{entity}/{project}" in self.projects

    def add_project(self, entity: str, project: str) -> int:
        """The number of a project, made where there is none."""
        return self.projects.setdefault(f"{entity}/{project}", number())

    def run(self, entity: str | None, project: str | None, run_id: str) -> Run:
        """A run, by its id or by the id that it has in storage."""
        found = self.runs.get(f"{entity or USER}/{project}", {}).get(run_id)
        if found is None:
            raise Refused(f"run {entity}/{project}/{run_id} not found", 404)
        return found

    def stored(self, storage_id: str) -> Run:
        """A run, by the id that the public API knows it by."""
        for runs in self.runs.values():
            for run in runs.values():
                if storage_id == f"Run:{run.number}":
                    return run
        raise Refused(f"run {storage_id} not found", 404)

    def artifact(self, artifact_id: str) -> Artifact:
        for artifact in self.artifacts:
            if artifact.id == artifact_id:
                return artifact
        raise Refused(f"artifact {artifact_id} not found", 404)

    def run_file_url(self, run: Run, name: str) -> str:
        return f"{self.url}/storage/run/{quote(run.path)}/{quote(name)}"

    def blob_url(self, path: str) -> str:
        return f"{self.url}/storage/blob/{quote(path)}"


def connection(nodes: list[Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """A page of a list as Relay has it; a cursor is how many came before its end."""
    start = int(arguments.get("after") or 0)
    end = start + (arguments.get("first") or len(nodes))
    edges = [
        {"__typename": "Edge", "node": node, "cursor": str(place), "version": node.get("version")}
        for place, node in enumerate(nodes[start:end], start + 1)
    ]
    return {
        "__typename": "Connection",
        "edges": edges,
        "totalCount": len(nodes),
        "pageInfo": {
            "__typename": "PageInfo",
            "endCursor": edges[-1]["cursor"] if edges else None,
            "hasNextPage": end < len(nodes),
        },
    }
