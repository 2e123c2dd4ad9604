"""trials.csv, the overview and the estimates: from run directories alone."""

from __future__ import annotations

import csv
from typing import Any

from dcgan.study import trials_table
from dcgan.study.plan import Plan, Trial
from tests.study.recorded import stored_plan, write_run


def _find(plan: Plan, arm: str, seed: int) -> Trial:
    return next(trial for trial in plan.trials if (trial.arm, trial.seed) == (arm, seed))


def test_the_table_has_the_contract_s_columns_and_a_row_a_trial(write_sweep: Any) -> None:
    plan = stored_plan(write_sweep)
    scores = {"fid": 10.5, "isc": 2.0, "kid": 0.1, "precision": 0.5, "recall": 0.25}
    write_run(_find(plan, "bare", 0), status="finished", scores=scores, seconds=3.14159)
    write_run(_find(plan, "batch_norm", 0), status="diverged", failure="loss is not finite")
    trials_table.write(plan)
    text = (plan.directory / "trials.csv").read_text()
    assert text.splitlines()[0] == (
        "study,arm,seed,run,status,batch_norm,fid,isc,kid,precision,recall,"
        "density,coverage,modes,modes_kl,class_distance,fid_infinity,memorisation,fid_floor,fid_sd,fid_infinity_error,protocol,seconds"
    )
    rows = {(row["arm"], row["seed"]): row for row in csv.DictReader(text.splitlines())}
    assert len(rows) == 4
    assert rows["bare", "0"]["fid"] == "10.5"
    assert rows["bare", "0"]["batch_norm"] == "off"
    assert rows["bare", "0"]["seconds"] == "3.14"
    assert rows["batch_norm", "0"]["status"] == "diverged"
    assert rows["batch_norm", "0"]["fid"] == ""
    assert rows["bare", "1"]["status"] == "planned"
