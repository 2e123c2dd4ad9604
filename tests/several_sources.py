"""Tables of known effects for reports of several studies."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np


def table_of(
    csv_file: Callable[..., Path], name: str, *, level: float = 0.0, noise: int = 0, seeds: int = 6, **effects: float
) -> Path:
    """`name.csv`: arm `bare` and one for each effect, a difference of logarithms. `level` shifts all, `noise` seeds."""
    random = np.random.default_rng([len(name), noise, int(10 * level)])
    lines = ["arm,seed,fid"]
    for seed in range(seeds):
        base = math.log(50.0 + level) + random.normal(0, 0.1)
        for arm, effect in {"bare": 0.0, **effects}.items():
            lines.append(f"{arm},{seed},{math.exp(base + effect + random.normal(0, 0.01)):.6f}")
    return csv_file(*lines, name=f"{name}.csv")
