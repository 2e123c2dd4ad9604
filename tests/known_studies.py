"""Tables and studies of known numbers."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dcgan.comparison.results import Results
from dcgan.records.search_file import SearchRecord
from tests.tiny import PROTOCOL

TIPS = ("he_init", "batch_norm", "optimizer")
EFFECTS = {"he_init": -6.0, "batch_norm": 5.0, "optimizer": 0.05}
SEARCH = SearchRecord(
    study="tips-search",
    settings={"sampler": "tpe", "pruner": "none", "trials": 20},
    own_seeds=(2_000_000,),
    split="validation",
    metric="fid",
    asked=20,
    finished=20,
    over=0,
    refused=0,
    baseline=41.237,
    chosen={},
    values={},
)


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes lines to a CSV file."""

    def write(*lines: str, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def three_arms(csv_file: Callable[..., Path]) -> Path:
    """bare, one that helps and one that hurts, five seeds, with times and a factor."""
    rng = np.random.default_rng(0)
    lines = ["arm,seed,fid,kid,depth,seconds"]
    for seed in range(5):
        base = 30 + rng.normal(0, 2)
        for arm, effect, depth in (("bare", 0, 3), ("good", -8, 4), ("bad", 6, 5)):
            noise = rng.normal(0, 0.5) if effect else 0
            lines.append(f"{arm},{seed},{base + effect + noise:.4f},{base / 1000:.5f},{depth},{10 + depth}")
    return csv_file(*lines, name="arms.csv")


@pytest.fixture
def study(tmp_path: Path) -> Callable[..., Path]:
    """Writes a study's folder and its runs': `start` bare or all, each tip's effect as in EFFECTS."""
    return lambda **settings: make_study(tmp_path / "home", **settings)


def make_study(
    home: Path,
    *,
    start: str = "bare",
    seeds: int = 5,
    statuses: dict[tuple[str, int], str] | None = None,
    protocols: dict[tuple[str, int], dict[str, Any]] | None = None,
    environments: dict[tuple[str, int], list[dict[str, Any]]] | None = None,
    name: str = "tips",
    first_seed: int = 0,
    replicates: str | None = None,
) -> Path:
    """See `study`. `statuses`, `protocols` and `environments` (in turn) are exceptions by (arm, seed)."""
    here, there = ("off", "on") if start == "bare" else ("on", "off")
    arms = {start: dict.fromkeys(TIPS, here)}
    for tip in TIPS:
        arms[tip if start == "bare" else f"without-{tip}"] = {**arms[start], tip: there}
    folder = home / "studies" / name
    folder.mkdir(parents=True)
    plan = {
        "study": name,
        "start": start,
        "design": "one-at-a-time",
        "baseline": start,
        "metric": "fid",
        "goal": "minimize",
        "factors": list(TIPS),
        "arms": arms,
        "seeds": list(range(first_seed, first_seed + seeds)),
        "replicates": replicates,
    }
    (folder / "plan.json").write_text(json.dumps(plan))
    rng = np.random.default_rng(1 + first_seed)
    rows = []
    for seed in range(first_seed, first_seed + seeds):
        base = 30 + rng.normal(0, 3)
        for index, (arm, levels) in enumerate(arms.items()):
            changed = [tip for tip in TIPS if levels[tip] != here]
            fid = base + sum(EFFECTS[tip] for tip in changed) * (1 if start == "bare" else -1)
            fid += rng.normal(0, 0.3) if changed else 0
            status = (statuses or {}).get((arm, seed), "finished")
            run = f"{index:06x}{seed:06x}"
            protocol = {**PROTOCOL.to_dict(), **(protocols or {}).get((arm, seed), {})}
            scores = {"fid": round(fid, 5), "kid": round(fid / 900, 6)} if status == "finished" else {}
            if status != "planned":
                made = (environments or {}).get((arm, seed), [{"torch": "2.14.1"}])
                _write_run(home / "runs" / run, run, status, scores, protocol, made)
            rows.append(
                {
                    "study": name,
                    "arm": arm,
                    "seed": seed,
                    "run": run,
                    "status": status,
                    **levels,
                    **scores,
                    "seconds": 9 + index,
                }
            )
    columns = ["study", "arm", "seed", "run", "status", *TIPS, "fid", "kid", "seconds"]
    with (folder / "trials.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return folder


def _write_run(
    path: Path,
    run: str,
    status: str,
    scores: dict[str, float],
    protocol: dict[str, Any],
    environments: list[dict[str, Any]],
) -> None:
    (path / "samples").mkdir(parents=True)
    record = {
        "id": run,
        "status": status,
        "seed": 0,
        "attempts": 1,
        "seconds": 2.0,
        "images": 300,
        "scores": scores,
        "protocol": protocol,
        "environment": environments[-1],
        "earlier_environments": environments[:-1],
        "version": "0.1.0",
    }
    (path / "run.json").write_text(json.dumps(record))
    fid = scores.get("fid", 99.0)
    lines = ["images,split,extractor,samples,fid,kid"]
    lines += [f"{images},validation,classifier,300,{fid + 9000 / images},0.1" for images in (100, 200, 300)]
    if status == "finished":
        lines.append(f"300,test,classifier,360,{fid},0.1")
        Image.new("L", (8, 8), int(fid)).save(path / "samples" / "final.png")
    (path / "scores.csv").write_text("\n".join(lines) + "\n")


def with_untrained(results: Results, untrained: float, floor: float | None = None, metric: str = "fid") -> Results:
    """Those results, with a curve that begins at that score in every run of the baseline."""
    rows = [("bare", seed, images, score) for seed in (0, 1, 2) for images, score in ((0, untrained), (100, 1.0))]
    curves = pd.DataFrame(rows, columns=["arm", "seed", "images", metric])
    table = results.table if floor is None else results.table.assign(**{f"{metric}_floor": floor})
    return replace(results, curves=curves, table=table)
