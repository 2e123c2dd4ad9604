"""Studies of a design whose true effects are known: written as a sweep would have left them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dcgan.sweeps.designs import Arm, Factor, read_design, tip_factor
from dcgan.tips import TIPS

Terms = Mapping[tuple[str, ...], float]  # factors -> their effect, the mean at high minus the mean at low


def tips(number: int, start: str = "bare") -> list[Factor]:
    """The first so many tips as factors."""
    return [tip_factor(name, start) for name in list(TIPS)[:number]]


def response(arm: Arm, terms: Terms, mean: float = 100.0) -> float:
    """What an arm would score without noise; tips are -1 off and +1 on."""
    codes = {name: 1.0 if level == "on" else -1.0 for name, level in arm.levels.items()}
    return mean + sum(effect / 2 * float(np.prod([codes[name] for name in names])) for names, effect in terms.items())


def write_study(
    home: Path,
    design: Any,
    factors: Sequence[Factor],
    terms: Terms,
    *,
    seeds: int = 3,
    noise: float = 0.0,
    lost: Mapping[tuple[int, int], str] | None = None,
    start: str = "bare",
) -> Path:
    """`studies/designed` in `home`; `lost` has a status for some (number of the arm, seed)."""
    made = read_design(design)
    arms = made.arms(list(factors), start)
    reading = made.reading(arms, list(factors))
    folder = home / "studies" / "designed"
    folder.mkdir(parents=True)
    plan = {
        "study": "designed",
        "start": start,
        "design": str(made),
        "baseline": arms[0].name,
        "metric": "fid",
        "goal": "minimize",
        "scale": "difference",  # in which the true effects are given
        "factors": [factor.name for factor in factors],
        "arms": {arm.name: dict(arm.levels) for arm in arms},
        "effects": [effect.to_json() for effect in reading.effects],
        "aliases": reading.aliases.to_json() if reading.aliases else None,
        "seeds": list(range(seeds)),
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    rng = np.random.default_rng(7)
    columns = ["study", "arm", "seed", "run", "status", *(factor.name for factor in factors), "fid", "seconds"]
    with (folder / "trials.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for seed in range(seeds):
            for index, arm in enumerate(arms):
                status = (lost or {}).get((index, seed), "finished")
                fid = response(arm, terms) + seed + rng.normal(0, noise) if noise else response(arm, terms) + seed
                writer.writerow(
                    {
                        "study": "designed",
                        "arm": arm.name,
                        "seed": seed,
                        "run": f"{index:06x}{seed:06x}",
                        "status": status,
                        **arm.levels,
                        "fid": repr(float(fid)) if status == "finished" else "",
                        "seconds": 5,
                    }
                )
    return folder
