"""PostgreSQL with few connections, and set back to a backup while processes know what came after it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dcgan.queue import Queue
from dcgan.queue.storage import open_storage
from tests.postgres import Server
from tests.queue.filled import FINISHED, drained, plan_of
from tests.tiny import record

# Forks itself: what is measured is the queue, and torch is imported once for all.
_CLIENTS = """
import json, os, sys, time
from dcgan.queue import Queue
from dcgan.records.run_record import RunRecord
from dcgan.study import stored_plans
plan, count, seconds = stored_plans.load(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
ends = time.monotonic() + seconds
pipes = []
for number in range(count):
    mine, its = os.pipe()
    if os.fork() == 0:
        cells, queue = [], Queue(plan, os.environ["DCGAN_STORAGE"])
        while time.monotonic() < ends:
            with queue.claim() as claim:
                if claim is None:
                    break
                cells.append((claim.trial.arm, claim.trial.seed))
                queue.settle(claim, RunRecord(id=claim.trial.run, status="finished", scores={"fid": 1.5}))
        os.write(its, json.dumps(cells).encode())
        os._exit(0)
    os.close(its)
    pipes.append(mine)
print(json.dumps([json.loads(os.fdopen(pipe).read()) for pipe in pipes]))
"""


def clients(plan: Any, url: str, server: Server, count: int, seconds: float) -> tuple[list[Any], int]:
    """The cells that so many processes claimed, and the most connections that they had at a time."""
    words = [sys.executable, "-c", _CLIENTS, plan.study, str(count), str(seconds)]
    process = subprocess.Popen(words, env={**os.environ, "DCGAN_STORAGE": url}, stdout=subprocess.PIPE, text=True)
    most = 0
    while process.poll() is None:
        most = max(most, server.connections(url))
        time.sleep(0.1)
    assert process.stdout is not None and process.returncode == 0
    return [tuple(cell) for cells in json.loads(process.stdout.read()) for cell in cells], most


@pytest.mark.slow
def test_thirty_queue_clients_share_a_usual_database(write_sweep: Any, postgres: Server) -> None:
    url = postgres.new_database("thirty")
    plan = plan_of(write_sweep, seeds=40)
    queue = Queue(plan, url)
    queue.fill()
    cells, most = clients(plan, url, postgres, 30, 120.0)
    assert len(cells) == len(set(cells)) == len(plan.trials)
    assert 1 < most <= 40, "one each; the server counts one that was just closed for a moment"


def test_a_process_has_one_connection_whatever_it_opens(write_sweep: Any, postgres: Server) -> None:
    url = postgres.new_database("one_connection")
    plan = plan_of(write_sweep, seeds=1)
    queues = [Queue(plan, url) for _ in range(3)]
    threads = [threading.Thread(target=queue.others_busy) for queue in queues for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert postgres.connections(url) == 1
    storage: Any = open_storage(plan.directory, url)
    storage.release()
    assert postgres.connections(url) == 0
    assert drained(queues[0], FINISHED)


def test_who_gets_no_connection_says_so_and_waits(
    write_sweep: Any, postgres: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    url = postgres.new_database("no_connection_left")
    few = postgres.limited(url, "only_one", 2)  # who makes the tables needs two
    plan = plan_of(write_sweep, seeds=1)
    other: Any = open_storage(plan.directory, f"{few}?application_name=another-process")
    postgres.tell("postgres", "alter role only_one connection limit 1")
    other.get_all_studies()
    threading.Timer(1.5, other.release).start()
    Queue(plan, few).fill()
    said = capsys.readouterr().err
    assert "note: the database has no connection free" in said and "too many connections for role" in said
    assert "note: storage reachable again" in said


def test_a_database_that_was_set_back_is_noticed_by_those_who_know_more(write_sweep: Any, postgres: Server) -> None:
    url = postgres.new_database("set_back")
    plan = plan_of(write_sweep, seeds=1)
    queue, later = Queue(plan, url), Queue(plan, url)
    queue.fill()
    postgres.back_up("set_back")
    with queue.claim() as lost, later.claim() as kept:
        assert lost is not None and kept is not None
        later.settle(kept, record(kept.trial, scores={"fid": 1.5}))
        postgres.set_back("set_back")
        with Queue(plan, url).claim() as other:  # under the key that the first claim had
            assert other is not None and other.key == lost.key
            queue.settle(lost, record(lost.trial, scores={"fid": 2.5}))
            trials = {trial._trial_id: trial for trial in queue._storage.storage.get_all_trials(queue._key)}
            assert "outcome" not in trials[other.key].user_attrs, "another worker has it now"
            assert not trials[kept.key].state.is_finished(), "what was settled after the backup is not known any more"
    assert len(list(Path(plan.directory / "workers").glob("*.lock"))) == 3
