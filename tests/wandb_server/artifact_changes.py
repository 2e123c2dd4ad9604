"""Artifacts as they are made: a new version, its manifest and files, its aliases and links, and who uses it."""

from __future__ import annotations

import json

from tests.wandb_server.artifacts import artifact_node, member_node, versions_of
from tests.wandb_server.runs import Answer, Arguments
from tests.wandb_server.state import Artifact, number
from tests.wandb_server.store import USER, Store, connection


def create_artifact(store: Store, arguments: Arguments) -> Answer:
    """A new version, or the one that is there with the same content."""
    given = arguments["input"]
    entity, project = given.get("entityName") or USER, given["projectName"]
    store.check(entity, project)
    collection = (given.get("artifactCollectionNames") or [given.get("artifactCollectionName")])[0]
    same = [each for each in versions_of(store, entity, project, collection) if each.digest == given["digest"]]
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
    versions = versions_of(store, entity, project, collection)
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
    for other in versions_of(store, artifact.entity, artifact.project, artifact.collection):
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
        earlier = versions_of(store, artifact.entity, artifact.project, artifact.collection)
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
    node = member_node(store, artifact)
    return {"__typename": "Payload", "versionIndex": artifact.version, "artifactMembership": node}
