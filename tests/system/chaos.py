"""A study while its workers are killed and frozen, its database restarted, frozen and set back, and its disk full.

`make chaos` runs the long version; `test_chaos.py` has a short one. Both end by comparing with an undisturbed run.
"""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from dcgan.queue import Queue
from dcgan.queue.journal import JOURNAL, mended
from dcgan.queue.plan_entries import outcome_in
from dcgan.study import plan as planning
from dcgan.study import stored_plans, trials_table
from dcgan.study.outcomes import outcome_of
from dcgan.study.plan import Plan
from dcgan.study.status import Overview
from dcgan.sweeps import sweep
from dcgan.workers import worker
from tests import tiny
from tests.disk import fill, small_disk
from tests.postgres import Server, postgres
from tests.queue.test_database import clients
from tests.system.chaos_acts import (
    Backup,
    damage_the_journal,
    delete_a_run,
    frozen,
    journal_locked,
    refuse_another_version,
)
from tests.system.crew import Crew

__all__ = ["postgres"]

TINY = {
    **tiny.TINY,
    "budget": {"images_per_epoch": 200},
    "tracking": {"wandb": "disabled", "checkpoint_seconds": 0.2, "tick_images": 200},
}
LEASE = 4.0  # seconds
_CALM = 0.7  # of the study is trained when the last trouble comes at the latest


@dataclass(frozen=True)
class Trouble:
    """How much is done to a study."""

    epochs: int  # of a trial
    seeds: int  # of two arms
    workers: int
    kills: int
    restarts: int  # of the database
    away: float  # seconds without the storage
    full: float  # seconds with a full disk
    pause: float  # seconds for which a worker is frozen: more than its lease
    age: float  # seconds since the backup that the database is set back to; 0: it is not
    hard: bool  # whether also a run is deleted, other code joins, and the journal is damaged


LONG = Trouble(
    epochs=40, seeds=20, workers=3, kills=15, restarts=2, away=20.0, full=5.0, pause=3 * LEASE, age=60.0, hard=True
)
SHORT = Trouble(epochs=16, seeds=4, workers=2, kills=2, restarts=1, away=2.0, full=0.0, pause=0.0, age=0.0, hard=False)


@dataclass
class Told:
    """What was done, and what came of it."""

    killed: int = 0
    attempts: int = 0
    entries: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    finished: int = 0


