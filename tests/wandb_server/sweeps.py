"""Sweeps and their agents: which combination an agent gets, and what becomes of one whose agent died."""

from __future__ import annotations

import itertools
import json
import random
import time
from collections.abc import Iterator
from typing import Any

import yaml

from tests.wandb_server.graphql import Node, Refused
from tests.wandb_server.runs import Answer, Arguments, run_node, state_of
from tests.wandb_server.state import Sweep, Trial, now, number
from tests.wandb_server.store import USER, Store, connection


def sweep_node(store: Store, sweep: Sweep) -> Node:
    from tests.wandb_server.projects import project_node

    config = yaml.safe_load(sweep.text)
    runs = [run for run in store.runs[f"{sweep.entity}/{sweep.project}"].values() if run.sweep == sweep.id]
    return {
        "__typename": "Sweep",
        "id": sweep.storage_id,
        "name": sweep.id,
        "displayName": sweep.display_name,
        "method": config.get("method"),
        "state": sweep.state,
        "description": config.get("description"),
        "config": sweep.text,
        "createdAt": sweep.created,
        "updatedAt": now(),
        "heartbeatAt": now(),
        "earlyStopJobRunning": False,
        "bestLoss": None,
        "controller": sweep.controller,
        "scheduler": sweep.scheduler,
        "controllerRunName": None,
        "runCount": len(runs),
        "runCountExpected": None,
        "runs": lambda arguments: connection([run_node(store, run) for run in runs], arguments),
        "project": lambda _: project_node(store, sweep.entity, sweep.project),
    }


def _flat(parameters: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parameters with those of nested ones, which are separated by a dot here alone."""
    found = {}
    for name, each in parameters.items():
        inner = _flat(each["parameters"]) if "parameters" in each else None
        found |= {name: each} if inner is None else {f"{name}\0{key}": value for key, value in inner.items()}
    return found


def _nested(values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, value in values.items():
        *above, last = path.split("\0")
        place = found
        for name in above:
            place = place.setdefault(name, {})
        place[last] = value
    return found


def _drawn(parameter: dict[str, Any], draw: random.Random) -> Any:
    if "value" in parameter:
        return parameter["value"]
    if "values" in parameter:
        return draw.choice(parameter["values"])
    low, high = parameter["min"], parameter["max"]
    if "int" in parameter.get("distribution", ""):
        return draw.randint(low, high)
    if parameter.get("distribution") == "log_uniform_values":
        return float(low * (high / low) ** draw.random())
    return draw.uniform(low, high)


def points_of(config: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The combinations of a sweep in their order: all of a grid, each once; of any other method random ones, no end."""
    parameters = dict(sorted(_flat(config["parameters"]).items()))  # by name, the last one fastest
    if config.get("method") == "grid":
        levels = [each["values"] if "values" in each else [each["value"]] for each in parameters.values()]
        for values in itertools.product(*levels):
            yield _nested(dict(zip(parameters, values, strict=True)))
    else:
        draw = random.Random(0)
        while True:
            yield _nested({name: _drawn(each, draw) for name, each in parameters.items()})


def upsert_sweep(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    if given.get("id"):
        sweep = _of_storage(store, given["id"])
        sweep.state = given.get("state") or sweep.state
    else:
        entity, project = given.get("entityName") or USER, given.get("projectName") or "uncategorized"
        store.check(entity, project)
        store.add_project(entity, project)
        sweep = Sweep(f"sweep{number()}", entity, project, given["config"])
        store.sweeps[f"{entity}/{project}"][sweep.id] = sweep
    sweep.display_name = given.get("displayName") or sweep.display_name
    sweep.controller, sweep.scheduler = given.get("controller"), given.get("scheduler")
    if given.get("config"):
        sweep.text = given["config"]
        sweep.points = itertools.islice(
            points_of(yaml.safe_load(sweep.text)), yaml.safe_load(sweep.text).get("run_cap")
        )
    return {"__typename": "Payload", "sweep": sweep_node(store, sweep), "configValidationWarnings": []}


def _of_storage(store: Store, storage_id: str) -> Sweep:
    for sweeps in store.sweeps.values():
        for sweep in sweeps.values():
            if sweep.storage_id == storage_id:
                return sweep
    raise Refused("sweep not found", 404)


def create_agent(store: Store, arguments: Arguments) -> Answer:
    given = arguments["input"]
    sweep = store.sweeps[f"{given.get('entityName') or USER}/{given.get('projectName')}"].get(given["sweep"])
    if sweep is None:
        raise Refused("sweep not found", 404)
    agent = f"agent{number()}"
    sweep.agents[agent] = time.monotonic()
    sweep.state = "RUNNING" if sweep.state == "PENDING" else sweep.state
    return {"__typename": "Payload", "agent": {"__typename": "Agent", "id": agent, "name": agent}}


def heartbeat(store: Store, arguments: Arguments) -> Answer:
    """An agent says which of its runs go on, and gets the next one when none does."""
    given = arguments["input"]
    agent = given["id"]
    sweep = next((each for all_ in store.sweeps.values() for each in all_.values() if agent in each.agents), None)
    if sweep is None:
        raise Refused("sweep not found", 404)
    sweep.agents[agent] = time.monotonic()
    going_on = json.loads(given.get("runState") or "{}")
    for trial in sweep.trials:
        trial.is_settled |= trial.agent == agent and trial.run_id not in going_on
    _lose(store, sweep)
    commands = [{"type": "exit"}] if sweep.state == "CANCELED" else _commands(store, sweep, agent, going_on)
    return {
        "__typename": "Payload",
        "agent": {"__typename": "Agent", "id": agent},
        "commands": json.dumps(commands),
    }


def _lose(store: Store, sweep: Sweep) -> None:
    """Combinations whose agent is not heard of any more, or whose run crashed, come again under another run."""
    runs = store.runs[f"{sweep.entity}/{sweep.project}"]
    for trial in sweep.trials:
        run = runs.get(trial.run_id)
        trial.is_settled |= run is not None and run.state in ("finished", "failed")
        silent = store.lost_after is not None and time.monotonic() - sweep.agents[trial.agent] > store.lost_after
        crashed = trial.is_settled and run is not None and state_of(store, run) == "crashed"
        if not trial.is_lost and ((silent and not trial.is_settled) or crashed):
            trial.is_lost = trial.is_settled = True
            sweep.again.append(trial.values)


def _commands(store: Store, sweep: Sweep, agent: str, going_on: dict[str, Any]) -> list[dict[str, Any]]:
    runs = store.runs[f"{sweep.entity}/{sweep.project}"]
    stopped = [name for name in going_on if name in runs and runs[name].stop_requested]
    if stopped:
        return [{"type": "stop", "run_id": name} for name in stopped]
    if going_on or sweep.state == "PAUSED":
        return []
    if sweep.state == "FINISHED":  # the runs that went on then were let finish
        return [{"type": "exit"}]
    values = sweep.again.pop(0) if sweep.again else next(sweep.points, None)
    if values is None:
        waiting = store.lost_after is not None and not all(trial.is_settled for trial in sweep.trials)
        if not waiting:
            sweep.state = "FINISHED"
        return [] if waiting else [{"type": "exit"}]
    trial = Trial(values, f"run{number()}", agent)
    sweep.trials.append(trial)
    arguments = {name: {"value": value} for name, value in values.items()}
    program = yaml.safe_load(sweep.text).get("program")
    return [{"type": "run", "run_id": trial.run_id, "args": arguments, "program": program}]
