"""Artifacts as they are read: their versions, files and aliases, and which runs made and used them."""

from __future__ import annotations

import json
from typing import Any

from tests.wandb_server.graphql import Node, Refused
from tests.wandb_server.runs import Answer, Arguments, run_node
from tests.wandb_server.state import Artifact, now
from tests.wandb_server.store import Store, connection


def artifact_nodes(store: Store, artifacts: list[Artifact]) -> list[Node]:
    return [artifact_node(store, artifact) for artifact in artifacts if artifact.state == "COMMITTED"]


def _alias_nodes(store: Store, artifact: Artifact) -> list[Node]:
    collection = collection_node(store, artifact.entity, artifact.project, artifact.collection)
    return [
        {
            "__typename": "ArtifactAlias",
            "id": f"{artifact.id}:{alias}",
            "alias": alias,
            "artifactCollection": collection,
        }
        for alias in artifact.aliases
    ]


def collection_node(store: Store, entity: str, project: str, name: str) -> Node:
    from tests.wandb_server.projects import project_node

    versions = versions_of(store, entity, project, name)
    return {
        "__typename": "ArtifactSequence" if versions else "ArtifactPortfolio",
        "id": f"Collection:{entity}/{project}/{name}",
        "name": name,
        "description": None,
        "createdAt": now(),
        "updatedAt": now(),
        "state": "READY",
        "digestAlgorithm": None,
        "project": lambda _: project_node(store, entity, project),
        "defaultArtifactType": {"__typename": "ArtifactType", "name": versions[0].type if versions else ""},
        "tags": connection([], {}),
        "latestArtifact": lambda _: artifact_node(store, versions[-1]) if versions else None,
        "artifacts": lambda arguments: connection(artifact_nodes(store, versions[::-1]), arguments),
        "artifactMembership": lambda arguments: membership(store, entity, project, f"{name}:{arguments['aliasName']}"),
        "aliases": lambda arguments: connection(
            [alias for version in versions for alias in _alias_nodes(store, version)], arguments
        ),
    }


def artifact_node(store: Store, artifact: Artifact) -> Node:
    run = store.runs[f"{artifact.entity}/{artifact.project}"].get(artifact.run_id or "")
    using = [each for runs in store.runs.values() for each in runs.values() if artifact in each.used]
    sequence = collection_node(store, artifact.entity, artifact.project, artifact.collection)
    manifest = {"__typename": "File", "directUrl": store.blob_url(artifact.manifest_file)}
    return {
        "__typename": "Artifact",
        "id": artifact.id,
        "version": f"v{artifact.version}",
        "versionIndex": artifact.version,
        "artifactSequence": sequence,
        "artifactType": {"__typename": "ArtifactType", "name": artifact.type},
        "description": artifact.description,
        "metadata": json.dumps(artifact.metadata),
        "ttlDurationSeconds": -2,
        "ttlIsInherited": False,
        "tags": [{"__typename": "Tag", "id": tag, "name": tag} for tag in artifact.tags],
        "historyStep": None,
        "state": artifact.state,
        "size": sum(len(store.blobs.get(path, b"")) for path in artifact.stored.values()),
        "digest": artifact.digest,
        "digestAlgorithm": "MANIFEST_MD5",
        "commitHash": artifact.digest,
        "fileCount": len(artifact.stored),
        "createdAt": artifact.created,
        "updatedAt": artifact.created,
        "aliases": _alias_nodes(store, artifact),
        "currentManifest": {"__typename": "ArtifactManifest", "file": manifest},
        "filesByManifestEntries": lambda arguments: connection(
            [_file_node(store, artifact, entry["name"]) for entry in arguments["entries"]], {}
        ),
        "files": lambda arguments: _files(store, artifact, arguments),
        "createdBy": lambda _: run_node(store, run) if run else None,
        "usedBy": lambda arguments: connection([run_node(store, each) for each in using], arguments),
        "artifactMemberships": lambda arguments: connection([member_node(store, artifact)], arguments),
    }


def _file_node(store: Store, artifact: Artifact, name: str) -> Node:
    path = artifact.stored[name]
    return {
        "__typename": "File",
        "id": path,
        "name": name,
        "displayName": name,
        "url": store.blob_url(path),
        "directUrl": store.blob_url(path),
        "sizeBytes": len(store.blobs.get(path, b"")),
        "storagePath": path,
        "mimetype": "application/octet-stream",
        "updatedAt": artifact.created,
        "digest": "",
        "md5": "",
    }


def _files(store: Store, artifact: Artifact, arguments: Arguments) -> Answer:
    names = arguments.get("names") or sorted(artifact.stored)
    return connection([_file_node(store, artifact, name) for name in names if name in artifact.stored], arguments)


def versions_of(store: Store, entity: str, project: str, collection: str) -> list[Artifact]:
    path = f"{entity}/{project}/{collection}"
    return [
        each
        for each in store.artifacts
        if each.state == "COMMITTED"
        and (f"{each.entity}/{each.project}/{each.collection}" == path or path in each.links)
    ]


def member_node(store: Store, artifact: Artifact) -> Answer:
    return {
        "__typename": "ArtifactCollectionMembership",
        "id": f"Member:{artifact.id}",
        "versionIndex": artifact.version,
        "createdAt": artifact.created,
        "aliases": _alias_nodes(store, artifact),
        "artifactCollection": collection_node(store, artifact.entity, artifact.project, artifact.collection),
        "artifact": artifact_node(store, artifact),
        "files": lambda arguments: _files(store, artifact, arguments),
    }


def membership(store: Store, entity: str, project: str, name: str) -> Answer | None:
    """What `COLLECTION:VERSION` or `COLLECTION:ALIAS` is, latest without either; None where there is no such one."""
    collection, _, wanted = name.partition(":")
    for artifact in versions_of(store, entity, project, collection):
        if (wanted or "latest") in (f"v{artifact.version}", *artifact.aliases):
            return member_node(store, artifact)
    return None


def type_node(store: Store, entity: str, project: str, name: str | None) -> dict[str, Any]:
    return {
        "__typename": "ArtifactType",
        "id": f"Type:{name}",
        "name": name,
        "description": None,
        "createdAt": now(),
        "artifactCollection": lambda arguments: (
            collection_node(store, entity, project, arguments["name"])
            if versions_of(store, entity, project, arguments["name"])
            else None
        ),
    }


def artifact(store: Store, arguments: Arguments) -> Node | None:
    found = next((each for each in store.artifacts if each.id == arguments["id"]), None)
    return artifact_node(store, found) if found else None


def client_id_mapping(store: Store, arguments: Arguments) -> Answer | None:
    found = next((each.id for each in store.artifacts if each.client_id == arguments["clientID"]), None)
    if found is None:
        raise Refused("client id not found", 404)
    return {"__typename": "ClientIDMapping", "serverID": found}