def plan_of(folder: Path, trouble: Trouble) -> Plan:
    """A study of two arms, in the current home."""
    experiment = folder / "tiny.yaml"
    experiment.write_text(yaml.safe_dump(TINY))
    content = {"experiment": str(experiment), "start": "bare", "factors": ["batch_norm"], "retries": 20}
    content |= {
        "seeds": trouble.seeds,
        "set": {"budget.epochs": trouble.epochs, "score.every_epochs": trouble.epochs // 2},
    }
    (folder / "chaos.yaml").write_text(yaml.safe_dump(content))
    plan = planning.make(sweep.load(str(folder / "chaos.yaml")))
    stored_plans.write(plan)
    return plan


def results(plan: Plan) -> list[dict[str, str]]:
    """trials.csv without the time that it took."""
    trials_table.write(plan)
    with (plan.directory / "trials.csv").open(newline="") as file:
        return [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]


def undisturbed(plan: Plan) -> list[dict[str, str]]:
    """What comes out when nothing happens."""
    queue = Queue(plan)
    queue.fill()
    worker.work(plan, queue, threads=1, stop=lambda: False, observers_of=lambda _: [], on_end=lambda *_: None)
    return results(plan)


def launched(plan: Plan, url: str | None) -> Queue:
    """The study's queue as `dcgan sweep` leaves it to its workers, without a connection."""
    queue = mended(plan.directory, lambda: Queue(plan, url))
    worker.begin(queue, *worker.prepare(plan, queue.extractors))
    queue.fill()
    queue._storage.storage.release()
    return queue


def disturbed(plan: Plan, trouble: Trouble, url: str | None, server: Server | None, chance: random.Random) -> Told:
    """Trains the study under that much trouble, in the current home."""
    queue = launched(plan, url)
    began = time.monotonic()
    told = Told()
    crew = Crew(plan, trouble.workers, url, plan.directory / "chaos.log")
    whats = _acts(plan, trouble, crew, server, url, chance, told)
    acts = list(zip(sorted((chance.uniform(0, _CALM) for _ in whats), reverse=True), whats, strict=True))
    overview = Overview(plan)
    try:
        while crew.busy() or not overview.look().complete:
            if not crew.busy():  # the same command is typed again
                queue = launched(plan, url)
                crew.begin_again()
            if acts and _trained(plan) > acts[-1][0]:
                _, act = acts.pop()
                act()
            time.sleep(0.05)
            assert time.monotonic() - began < 2400, f"not done in forty minutes: {overview.look().line()}"
    finally:
        crew.dismiss()
    told.seconds = time.monotonic() - began
    told.finished = overview.look().counts["finished"]
    told.attempts = sum(int(outcome_of(trial).attempts) for trial in plan.trials)
    queue = launched(plan, url)
    trials = queue._storage.storage.get_all_trials(queue._key)
    told.entries = Counter(str(outcome_in(trial).get("status", trial.state.name)) for trial in trials)
    assert not acts, f"the study was done before {len(acts)} troubles were"
    assert told.killed == trouble.kills
    return told


def _trained(plan: Plan) -> float:
    """The share of all epochs that have been trained: troubles keep pace with the study, however fast the machine."""
    tables = [trial.directory.path / "metrics.csv" for trial in plan.trials]
    rows = sum(max(0, table.read_bytes().count(b"\n") - 1) for table in tables if table.exists())
    return rows / sum(trial.experiment.budget.epochs for trial in plan.trials)


def _acts(
    plan: Plan, trouble: Trouble, crew: Crew, server: Server | None, url: str | None, chance: random.Random, told: Told
) -> list[Callable[[], None]]:
    """The troubles in a random order."""

    def kill() -> None:
        while (victim := crew.pick(chance)) is None:
            assert crew.busy()
        victim.send_signal(signal.SIGKILL)
        told.killed += 1

    def pause() -> None:
        if victim := crew.pick(chance):
            victim.send_signal(signal.SIGSTOP)
            threading.Timer(trouble.pause, lambda: victim.send_signal(signal.SIGCONT)).start()

    def take_away() -> None:
        with frozen(server) if server else journal_locked(plan):
            time.sleep(trouble.away)

    def fill_the_disk() -> None:
        filler = plan.directory.parent / "filler"
        fill(filler)
        time.sleep(trouble.full)
        filler.unlink()

    def damage() -> None:
        crew.dismiss()
        damage_the_journal(plan.directory / JOURNAL, chance)
        assert crew.refused() == 1, "nobody goes on by it"
        launched(plan, url)
        assert list(plan.directory.glob(f"{JOURNAL}.damaged-*"))
        crew.begin_again()

    acts: list[Callable[[], None]] = [kill] * trouble.kills
    acts += [pause] * (trouble.pause > 0) + [take_away] + [fill_the_disk] * (trouble.full > 0)
    acts += [server.restart] * trouble.restarts if server else []
    if trouble.hard:
        acts += [lambda: delete_a_run(plan, chance), lambda: refuse_another_version(plan, crew.environment)]
        acts.append(Backup(server, url, trouble.age, crew.busy).set_back if server and url else damage)
    chance.shuffle(acts)
    return acts


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier is trained once for all."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def expected(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Trouble], list[dict[str, str]]]:
    """The rows of an undisturbed run; trained once for all storages, since they are to be the same."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("DCGAN_LEASE", str(LEASE))
    monkeypatch.delenv("DCGAN_STORAGE", raising=False)

    def of(trouble: Trouble) -> list[dict[str, str]]:
        known = cache / f"undisturbed-{trouble.epochs}-{trouble.seeds}.json"
        if not known.exists():
            monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "undisturbed"))
            known.write_text(json.dumps(undisturbed(plan_of(tmp_path, trouble))))
        rows: list[dict[str, str]] = json.loads(known.read_text())
        return rows

    return of


@pytest.mark.parametrize("storage", ["journal", "postgresql"])
def test_long(
    storage: str, tmp_path: Path, expected: Any, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    server: Server | None = request.getfixturevalue("postgres") if storage == "postgresql" else None
    rows = expected(LONG)
    seed = int(os.environ.get("CHAOS", "0")) or random.randrange(2**31)
    with small_disk(tmp_path / "disk", megabytes=200) as disk:
        monkeypatch.setenv("DCGAN_HOME", str(disk))
        plan = plan_of(tmp_path, LONG)
        url = server.new_database(f"chaos_{os.getpid()}") if server else None
        if server and url:
            url = server.limited(url, "few", LONG.workers)  # the sweep itself makes one more
        told = disturbed(plan, LONG, url, server, random.Random(seed))
        print(f"\n{storage}, CHAOS={seed}: {told}")
        assert told.finished == len(plan.trials)
        assert results(plan) == rows


def test_thirty_queue_clients_for_a_minute(tmp_path: Path, postgres: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path))
    plan = plan_of(tmp_path, replace(SHORT, seeds=2000))
    url = postgres.new_database(f"thirty_{os.getpid()}")
    Queue(plan, url).fill()
    cells, most = clients(plan, url, postgres, 30, 60.0)
    print(f"\n30 clients, 60 s: {len(cells)} trials, at most {most} connections")
    assert 0 < len(cells) == len(set(cells))
    assert most <= 40  # one each; the server counts one that was just closed for a moment
