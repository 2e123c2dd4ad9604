"""`make test-processors`: the tests whose numbers come from a processor's kernels, as other processors would run them.

    python tests/processors.py [NAME ...]       # default-1 default-2 avx2-1 avx2-2 lowest-1 lowest-2 suite-avx2

PyTorch, oneDNN, MKL and OpenBLAS choose their kernels by what the processor can do, and can be told to do with less.
The sums in them are taken in another order then, and the last bits are others: a test that holds one processor's bits
fails here. So does one that holds bits over another number of threads. The lowest kernels are what the oldest
processor would run, AVX2's what most desktop processors do, Intel's and AMD's.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# What holds numbers that kernels computed: images as they are resized, networks, losses, training, scores, statistics,
# and whole runs. The rest of the suite is about words, files and processes: `suite-avx2` has it too.
NUMERICAL = (
    "tests/data",
    "tests/networks",
    "tests/objectives",
    "tests/training",
    "tests/scoring",
    "tests/statistics",
    "tests/runs/test_run.py",
    "tests/runs/test_run_scores.py",
    "tests/system/test_learns.py",
)
KERNELS = {
    "default": {},
    "avx2": {"ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "OPENBLAS_CORETYPE": "Haswell"},
    "lowest": {
        "ATEN_CPU_CAPABILITY": "default",
        "ONEDNN_MAX_CPU_ISA": "SSE41",
        "MKL_CBWR": "COMPATIBLE",
        "OPENBLAS_CORETYPE": "Nehalem",
    },
}
RUNS = {
    **{f"{name}-{threads}": (name, threads, NUMERICAL) for name in KERNELS for threads in (1, 2)},
    "suite-avx2": ("avx2", 1, ("tests",)),  # the suite on this processor's own kernels is `make test`
}


def environment(kernels: str, threads: int) -> dict[str, str]:
    """This process's, with those kernels and that number of threads, and none of either that it asks for itself."""
    asked = {name for chosen in KERNELS.values() for name in chosen}
    own = {name: value for name, value in os.environ.items() if name not in asked}
    # Two workers of two threads are more than many machines have cores: a thread that waits for another sleeps.
    shared = {"DCGAN_TEST_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
    return {**own, **KERNELS[kernels], **shared, "PYTHONPATH": str(ROOT)}


def run(name: str) -> bool:
    """Makes one run, tells how it ended in a line, and what failed above it; whether all passed."""
    kernels, threads, targets = RUNS[name]
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadfile", *targets]
    begun = time.monotonic()
    pipes: dict[str, Any] = {"text": True, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(command, check=False, cwd=ROOT, env=environment(kernels, threads), **pipes)
    passed = done.returncode == 0
    if not passed:
        print(done.stdout)
    count = done.stdout.strip().splitlines()[-1].strip("= ").rpartition(" in ")[0]
    seconds = time.monotonic() - begun
    print(f"{name:<12}{'passed' if passed else 'FAILED':<8}{count:<40}{seconds:6.0f} s", flush=True)
    return passed


def main() -> None:
    """Makes all runs, or those that are named, one after the other. Exit code 1 if any failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help="which runs (default: all)")
    names = parser.parse_args().names or list(RUNS)
    if unknown := set(names) - RUNS.keys():
        parser.error(f"no run {', '.join(sorted(unknown))}; valid: {', '.join(RUNS)}")
    passed = [run(name) for name in names]
    sys.exit(not all(passed))


if __name__ == "__main__":
    main()
