"""What looking at a large study costs, and going on with it: processor seconds, wall seconds and peak memory.

    python benchmarks/large_study.py [--trials 750 1500 3000] [--case NAME ...] [--against REVISION]

For each size a study of six arms whose every trial a worker claimed, trained (here a record is written instead) and
settled, so that its journal, plan and run directories are as long as a real one's. Then, each in a process of its own:
`dcgan status STUDY`; `dcgan sweep` of it with nothing left, without a report and with one; and the same where one trial
has no record any more, up to the moment at which a worker would train it. `--against REVISION` does the same with the
package of that revision, checked out aside, in turn with the present one. `torch` is what importing PyTorch alone
costs: what is trained or scored cannot do without it.

Processor seconds are those of the process and its children, so that a busy machine changes them little. The last table
is how each grows: the ratio of the largest study's processor seconds to what the smallest's would be in proportion:
at most 1 where it grows linearly, less where most of it is what starting costs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dcgan.queue.plan_queue import Queue
from dcgan.records import run_record
from dcgan.records.run_record import RunRecord
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep

if TYPE_CHECKING:
    from benchmarks.report import checked_out
    from tests.tiny import PROTOCOL
else:  # a library that is installed has a package called tests
    sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
    from report import checked_out
    from tiny import PROTOCOL

_HERE = Path(__file__).parent.parent
_TIPS = ("batch_norm", "ema", "label_smoothing", "he_init", "diffaugment")
_STATUS = "from dcgan.cli import main; code = main(['status', 'large'])"
_SWEEP = "from dcgan.cli import main; code = main(['sweep', 'large.yaml', '--workers', '2', *{options}])"
# Its workers are not started: what they cost is what any training costs.
_ONE_LEFT = f"import dcgan.workers.launchers.local as local; local.Local.launch = lambda *_: []; {_SWEEP}"
CASES = {
    "torch": "import torch; code = 0",
    "status": _STATUS,
    "sweep, nothing left": _SWEEP.format(options=["--no-report"]),
    "sweep, nothing left, with report": _SWEEP.format(options=[]),
    "sweep, one trial left": _ONE_LEFT.format(options=["--no-report"]),
}
_MEASURE = """
import pathlib, re, resource, sys, time
began = time.perf_counter()
{case}
wall = time.perf_counter() - began
used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
# Not getrusage's peak: that of a child begins with its parent's.
peak = re.findall(r"VmHWM:\\s*(\\d+)", pathlib.Path("/proc/self/status").read_text())[0]
print("measured", sum(each.ru_utime + each.ru_stime for each in used), wall, peak, code)
"""


class Cost(NamedTuple):
    """Processor and wall seconds, and the largest resident memory in MiB."""

    processor: float
    wall: float
    peak: float


def made(home: Path, trials: int) -> Plan:
    """A study of that many trials, all of them over, in a home of its own."""
    os.environ["DCGAN_HOME"] = str(home)
    factors = ", ".join(_TIPS)
    seeds = trials // (len(_TIPS) + 1)
    content = f"study: large\nexperiment: digits\nstart: bare\nfactors: [{factors}]\nseeds: {seeds}\n"
    (home / "large.yaml").write_text(content, encoding="utf-8")
    plan = stored_plans.write(planning.make(sweep.load(str(home / "large.yaml"))))
    queue = Queue(plan)
    queue.fill()
    for number in range(len(plan.trials)):
        with queue.claim() as claim:
            assert claim is not None
            queue.settle(claim, _written(claim.trial, 30.0 + number % 17 + claim.trial.seed % 5))
    queue.close()
    return plan


def _written(trial: Trial, fid: float) -> RunRecord:
    """A run's directory, as large as a real one's but for its images and weights."""
    scores = {"fid": fid, "isc": 5.0, "kid": 0.01, "precision": 0.5, "recall": 0.5, "fid_floor": 3.0}
    other = {"split": "train", "scores": scores, "protocol": PROTOCOL.to_dict(), "details": {}}
    record = RunRecord(
        id=trial.run, status="finished", name=trial.experiment.name, seed=trial.seed, attempts=1, images=18_000,
        started="2026-01-01T00:00:00+00:00", seconds=12.0, images_per_second=1500.0, scores=scores,
        protocol=PROTOCOL.to_dict(), also=(other,), environment={"torch": "2", "threads": 1}, digest="0" * 64,
    )  # fmt: skip
    run = trial.directory
    run.path.mkdir(parents=True)
    (run.path / "experiment.yaml").write_text(trial.experiment.unwatched().to_yaml(), encoding="utf-8")
    curve = [
        f"{images},validation,classifier,360,key,{fid + 1e5 / (images + 1e3)}\n" for images in range(0, 18_001, 3000)
    ]
    (run.path / "scores.csv").write_text(
        "images,split,extractor,samples,protocol,fid\n" + "".join(curve), encoding="utf-8"
    )
    run_record.write(run.path, record)
    return record


def measured(package: Path, home: Path, case: str) -> Cost:
    """What the case costs with the package in that folder."""
    environment = {**os.environ, "DCGAN_HOME": str(home), "PYTHONPATH": str(package), "WANDB_MODE": "disabled"}
    words = [sys.executable, "-c", _MEASURE.replace("{case}", CASES[case])]
    done = subprocess.run(words, cwd=home, env=environment, capture_output=True, text=True, check=False)
    found = re.search(r"^measured (\S+) (\S+) (\S+) (\d)$", done.stdout, re.MULTILINE)
    if found is None:
        raise SystemExit(f"{case}: {done.stderr[-2000:]}")
    return Cost(float(found[1]), float(found[2]), float(found[3]) / 1024)


def cost_of(package: Path, home: Path, plan: Plan, case: str) -> Cost:
    """What the case costs with the package in that folder, the study being as the case says."""
    if case != "sweep, one trial left":
        return measured(package, home, case)
    last = plan.trials[-1].directory
    record = last.record()
    assert record is not None
    run_record.write(last.path, replace(record, status="failed", failure="left"))
    cost = measured(package, home, case)
    run_record.write(last.path, record)
    return cost


def main() -> None:
    """Prints a line per case, size and revision, and how each grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, nargs="+", default=[750, 1500, 3000])
    parser.add_argument("--case", action="append", choices=CASES)
    parser.add_argument("--against", metavar="REVISION")
    args = parser.parse_args()
    found: dict[tuple[str, str, int], Cost] = {}
    with contextlib.ExitStack() as stack:
        packages = {"now": _HERE}
        if args.against:
            packages = {args.against: stack.enter_context(checked_out(args.against)), **packages}
        print("| what | version | trials | processor s | wall s | peak MiB |\n|---|---|--:|--:|--:|--:|")
        for trials in args.trials:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            plan = made(home, trials)
            for case in args.case or CASES:
                for version, package in packages.items():
                    found[case, version, trials] = cost = cost_of(package, home, plan, case)
                    row = f"{cost.processor:.1f} | {cost.wall:.1f} | {cost.peak:.0f}"
                    print(f"| {case} | {version} | {trials} | {row} |", flush=True)
    first, *_, last = sorted(args.trials) * 2
    if first != last:
        print("\n| what | version | growth |\n|---|---|--:|")
        for case in args.case or CASES:
            for version in packages:
                few, many = (found[case, version, trials].processor for trials in (first, last))
                print(f"| {case} | {version} | {many / few / (last / first):.2f} |")


if __name__ == "__main__":
    main()
