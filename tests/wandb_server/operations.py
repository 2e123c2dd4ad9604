"""The table of operations: each root field of a query or a mutation, with the function that answers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.wandb_server import artifact_changes, artifacts, projects, runs, sweeps
from tests.wandb_server.store import Store

Handler = Callable[[Store, dict[str, Any]], Any]

QUERIES: dict[str, Handler] = {
    "viewer": projects.viewer,
    "serverInfo": projects.server_info,
    "entity": projects.entity,
    "project": projects.project,
    "models": projects.projects,
    "model": runs.resume_status,
    "view": projects.view,
    "artifact": artifacts.artifact,
    "clientIDMapping": artifacts.client_id_mapping,
}
MUTATIONS: dict[str, Handler] = {
    "upsertBucket": runs.upsert_bucket,
    "createRunFiles": runs.create_run_files,
    "markRunFilesUploaded": runs.succeeded,
    "deleteRun": runs.delete_run,
    "stopRun": runs.stop_run,
    "updateRunState": runs.update_run_state,
    "notifyScriptableRunAlert": runs.succeeded,
    "upsertModel": projects.upsert_project,
    "upsertView": projects.upsert_view,
    "deleteView": projects.delete_view,
    "upsertSweep": sweeps.upsert_sweep,
    "createAgent": sweeps.create_agent,
    "agentHeartbeat": sweeps.heartbeat,
    "createArtifact": artifact_changes.create_artifact,
    "createArtifactManifest": artifact_changes.manifest,
    "updateArtifactManifest": artifact_changes.manifest,
    "createArtifactFiles": artifact_changes.create_artifact_files,
    "commitArtifact": artifact_changes.commit_artifact,
    "updateArtifact": artifact_changes.update_artifact,
    "useArtifact": artifact_changes.use_artifact,
    "linkArtifact": artifact_changes.link_artifact,
    "addAliases": partial(artifact_changes.change_aliases, add=True),
    "deleteAliases": partial(artifact_changes.change_aliases, add=False),
}


def root(store: Store, kind: str) -> dict[str, Any]:
    """The fields that a query or a mutation may begin with."""
    handlers = QUERIES if kind == "query" else MUTATIONS
    return {
        "__typename": kind.capitalize(),
        **{name: partial(handler, store) for name, handler in handlers.items()},
    }
