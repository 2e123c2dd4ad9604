"""What a run's client asks and says: its start, its rows and files, its end; and what the public API reads of it."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.wandb_server.filters import matching, ordered
from tests.wandb_server.graphql import Node, Refused
from tests.wandb_server.state import Run, now
from tests.wandb_server.store import USER, Store, connection

Arguments = dict[str, Any]
Answer = dict[str, Any]


def run_node(store: Store, run: Run) -> Node:
    from tests.wandb_server.artifacts import artifact_nodes
    from tests.wandb_server.projects import project_node

    state = state_of(store, run)
    return {
        "__typename": "Run",
        "id": f"Run:{run.number}",
        "projectId": str(store.add_project(run.entity, run.project)),
        "name": run.id,
        "displayName": run.name,
        "description": run.notes,
        "notes": run.notes,
        "config": json.dumps(run.raw_config),
        "wandbConfig": lambda _: json.dumps({"t": run.raw_config.get("_wandb", {}).get("value", {}).get("t", {})}),
        "summaryMetrics": json.dumps(run.summary),
        "systemMetrics": "{}",
        "historyKeys": _keys(run),
        "group": run.group,
        "jobType": run.job_type,
        "tags": list(run.tags),
        "sweepName": run.sweep,
        "state": state,
        "exitcode": run.exit_code,
        "commit": None,
        "host": run.host,
        "readOnly": False,
        "createdAt": run.created,
        "heartbeatAt": now(),
        "stopped": run.stop_requested,
        "shouldStop": run.stop_requested,
        "failed": state in ("failed", "crashed"),
        "running": state == "running",
        "logLineCount": len(run.output),
        "historyLineCount": len(run.history),
        "eventsLineCount": len(run.events),
        "historyTail": json.dumps([json.dumps(row) for row in run.history[-1:]]),
        "eventsTail": json.dumps([json.dumps(row) for row in run.events[-1:]]),
        "history": lambda arguments: _rows(run.history, arguments),
        "events": lambda arguments: _rows(run.events, arguments),
        "sampledHistory": lambda arguments: [_sampled(run, json.loads(spec)) for spec in _listed(arguments["specs"])],
        "parquetHistory": lambda _: {"__typename": "ParquetHistory", "parquetUrls": [], "liveData": run.history},
        "logLines": lambda arguments: connection(_lines(run), arguments),
        "fileCount": len(run.files),
        "files": lambda arguments: connection(_files(store, run, arguments), arguments),
        "user": {"__typename": "User", "name": USER, "username": USER},
        "project": lambda _: project_node(store, run.entity, run.project),
        "outputArtifacts": lambda arguments: connection(artifact_nodes(store, run.artifacts), arguments),
        "inputArtifacts": lambda arguments: connection(artifact_nodes(store, run.used), arguments),
    }


def state_of(store: Store, run: Run) -> str:
    """A run that is not heard of for long has crashed, as W&B has it."""
    silent = store.lost_after is not None and time.monotonic() - run.heard > store.lost_after
    return "crashed" if run.state == "running" and silent else run.state


def _keys(run: Run) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for row in run.history:
        for key in row:
            counts[key] = counts.get(key, 0) + 1
    last = max((row.get("_step", -1) for row in run.history), default=-1)
    keys = {key: {"typeCounts": [{"type": "number", "count": count}]} for key, count in counts.items()}
    return {"sets": [], "keys": keys, "lastStep": last}


def _rows(rows: list[dict[str, Any]], arguments: Arguments) -> list[str]:
    low, high = arguments.get("minStep") or 0, arguments.get("maxStep")
    found = [row for row in rows if row.get("_step", low) >= low and (high is None or row.get("_step", low) < high)]
    return [json.dumps(row) for row in found[: arguments.get("samples") or len(found)]]


def _listed(value: Any) -> list[Any]:
    """GraphQL takes one value where a list is meant."""
    return value if isinstance(value, list) else [value]


def _sampled(run: Run, spec: dict[str, Any]) -> list[dict[str, Any]]:
    keys = spec.get("keys", [])
    rows = [{key: row[key] for key in keys} for row in run.history if all(key in row for key in keys)]
    return rows[: spec.get("samples", 500)]


def _lines(run: Run) -> list[Node]:
    usual = {"__typename": "LogLine", "timestamp": None, "level": None, "label": None}
    return [{**usual, "number": number, "line": line} for number, line in enumerate(run.output)]


def _files(store: Store, run: Run, arguments: Arguments) -> list[Node]:
    names = arguments.get("names") or sorted(run.files)
    return [
        {
            "__typename": "File",
            "id": f"File:{run.path}/{name}",
            "name": name,
            "url": lambda _, name=name: store.run_file_url(run, name),
            "directUrl": store.run_file_url(run, name),
            "sizeBytes": len(run.files[name]),
            "mimetype": "application/octet-stream",
            "updatedAt": run.created,
            "md5": "",
        }
        for name in names
        if name in run.files
    ]


def run_nodes(store: Store, runs: list[Run], arguments: Arguments) -> list[Node]:
    """Runs that a MongoDB-like filter lets through, in the order asked for."""
    chosen = matching(runs, json.loads(arguments.get("filters") or "{}"), lambda run: state_of(store, run))
    return [run_node(store, run) for run in ordered(chosen, arguments.get("order") or "+created_at")]


def upsert_bucket(store: Store, arguments: Arguments) -> Answer:
    """A run starts, goes on, or is changed by the public API."""
    given = arguments["input"]
    if given.get("id"):
        run, is_new = store.stored(given["id"]), False
    else:
        run, is_new = _opened(store, given)
    named = {"displayName": "name", "groupName": "group", "jobType": "job_type", "notes": "notes", "host": "host"}
    named |= {"jobProgram": "program", "sweep": "sweep"}
    for key, attribute in named.items():
        if given.get(key):
            setattr(run, attribute, given[key])
    run.tags = given["tags"] if given.get("tags") is not None else run.tags
    run.raw_config |= json.loads(given.get("config") or "{}")
    run.summary |= json.loads(given.get("summaryMetrics") or "{}")
    run.heard = time.monotonic()
    bucket = run_node(store, run)
    return {"__typename": "UpsertBucketPayload", "bucket": bucket, "inserted": is_new}


def _opened(store: Store, given: Arguments) -> tuple[Run, bool]:
    entity, project, run_id = given.get("entityName") or USER, given["modelName"], given["name"]
    store.check(entity, project)
    path = f"{entity}/{project}/{run_id}"
    if path in store.deleted:
        raise Refused(f"run {path} was previously created and deleted; try a new run name", 409)
    store.add_project(entity, project)
    runs = store.runs[f"{entity}/{project}"]
    is_new = run_id not in runs
    run = runs.setdefault(run_id, Run(entity, project, run_id, name=run_id))
    if run.state != "running":
        run.state, run.exit_code, run.stop_requested = "running", None, False
    return run, is_new


def resume_status(store: Store, arguments: Arguments) -> Answer | None:
    """`model` is what the client calls a project when it asks whether a run can be gone on with."""
    from tests.wandb_server.projects import project_node

    entity, project = arguments.get("entityName") or USER, arguments["name"]
    return project_node(store, entity, project) if store.is_visible(entity, project) else None


def create_run_files(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    run = store.run(given.get("entityName"), given.get("projectName"), given["runName"])
    files = [
        {"__typename": "File", "name": name, "uploadUrl": store.run_file_url(run, name)} for name in given["files"]
    ]
    return {"__typename": "Payload", "runID": f"Run:{run.number}", "uploadHeaders": [], "files": files}


def delete_run(store: Store, arguments: Arguments) -> Answer:
    run = store.stored(arguments["input"]["id"])
    store.deleted.add(run.path)
    del store.runs[f"{run.entity}/{run.project}"][run.id]
    return {"__typename": "Payload", "clientMutationId": None}


def stop_run(store: Store, arguments: Arguments) -> Answer:
    store.stored(arguments["input"]["id"]).stop_requested = True
    return {"__typename": "Payload", "success": True}


def update_run_state(store: Store, arguments: Arguments) -> Answer:
    store.stored(arguments["input"]["id"]).state = arguments["input"]["state"]
    return {"__typename": "Payload", "success": True}


def succeeded(_: Store, __: Arguments) -> Answer:
    """For what changes nothing here."""
    return {"__typename": "Payload", "success": True}


def file_stream(store: Store, run: Run, message: dict[str, Any]) -> Answer:
    """Rows of a run: each file says at which row what it brings begins, so that a repeated message changes nothing."""
    run.heard = time.monotonic()
    for name, chunk in message.get("files", {}).items():
        lines, start = chunk["content"], chunk.get("offset", 0)
        if name == "wandb-summary.json":
            run.summary = json.loads(lines[-1])
        elif name in ("wandb-history.jsonl", "wandb-events.jsonl"):
            rows = run.history if name == "wandb-history.jsonl" else run.events
            rows[start : start + len(lines)] = [json.loads(line) for line in lines]
        elif name == "output.log":
            run.output[start : start + len(lines)] = lines
    if message.get("complete"):
        run.exit_code = message.get("exitcode", 0)
        run.state = "finished" if run.exit_code == 0 else "failed"
    return {"exitcode": None, "limits": {}, "stopped": run.stop_requested}
