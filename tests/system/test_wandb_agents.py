"""The real `wandb sweep` and `wandb agent` on a study: each trial once, whoever dies, and a report of what they ran."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.wandb_agents import Place, until
from tests.wandb_server import WandbServer

pytestmark = pytest.mark.slow

LONG = {
    "budget": {"epochs": 150, "images_per_epoch": 100},
    "score": {"every_epochs": 100},
    "tracking": {"checkpoint_seconds": 0.2, "tick_images": 100},
}


@pytest.fixture
def place(tmp_path: Path, shared_cache: Path) -> Iterator[Place]:
    with WandbServer(tmp_path / "wandb-files") as server:
        here = Place(tmp_path, server, shared_cache)
        try:
            yield here
        finally:
            here.close()


def test_two_agents_run_a_study_each_trial_once_and_its_report_is_of_them(place: Place) -> None:
    place.write("small", factors=["batch_norm"], seeds=2)
    place.dcgan("sweep", "small.yaml", "--export", "wandb")
    path = place.sweep("sweeps/wandb/small.yaml")
    place.wait(place.agent(path), place.agent(path))
    rows = place.rows("small")
    assert [row["status"] for row in rows] == ["finished"] * 4
    assert place.attempts() == [1] * 4
    runs = place.runs(path)
    assert {(run.config["arm"], run.config["seed"]) for run in runs} == {(row["arm"], int(row["seed"])) for row in rows}
    assert len(runs) == 4 and {run.state for run in runs} == {"finished"}
    scores = {row["run"]: float(row["fid"]) for row in rows}
    assert {run.config["id"]: run.summary["fid"] for run in runs} == pytest.approx(scores)
    assert "4 of 4" in place.dcgan("sweep", "small.yaml", "--no-report")
    assert place.attempts() == [1] * 4
    assert "batch_norm" in place.dcgan("report", "small", "--json")
    assert place.server.unknown == []


def test_what_a_killed_agent_had_is_finished_by_the_other(place: Place) -> None:
    place.write("small", LONG, factors=["batch_norm"])
    place.dcgan("sweep", "small.yaml", "seeds=1", "--export", "wandb")
    path = place.sweep("sweeps/wandb/small.yaml")
    killed = place.agent(path)
    until(lambda: place.training(killed), place.logs)
    other = place.agent(path)
    place.kill(killed)
    place.wait(other)
    assert [row["status"] for row in place.rows("small")] == ["finished"] * 2
    assert sorted(place.attempts()) == [1, 2]
    assert "left by another worker" in place.logs()


def test_what_a_killed_agent_had_is_finished_for_a_later_one_that_is_given_it_again(place: Place) -> None:
    place.server.store.lost_after = 8.0
    place.write("small", LONG, factors=["batch_norm"])
    place.dcgan("sweep", "small.yaml", "seeds=1", "--export", "wandb")
    path = place.sweep("sweeps/wandb/small.yaml")
    killed = place.agent(path)
    until(lambda: place.training(killed), place.logs)
    place.kill(killed)
    place.wait(place.agent(path))
    assert [row["status"] for row in place.rows("small")] == ["finished"] * 2
    assert sorted(place.attempts()) == [1, 2]
    finished = [run for run in place.runs(path) if run.state == "finished"]
    assert sorted(run.config["arm"] for run in finished) == ["bare", "batch_norm"]
    for run in finished:
        images = [row["images"] for row in run.history if "loss_d" in row]
        assert images == sorted(set(images)) and len(images) > 100, "all of the run, whoever trained it"


def test_divergences_are_results_and_end_no_agent(place: Place) -> None:
    factor = {"path": "optimizer.generator.lr", "levels": [2e-4, 1e20, 1e21]}
    place.write("rates", factors=[factor], seeds=1)
    place.dcgan("sweep", "rates.yaml", "--export", "wandb")
    own = {
        "program": "dcgan", "project": "rates", "method": "grid",
        "parameters": {"optimizer.generator.lr": {"values": [1e20, 2e-4]}, "seed": {"value": 7}},
        "command": ["${env}", "${program}", "train", "tiny.yaml", "${args}"],
    }  # fmt: skip
    (place.folder / "own.yaml").write_text(yaml.safe_dump(own))
    of_study, of_rates = place.sweep("sweeps/wandb/rates.yaml"), place.sweep("own.yaml")
    place.wait(place.agent(of_study), place.agent(of_rates))
    assert sorted(row["status"] for row in place.rows("rates")) == ["diverged"] * 2 + ["finished"]
    for path, diverged in ((of_study, 2), (of_rates, 1)):
        assert sorted(run.summary["status"] for run in place.runs(path)) == ["diverged"] * diverged + ["finished"]


def test_what_was_trained_before_is_sent_and_not_trained_again(place: Place) -> None:
    place.write("small", factors=["batch_norm"], seeds=1)
    place.env["WANDB_MODE"] = "disabled"
    place.dcgan("sweep", "small.yaml", "--workers", "1", "--no-report")
    place.dcgan("train", "tiny.yaml", "seed=5")
    place.env["WANDB_MODE"] = "online"
    assert not place.server.runs
    place.dcgan("sweep", "small.yaml", "--export", "wandb")
    of_study = place.sweep("sweeps/wandb/small.yaml")
    own = {
        "program": "dcgan", "project": "small", "method": "grid", "parameters": {"seed": {"values": [5]}},
        "command": ["${env}", "${program}", "train", "tiny.yaml", "${args_no_equals}"],
    }  # fmt: skip
    (place.folder / "own.yaml").write_text(yaml.safe_dump(own))
    of_one = place.sweep("own.yaml")
    place.wait(place.agent(of_study), place.agent(of_one))
    assert place.attempts() == [1] * 3
    runs = [*place.runs(of_study), *place.runs(of_one)]
    assert len(runs) == 3
    for run in runs:
        folder = place.folder / "runs" / run.config["id"]
        metrics = (folder / "metrics.csv").read_text().splitlines()
        assert len([row for row in run.history if "loss_d" in row]) == len(metrics) - 1 > 0
        assert any(name.startswith("media/images/samples") for name in run.files)
        assert (run.state, run.summary["status"]) == ("finished", "finished") and run.summary["fid"] > 0


def test_a_parameter_that_the_study_does_not_have_is_one_line(place: Place) -> None:
    place.write("small", factors=["batch_norm"], seeds=1)
    place.dcgan("sweep", "small.yaml", "--export", "wandb")
    file = place.folder / "sweeps/wandb/small.yaml"
    file.write_text(file.read_text().replace("  seed:", "  sed:"))
    agent = place.agent(place.sweep("sweeps/wandb/small.yaml"))
    agent.wait(timeout=900)
    logs = place.logs()
    assert "error: a trial of study 'small' has no parameter 'sed'; did you mean 'seed'?" in logs
    assert "Traceback" not in logs and not (place.folder / "studies").exists()


def test_a_run_that_is_stopped_in_wandb_ends_as_pruned(place: Place) -> None:
    endless: dict[str, Any] = {**LONG, "budget": {"epochs": 100_000, "images_per_epoch": 100}}
    place.write("small", endless, factors=["batch_norm"], seeds=1)
    place.dcgan("sweep", "small.yaml", "--export", "wandb")
    path = place.sweep("sweeps/wandb/small.yaml")
    agent = place.agent(path)
    for number in (1, 2):
        until(lambda count=number: len([run for run in place.runs(path) if run.history]) == count, place.logs)
        for run in place.runs(path):
            run.stop_requested = True
    place.wait(agent)
    assert [row["status"] for row in place.rows("small")] == ["pruned"] * 2
    assert {run.summary["failure"] for run in place.runs(path)} == {"stopped in W&B"}


def test_agents_beside_dcgan_sweep_and_dcgan_worker_train_each_trial_once(place: Place) -> None:
    place.write("small", LONG, factors=["batch_norm"], seeds=1)
    place.dcgan("sweep", "small.yaml", "--export", "wandb")
    path = place.sweep("sweeps/wandb/small.yaml")
    agent = place.agent(path)
    until(lambda: place.training(agent), place.logs)
    words = ("sweep", "small.yaml", "--workers", "1", "--no-report")
    place.wait(place.start(*words), place.start("worker", "small"), agent)
    assert place.attempts() == [1] * 2
    assert [row["status"] for row in place.rows("small")] == ["finished"] * 2
    runs = place.runs(path)
    assert len({run.config["id"] for run in runs}) == 2 and {run.state for run in runs} == {"finished"}


def test_agents_lead_a_search_that_dcgan_sweep_confirms(place: Place) -> None:
    width = {"path": "generator.width", "range": [4, 16]}
    place.write("found", factors=["batch_norm", width], design={"search": {"trials": 3, "confirm": 1}}, seeds=1)
    place.dcgan("sweep", "found.yaml", "--export", "wandb")
    path = place.sweep("sweeps/wandb/found.yaml")
    place.wait(place.agent(path), place.agent(path))
    rows = place.rows("found-search")
    assert sorted(row["arm"] for row in rows) == ["s000", "s001", "s002"]
    assert {row["status"] for row in rows} == {"finished"} and place.attempts() == [1] * 3
    runs = place.runs(path)
    assert {run.config["arm"] for run in runs} == {"s001", "s002"}, "the baseline is nobody's in the sweep"
    assert all(run.summary["validation/fid"] > 0 for run in runs)
    said = place.dcgan("sweep", "found.yaml", "--workers", "1", "--no-report")
    assert "3 of 3 combinations asked, 3 finished" in said
