"""`dcgan runs` as it is typed."""

from __future__ import annotations

import io
import sys

import pytest

from dcgan.cli import main
from dcgan.common import paths
from dcgan.experiment import Experiment
from tests.cli.typed import printed_json
from tests.kept_runs import keep_run, plan_of


def _lines(words: list[str], capsys: pytest.CaptureFixture[str]) -> list[str]:
    assert main(["runs", *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_table_shows_what_differs_whose_it_is_and_how_it_ended(
    tiny: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    first = keep_run(tiny, weights=2000)
    fast = keep_run(tiny.with_({"optimizer.generator.lr": 0.01}), scores={"fid": 61.25, "isc": 2.0})
    keep_run(tiny.with_seed(1), status="running", images=40, scores={})
    failed = keep_run(tiny.with_seed(2), status="failed", failure="no room", scores={})
    plan_of("tips", baseline=first)
    assert main(["runs"]) == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    (own,) = [line for line in lines if line.startswith(f" {first.path.name[:6]} ")]
    assert "as the baseline" in own and "finished" in own and "fid 50" in own and "tips/baseline" in own
    (other,) = [line for line in lines if line.startswith(f" {fast.path.name[:6]} ")]
    assert "generator.lr 0.01" in other and "fid 61.25, isc 2" in other
    assert any("interrupted at 40 images" in line for line in lines)
    assert f"{failed.path.name[:6]} failed: no room" in shown.err
    assert any(line.startswith("4 runs, ") for line in lines)


def test_of_many_settings_only_the_unusual_are_shown(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    odd = {"update.batch": 10, "latent.dim": 9, "generator.width": 9, "objective.loss": "hinge"}
    keep_run(tiny)
    keep_run(tiny.with_seed(1))
    keep_run(tiny.with_({**odd, "seed": 2}))
    lines = _lines([], capsys)
    assert sum("loss hinge" in line for line in lines) == 1
    assert not any("loss non_saturating" in line for line in lines)


def test_a_run_of_a_study_shows_what_differs_from_its_baseline_whichever_runs_are_listed(
    tiny: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = {"update.batch": 10, "latent.dim": 9, "generator.width": 9, "objective.loss": "hinge"}
    arm = keep_run(tiny.with_(changes))
    plan_of("tips", baseline=keep_run(tiny), odd=arm)
    keep_run(tiny.with_({"update.leak": True}))
    for words in ([], ["tips"], [arm.path.name], ["state=finished", f"id={arm.path.name}"]):
        (line,) = [line for line in _lines(words, capsys) if "tips/odd" in line]
        told = ("batch 10", "dim 9", "generator.width 9", "loss hinge")
        assert all(setting in line for setting in told), words
        assert "leak" not in line
    (line,) = [line for line in _lines(["arm=baseline"], capsys) if "tips/baseline" in line]
    assert "as the baseline" in line


def test_json_has_the_runs_that_the_filters_leave(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    keep_run(tiny)
    run = keep_run(tiny.with_seed(1), status="failed", failure="no room", scores={})
    assert main(["runs", "state=failed", "--json"]) == 0
    (only,) = printed_json(capsys)["runs"]
    assert (only["id"], only["state"], only["failure"], only["seed"]) == (run.path.name, "failed", "no room", 1)
    assert only["id"].startswith(only["short"]) and only["size"] > 0


def test_where_nothing_is_it_says_what_to_do(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    assert _lines([], capsys)[-1] == "next: dcgan train digits"
    keep_run(tiny)
    assert "none of the 1 runs" in _lines(["fid<1"], capsys)[0]


@pytest.mark.parametrize("answer", ["y\n", "n\n", ""])
def test_pruning_asks_in_a_terminal(
    tiny: Experiment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    run = keep_run(tiny, checkpoint=100_000, weights=10)
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["runs", "--prune"]) == 0
    shown = capsys.readouterr()
    assert "remove 100 kB? [y/N]" in shown.err
    assert run.checkpoint.exists() is (answer != "y\n")
    assert ("freed 100 kB" if answer == "y\n" else "nothing was removed") in shown.out


def test_without_a_terminal_pruning_wants_to_be_told(
    tiny: Experiment, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    run = keep_run(tiny, checkpoint=100_000, weights=10)
    assert main(["runs", "--prune"]) == 2
    assert "--yes removes, --dry-run only shows" in capsys.readouterr().err
    assert main(["runs", "--prune", "--dry-run"]) == 0
    assert "checkpoint of a finished run" in capsys.readouterr().out and run.checkpoint.exists()
    assert main(["runs", "--prune", "--yes", "seed=1"]) == 0
    assert run.checkpoint.exists(), "the filter leaves it out"
    capsys.readouterr()
    assert main(["runs", "--prune", "--yes", "--json"]) == 0
    assert printed_json(capsys)["freed"] == 100_000 and not run.checkpoint.exists()
    assert _lines(["--prune", "--dry-run"], capsys) == [
        "nothing to remove: no finished run keeps a checkpoint, nothing is half-written, and no run failed that "
        "belongs to no study"
    ]


def test_nothing_is_pruned_where_it_is_not_known_what_is_needed(
    tiny: Experiment, capsys: pytest.CaptureFixture[str]
) -> None:
    run = keep_run(tiny, status="failed")
    plan_of("tips", baseline=run)
    (paths.studies() / "tips" / "plan.json").write_text("{")
    assert main(["runs", "--prune", "--yes"]) == 1
    assert "tips/plan.json" in capsys.readouterr().err and run.path.exists()


def test_a_run_is_no_study_and_leads_to_its_own(tiny: Experiment, capsys: pytest.CaptureFixture[str]) -> None:
    run = keep_run(tiny)
    plan_of("tips", baseline=run)
    short = run.path.name[:8]
    for command in ("report", "status", "dashboard"):
        assert main([command, short]) == 2
        assert f"it is a run, and `dcgan runs id={short}` says of which study" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "message"), [("--yes", "--yes is for --prune"), ("--purne", "did you mean '--prune'?")]
)
def test_misuse_is_one_line(capsys: pytest.CaptureFixture[str], word: str, message: str) -> None:
    assert main(["runs", word]) == 2
    assert message in capsys.readouterr().err
