"""Projects, entities, the one who asks, and saved views: workspaces and reports."""

from __future__ import annotations

import base64
from typing import Any

from tests.wandb_server.artifacts import membership, type_node
from tests.wandb_server.graphql import Node, Refused
from tests.wandb_server.runs import Answer, Arguments, run_node, run_nodes
from tests.wandb_server.state import View, now, number
from tests.wandb_server.store import USER, Store, connection
from tests.wandb_server.sweeps import sweep_node


def project_node(store: Store, entity: str, project: str) -> Node:
    path = f"{entity}/{project}"
    runs = list(store.runs[path].values())

    def run(arguments: Arguments) -> Node | None:
        found = store.runs[path].get(arguments["name"])
        return run_node(store, found) if found else None

    def sweep(arguments: Arguments) -> Node | None:
        found = store.sweeps[path].get(arguments["sweepName"])
        return sweep_node(store, found) if found else None

    def views(arguments: Arguments) -> Answer:
        wanted = {"type": arguments.get("viewType"), "name": arguments.get("viewName")}
        found = [
            view
            for view in store.views
            if (view.entity, view.project) == (entity, project)
            and all(value is None or getattr(view, key) == value for key, value in wanted.items())
        ]
        return connection([view_node(store, view) for view in found], arguments)

    return {
        "__typename": "Project",
        "id": f"Project:{store.add_project(entity, project)}",
        "internalId": f"ProjectInternalId:{store.add_project(entity, project)}",
        "name": project,
        "entityName": entity,
        "entity": lambda _: entity_node(entity),
        "description": None,
        "access": "PRIVATE",
        "views": None,
        "createdAt": now(),
        "isBenchmark": False,
        "readOnly": False,
        "user": user_node(store),
        "run": run,
        "bucket": run,
        "runs": lambda arguments: connection(run_nodes(store, runs, arguments), arguments),
        "runCount": lambda arguments: len(run_nodes(store, runs, arguments)),
        "sweep": sweep,
        "totalSweeps": len(store.sweeps[path]),
        "sweeps": lambda arguments: connection(
            [sweep_node(store, each) for each in store.sweeps[path].values()], arguments
        ),
        "allViews": views,
        "artifact": lambda arguments: (membership(store, entity, project, arguments["name"]) or {}).get("artifact"),
        "artifactCollectionMembership": lambda arguments: membership(store, entity, project, arguments["name"]),
        "artifactCollection": type_node(store, entity, project, None)["artifactCollection"],
        "artifactType": lambda arguments: type_node(store, entity, project, arguments["name"]),
    }


def project(store: Store, arguments: Arguments) -> Node | None:
    entity = arguments.get("entityName") or USER
    return project_node(store, entity, arguments["name"]) if store.is_visible(entity, arguments["name"]) else None


def projects(store: Store, arguments: Arguments) -> Answer:
    entity = arguments.get("entityName") or USER
    if entity in store.forbidden:
        raise Refused("permission denied", 403, "PERMISSION_ERROR")
    if entity not in store.entities:
        raise Refused(f"entity {entity} not found", 404)
    names = [path.partition("/")[2] for path in store.projects if path.startswith(f"{entity}/")]
    return connection([project_node(store, entity, name) for name in names], arguments)


def upsert_project(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    entity = given.get("entityName") or USER
    store.check(entity, given["name"])
    is_new = f"{entity}/{given['name']}" not in store.projects
    store.add_project(entity, given["name"])
    node = project_node(store, entity, given["name"])
    return {"__typename": "Payload", "project": node, "model": node, "inserted": is_new}


def entity_node(name: str) -> Node:
    return {
        "__typename": "Entity",
        "id": f"Entity:{name}",
        "name": name,
        "isTeam": name != USER,
        "entityType": "user" if name == USER else "team",
        "organization": None,
        "user": None,
        "xxhashDigestsEnabled": False,
    }


def entity(store: Store, arguments: Arguments) -> Node | None:
    return entity_node(arguments["name"]) if arguments["name"] in store.entities else None


def user_node(store: Store) -> Node:
    teams = [{"name": name, "__typename": "Entity"} for name in sorted(store.entities)]
    return {
        "__typename": "User",
        "id": "User:1",
        "name": USER,
        "username": USER,
        "entity": USER,
        "email": "tester@example.org",
        "admin": False,
        "flags": "{}",
        "deletedAt": None,
        "apiKeys": connection([], {}),
        "teams": connection(teams, {}),
    }


def viewer(store: Store, _: Arguments) -> Node:
    return user_node(store)


def server_info(_: Store, __: Arguments) -> Node:
    return {
        "__typename": "ServerInfo",
        "cliVersionInfo": {"max_cli_version": "0.31.0"},
        "latestLocalVersionInfo": None,
        "features": [],
    }


def view_node(store: Store, view: View) -> Node:
    return {
        "__typename": "View",
        "id": view.id,
        "type": view.type,
        "name": view.name,
        "displayName": view.display_name,
        "description": view.description,
        "spec": view.text,
        "createdAt": view.created,
        "updatedAt": view.updated,
        "user": {"__typename": "User", "username": USER, "photoUrl": None, "email": "tester@example.org"},
        "project": lambda _: project_node(store, view.entity, view.project),
        "accessTokens": [],
    }


def view(store: Store, arguments: Arguments) -> Node | None:
    return next((view_node(store, view) for view in store.views if view.id == arguments["id"]), None)


def upsert_view(store: Store, arguments: Arguments) -> Answer:
    """A workspace or a report is saved; one with an id is changed."""
    given: dict[str, Any] = arguments["input"]
    entity = given.get("entityName") or USER
    store.check(entity, given["projectName"])
    if not store.is_visible(entity, given["projectName"]):
        raise Refused("project not found", 404)
    view = next((view for view in store.views if given.get("id") == view.id), None)
    is_new = view is None
    if view is None:
        if given.get("id"):
            raise Refused(f"view {given['id']} not found", 404)
        view_id = base64.b64encode(f"View:{number()}".encode()).decode()  # its form is looked at by the client
        view = View(view_id, entity, given["projectName"], given["type"], given["name"], "", "", "{}")
        store.views.append(view)
    view.display_name, view.description = given.get("displayName") or "", given.get("description") or ""
    view.type, view.name = given.get("type") or view.type, given.get("name") or view.name
    view.text, view.updated = given["spec"], now()
    return {"__typename": "Payload", "view": view_node(store, view), "inserted": is_new}


def delete_view(store: Store, arguments: Arguments) -> Answer:
    before = len(store.views)
    store.views[:] = [view for view in store.views if view.id != arguments["input"]["id"]]
    return {"__typename": "Payload", "success": len(store.views) < before, "pendingDrafts": []}
