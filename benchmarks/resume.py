"""Is a run the same bits twice, and the same again when it was killed half way? Exits with 1 if not.

    python benchmarks/resume.py mnist budget.epochs=3

Trains the experiment three times with `dcgan train` in folders of their own: through, through again, and killed
with SIGKILL after half of its images and started again. Compares the digests of the final training states.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any


def start(home: Path, words: list[str]) -> subprocess.Popen[str]:
    """`dcgan train WORDS --json` with its runs in `home`."""
    command = [sys.executable, "-m", "dcgan", "train", *words, "--json"]
    return subprocess.Popen(command, env={**os.environ, "DCGAN_HOME": str(home)}, stdout=subprocess.PIPE, text=True)


def finish(home: Path, words: list[str]) -> dict[str, Any]:
    """The record of the run, trained to its end."""
    with start(home, words) as process:
        out, _ = process.communicate()
    if process.returncode:
        sys.exit(process.returncode)
    record: dict[str, Any] = json.loads(out)
    print(f"  {record['digest']}  {record['attempts']} attempt(s), {record['scores']}", flush=True)
    return record


def kill_after(home: Path, words: list[str], images: int) -> None:
    """Starts the run and kills it, with SIGKILL, once its table has that many images."""
    with start(home, words) as process:
        while seen(home) < images:
            if process.poll() is not None:
                sys.exit("the run ended before it could be killed: give it a larger budget")
            time.sleep(0.05)
        process.kill()
    print(f"  killed after {seen(home):,} images", flush=True)


def seen(home: Path) -> int:
    """Images seen by the only run in `home`, as its metrics.csv has it."""
    for table in home.glob("runs/*/metrics.csv"):
        with table.open(newline="") as file:
            return max((int(row["images"]) for row in csv.DictReader(file) if row["lr_g"]), default=0)
    return 0


def main() -> None:
    """Runs the three and compares."""
    words = sys.argv[1:] or ["digits"]
    quick = [*words, "tracking.checkpoint_seconds=5", "tracking.wandb=disabled"]
    with tempfile.TemporaryDirectory() as folder:
        homes = [Path(folder) / name for name in ("through", "again", "killed")]
        print("through")
        first = finish(homes[0], quick)
        print("again")
        second = finish(homes[1], quick)
        print("killed half way, started again")
        kill_after(homes[2], quick, first["images"] // 2)
        third = finish(homes[2], quick)
    same = first["digest"] == second["digest"] == third["digest"]
    same = same and first["scores"] == second["scores"] == third["scores"]
    print("the same bits and the same scores" if same else "NOT the same")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    main()
