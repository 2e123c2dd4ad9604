"""What it costs to be watched: the same training without W&B, with it offline, and with it online, side by side.

    python benchmarks/tracking.py                       # the experiments digits and mnist, some minutes
    python benchmarks/tracking.py --repeats 3 digits

Online is a W&B server on this machine that takes all at once (the tests' own), in a process of its own. Each repeat
trains every kind once, in turn, from the same seed; what is compared is the wall clock of a step, as a ratio to that of
the same repeat without W&B, from a quarter of the training on: by then W&B has begun the run, beside the training, on
the same cores. What that adds to the first quarter is shown in seconds, and so is the wait at the end of a process, in
which what was not sent yet is sent. Scoring is off.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
KINDS = ("none", "offline", "online")
# 16 x 16 in the smallest networks is the hardest case: the shortest steps. Ticks come as often as they do by default.
SIZES: dict[str, dict[str, Any]] = {
    "digits": {"budget.epochs": 10, "score.extractor": "none"},
    "mnist": {"data.name": "digits", "budget.epochs": 1, "score.extractor": "none"},  # its networks, without a download
}


@contextlib.contextmanager
def loopback(folder: Path) -> Iterator[dict[str, str]]:
    """The environment for a W&B server in a process of its own."""
    code = (
        "import json, sys, types; from pathlib import Path\n"
        "tests = types.ModuleType('tests'); tests.__path__ = [sys.argv[2]]; sys.modules['tests'] = tests\n"
        "from tests.wandb_server import WandbServer\n"
        "with WandbServer(Path(sys.argv[1])) as server:\n"
        "    print(json.dumps(server.env()), flush=True); sys.stdin.read()\n"
    )
    words = [sys.executable, "-c", code, str(folder), str(ROOT / "tests")]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
        process.kill()


def once(size: str, kind: str, repeat: int) -> tuple[float, float, float]:
    """Seconds of the first quarter, seconds a step after it, and seconds of the wait at the end."""
    from dcgan.experiment import load
    from dcgan.runs.run import run_trial
    from dcgan.tracking.header import alone
    from dcgan.tracking.mirror import Mirror, wait_until_shown
    from dcgan.tracking.wandb_run import WandbOpening
    from dcgan.training.events import Ended, Event, Started, Ticked

    experiment = load(size, {**SIZES[size], "seed": repeat})
    shutil.rmtree(Path(os.environ["DCGAN_HOME"]) / "runs", ignore_errors=True)
    os.environ["WANDB_MODE"] = kind if kind != "none" else "disabled"
    clock: list[tuple[float, float]] = []  # images, seconds
    observers = [Mirror(WandbOpening(alone(experiment), ""))] if kind != "none" else []

    def watch(event: Event) -> None:
        if isinstance(event, Started | Ticked | Ended):
            images = event.row["images"] if isinstance(event, Ticked) else 0 if isinstance(event, Started) else None
            clock.append((clock[-1][0] if images is None else images, time.perf_counter()))

    run_trial(experiment, observers=[watch, *observers])
    began = time.perf_counter()
    wait_until_shown(60)
    total, end = clock[-1]
    quarter, warm = next((images, at) for images, at in clock if images >= total / 4)
    step = (end - warm) / ((total - quarter) / experiment.update.batch)
    return warm - clock[0][1], step, time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", default=list(SIZES), metavar="SIZE", help=f"of {', '.join(SIZES)}")
    parser.add_argument("--repeats", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, loopback(Path(folder) / "server") as server:
        os.environ |= {**server, "DCGAN_HOME": folder}
        os.chdir(folder)
        for size in args.sizes:
            for kind in KINDS:
                once(size, kind, 0)  # W&B's own start, and what PyTorch does once
            seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
            starts: dict[str, list[float]] = {kind: [] for kind in KINDS}
            waits: dict[str, list[float]] = {kind: [] for kind in KINDS}
            for repeat in range(1, args.repeats + 1):
                for place in range(len(KINDS)):  # in turn, so that none is always first
                    kind = KINDS[(place + repeat) % len(KINDS)]
                    start, step, wait = once(size, kind, repeat)
                    starts[kind].append(start)
                    seconds[kind].append(step)
                    waits[kind].append(wait)
            print(f"{size}: {1e3 * statistics.median(seconds['none']):.2f} ms a step without W&B")
            for kind in KINDS[1:]:
                ratios = [watched / alone for watched, alone in zip(seconds[kind], seconds["none"], strict=True)]
                low, middle, high = statistics.quantiles(ratios, n=4)
                wait = statistics.median(waits[kind])
                more = statistics.median(a - b for a, b in zip(starts[kind], starts["none"], strict=True))
                print(
                    f"  {kind}: x {middle:.4f} (half between {low:.4f} and {high:.4f}), "
                    f"{more:+.2f} s in the first quarter, {wait:.2f} s at the end"
                )


if __name__ == "__main__":
    main()
