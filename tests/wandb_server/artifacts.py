"""Artifacts: their versions, files, aliases and links, and which runs made and used them."""

from __future__ import annotations

import json
from typing import Any

from tests.wandb_server.graphql import Node, Refused
from tests.wandb_server.runs import Answer, Arguments, run_node
from tests.wandb_server.state import Artifact, now, number
from tests.wandb_server.store import USER, Store, connection


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

    versions = _versions(store, entity, project, name)
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
        "ttlDurationSeconds": None,
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
        "artifactMemberships": lambda arguments: connection([_member(store, artifact)], arguments),
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


def _versions(store: Store, entity: str, project: str, collection: str) -> list[Artifact]:
    path = f"{entity}/{project}/{collection}"
    return [
        each
        for each in store.artifacts
        if each.state == "COMMITTED"
        and (f"{each.entity}/{each.project}/{each.collection}" == path or path in each.links)
    ]


def _member(store: Store, artifact: Artifact) -> Answer:
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
    for artifact in _versions(store, entity, project, collection):
        if (wanted or "latest") in (f"v{artifact.version}", *artifact.aliases):
            return _member(store, artifact)
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
            if _versions(store, entity, project, arguments["name"])
            else None
        ),
    }


def create_artifact(store: Store, arguments: Arguments) -> Answer:
    """A new version, or the one that is there with the same content."""
    given = arguments["input"]
    entity, project = given.get("entityName") or USER, given["projectName"]
    store.check(entity, project)
    collection = (given.get("artifactCollectionNames") or [given.get("artifactCollectionName")])[0]
    same = [each for each in _versions(store, entity, project, collection) if each.digest == given["digest"]]
    aliases = [each["alias"] for each in given.get("aliases") or []]
    if same and given.get("enableDigestDeduplication"):
        artifact = same[-1]
        _move(store, artifact, aliases)
    else:
        artifact = Artifact(
            id=f"Artifact:{number()}",
            entity=entity,
            project=project,
            type=given["artifactTypeName"],
            collection=collection,
            digest=given["digest"],
            run_id=given.get("runName"),
            description=given.get("description"),
            metadata=json.loads(given.get("metadata") or "{}"),
            aliases=aliases,
            tags=[each["tagName"] for each in given.get("tags") or []],
            client_id=given.get("clientID"),
        )
        store.artifacts.append(artifact)
    if given.get("runName"):
        run = store.run(entity, project, given["runName"])
        run.artifacts += [artifact] if artifact not in run.artifacts else []
    versions = _versions(store, entity, project, collection)
    latest = {"__typename": "Artifact", "id": versions[-1].id} if versions else None
    node = {
        "__typename": "Artifact",
        "id": artifact.id,
        "state": artifact.state,
        "artifactSequence": {"__typename": "ArtifactSequence", "latestArtifact": latest},
    }
    return {"__typename": "CreateArtifactPayload", "artifact": node}


def _move(store: Store, artifact: Artifact, aliases: list[str]) -> None:
    """An alias stands for one version of a collection."""
    for other in _versions(store, artifact.entity, artifact.project, artifact.collection):
        other.aliases = [alias for alias in other.aliases if alias not in aliases]
    artifact.aliases += [alias for alias in dict.fromkeys(aliases) if alias not in artifact.aliases]


def manifest(store: Store, arguments: Arguments) -> Answer:
    """Where the manifest is to be sent: of a new one (`artifactID`), or once more (`artifactManifestID`)."""
    given = arguments["input"]
    artifact = store.artifact((given.get("artifactID") or given["artifactManifestID"]).removeprefix("Manifest:"))
    artifact.manifest_file = f"{artifact.id}/manifest"
    file = {
        "__typename": "File",
        "id": artifact.manifest_file,
        "uploadUrl": store.blob_url(artifact.manifest_file),
        "uploadHeaders": [],
    }
    node = {"__typename": "ArtifactManifest", "id": f"Manifest:{artifact.id}", "file": file}
    return {"__typename": "Payload", "artifactManifest": node}


def create_artifact_files(store: Store, arguments: Arguments) -> Answer:
    nodes = []
    for given in arguments["input"]["artifactFiles"]:
        artifact = store.artifact(given["artifactID"])
        path = f"{artifact.id}/files/{given['name']}"
        artifact.stored[given["name"]] = path
        nodes.append(
            {
                "__typename": "File",
                "storagePath": path,
                "uploadUrl": store.blob_url(path),
                "uploadHeaders": [],
                "uploadMultipartUrls": None,
                "artifact": {"__typename": "Artifact", "id": artifact.id},
            }
        )
    return {"__typename": "Payload", "files": connection(nodes, {})}


def commit_artifact(store: Store, arguments: Arguments) -> Answer:
    artifact = store.artifact(arguments["input"]["artifactID"])
    if artifact.state != "COMMITTED":
        earlier = _versions(store, artifact.entity, artifact.project, artifact.collection)
        artifact.version, artifact.state = len(earlier), "COMMITTED"
        # What the manifest names and an earlier version has was not sent again.
        contents = json.loads(store.blobs.get(artifact.manifest_file, b"{}")).get("contents", {})
        for name in contents:
            before = next((each.stored[name] for each in earlier[::-1] if name in each.stored), None)
            if name not in artifact.stored and before:
                artifact.stored[name] = before
        aliases, artifact.aliases = artifact.aliases, []
        _move(store, artifact, [*aliases, "latest"])
    return {"__typename": "Payload", "artifact": artifact_node(store, artifact)}


def use_artifact(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    run = store.run(given["entityName"], given["projectName"], given["runName"])
    artifact = store.artifact(given["artifactID"])
    run.used += [artifact] if artifact not in run.used else []
    return {"__typename": "Payload", "artifact": artifact_node(store, artifact)}


def update_artifact(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    artifact = store.artifact(given["artifactID"])
    artifact.description = given.get("description") or artifact.description
    artifact.metadata = json.loads(given.get("metadata") or "null") or artifact.metadata
    return {"__typename": "Payload", "artifact": artifact_node(store, artifact)}


def change_aliases(store: Store, arguments: Arguments, *, add: bool) -> Answer:
    given = arguments["input"]
    artifact, aliases = store.artifact(given["artifactID"]), [each["alias"] for each in given["aliases"]]
    if add:
        _move(store, artifact, aliases)
    else:
        artifact.aliases = [alias for alias in artifact.aliases if alias not in aliases]
    return {"__typename": "Payload", "success": True}


def link_artifact(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    by_client = (each.id for each in store.artifacts if given.get("clientID") and each.client_id == given["clientID"])
    artifact = store.artifact(given.get("artifactID") or next(by_client))
    artifact.links.append(f"{given['entityName']}/{given['projectName']}/{given['artifactPortfolioName']}")
    _move(store, artifact, [each["alias"] for each in given.get("aliases") or []])
    node = _member(store, artifact)
    return {"__typename": "Payload", "versionIndex": artifact.version, "artifactMembership": node}


def artifact(store: Store, arguments: Arguments) -> Node | None:
    found = next((each for each in store.artifacts if each.id == arguments["id"]), None)
    return artifact_node(store, found) if found else None


def client_id_mapping(store: Store, arguments: Arguments) -> Answer | None:
    found = next((each.id for each in store.artifacts if each.client_id == arguments["clientID"]), None)
    if found is None:
        raise Refused("client id not found", 404)
    return {"__typename": "ClientIDMapping", "serverID": found}
