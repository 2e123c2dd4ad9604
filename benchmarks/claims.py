"""The queue by itself, on trials that take no time: is each handed out once, how many a second, what do 10,000 cost.

    python benchmarks/claims.py [--processes 8] [--trials 500] [--many 10000]

The first table: so many processes claim and settle so many trials on each storage; `twice` and `lost` must be 0. The
second: seconds for planning a study of many trials, for its status, and, on each storage, for going on with it when all
but one are done. PostgreSQL is a server of this script's own, with fsync as usual.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from dcgan.common.files import write_json
from dcgan.queue import Queue, plan_entries, storage
from dcgan.records.run_record import RunRecord
from dcgan.study import pending, status, stored_plans, trials_table
from dcgan.study import plan as planning
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep

if TYPE_CHECKING:
    from tests.postgres import free_port, programs, served
else:  # a library that is installed has a package called tests
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from postgres import free_port, programs, served

FINISHED = {
    "status": "finished", "scores": {"fid": 1.5}, "seconds": 2.0, "seed": 0, "attempts": 1, "images": 200,
}  # fmt: skip
FINISHED_RUN = RunRecord.from_json(FINISHED, "here")
_CLAIM_ALL = """
import json, os, sys, time
from dcgan.queue import Queue
from dcgan.records.run_record import RunRecord
from dcgan.study import stored_plans
queue = Queue(stored_plans.load(sys.argv[1]), os.environ.get("DCGAN_STORAGE"))
print("ready", flush=True)
sys.stdin.readline()
finished, cells, began = RunRecord.from_json(json.loads(sys.argv[2]), "here"), [], time.time()
while True:
    with queue.claim() as claim:
        if claim is None:
            break
        cells.append((claim.trial.arm, claim.trial.seed))
        queue.settle(claim, finished)
print(json.dumps([cells, began, time.time()]))
"""


def claims(plan: Plan, url: str | None, processes: int) -> dict[str, float]:
    """Trials that were handed out twice, that were lost, and trials per second."""
    Queue(plan, url).fill()
    words = [sys.executable, "-c", _CLAIM_ALL, plan.study, json.dumps(FINISHED)]
    environment = {**os.environ, **({"DCGAN_STORAGE": url} if url else {})}
    workers = [
        subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(processes)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    said = [json.loads(worker.communicate("go\n")[0]) for worker in workers]
    claimed = Counter(tuple(cell) for cells, _, _ in said for cell in cells)
    seconds = max(end for _, _, end in said) - min(begin for _, begin, _ in said)
    missing = {(trial.arm, trial.seed) for trial in plan.trials} - set(claimed)
    twice = sum(count - 1 for count in claimed.values())
    return {"twice": twice, "lost": len(missing), "seconds": seconds, "trials/s": len(claimed) / seconds}


def planned(study: str, seeds: int) -> Plan:
    """Two arms on so many seeds, written."""
    file = Path(f"{study}.yaml")
    content = f"experiment: digits\nstart: bare\nfactors: [batch_norm]\nseeds: {seeds}\n"
    file.write_text(content, encoding="utf-8")
    plan = planning.make(sweep.load(str(file)))
    stored_plans.write(plan)
    return plan


def many(count: int, urls: dict[str, str | None]) -> dict[str, float]:
    """Seconds for each thing that is done with a study of so many trials."""
    took: dict[str, float] = {}

    def timed(name: str, do: Callable[[], object]) -> None:
        began = time.perf_counter()
        do()
        took[name] = time.perf_counter() - began

    timed("plan and write", lambda: planned("many", count // 2))
    plan = planned("many", count // 2)
    timed("load", lambda: stored_plans.load("many"))
    timed("status, nothing done", lambda: status.Overview(plan).look())
    for trial in plan.trials[:-1]:
        trial.directory.path.mkdir(parents=True)
        write_json(trial.directory.path / "run.json", FINISHED)
    timed("status, one left", lambda: status.Overview(plan).look())
    timed("trials.csv, one left", lambda: trials_table.write(plan))
    timed("what is due", lambda: pending.pending_trials(plan))
    for name, url in urls.items():
        timed(f"resume, {name}, queue gone", lambda url=url: _resume(plan, url))
        _enter_all(plan, url)
        timed(f"resume, {name}, queue there", lambda url=url: _resume(plan, url))
    return took


def _enter_all(plan: Plan, url: str | None) -> None:
    """Puts what is done into the queue; by several threads, since a database takes its time for each."""
    queue = Queue(plan, url)
    entered = queue._read_entries().last
    missing = [trial for trial in plan.trials[:-1] if (trial.arm, trial.seed) not in entered]
    whole = url is not None

    def enter(trial: Trial) -> None:
        queue._create_trial(plan_entries.finished_entry(plan, trial, None, FINISHED_RUN, whole=whole))

    with ThreadPoolExecutor(8 if whole else 1) as pool:
        list(pool.map(enter, missing))


def _resume(plan: Plan, url: str | None) -> None:
    """What `dcgan sweep` does before its first trial."""
    queue = Queue(plan, url)
    queue.fill()
    with queue.claim() as claim:
        if claim is not None:
            queue.release(claim)
    queue.close()


@contextlib.contextmanager
def _urls() -> Iterator[dict[str, str | None]]:
    """The storages that can be tried here."""
    if programs() is None:
        print("note: no PostgreSQL server is installed: the journal alone is measured", file=sys.stderr)
        yield {"journal": None}
        return
    with served() as server:
        port = free_port()
        behind = storage.open_storage(Path(), server.new_database("behind"))
        proxy = storage.proxy(behind, "127.0.0.1", port)
        yield {
            "journal": None,
            "postgresql": server.new_database("direct"),
            "grpc before postgresql": f"grpc://127.0.0.1:{port}",
        }
        proxy.stop(0).wait()


def main() -> None:
    """Prints both tables as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--trials", type=int, default=500)
    parser.add_argument("--many", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, contextlib.chdir(home), _urls() as urls:
        os.environ["DCGAN_HOME"] = home
        print(f"{args.processes} processes, {args.trials} trials\n")
        print("| storage | twice | lost | seconds | trials/s |\n|---|---|---|---|---|")
        wrong = 0.0
        for name, url in urls.items():
            plan = planned(name.partition(" ")[0], args.trials // 2)
            row = claims(plan, url, args.processes)
            wrong += row["twice"] + row["lost"]
            print(f"| {name} | {row['twice']} | {row['lost']} | {row['seconds']:.1f} | {row['trials/s']:.1f} |")
        print(f"\n{args.many:,} trials\n\n| what | seconds |\n|---|---|")
        for name, seconds in many(args.many, urls).items():
            print(f"| {name} | {seconds:.2f} |")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
