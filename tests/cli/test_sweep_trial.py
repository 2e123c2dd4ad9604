"""`dcgan sweep NAME --trial ...` and `dcgan train`, as the agent of a W&B sweep types them, in each of its forms."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args

from dcgan.cli import main
from tests.cli.typed import printed_json

FORMS = [
    "args",
    "args_no_hyphens",
    "args_no_equals",
    "args_no_boolean_flags",
    "args_json",
    "args_append_hydra",
    "args_override_hydra",
]


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The words of wandb's own function for some parameters, and the file that its agent writes beside them."""

    def words(form: str, values: dict[str, Any]) -> list[str]:
        file = tmp_path / "config-abc.yaml"
        file.write_text(yaml.safe_dump({key: {"desc": None, "value": value} for key, value in values.items()}))
        monkeypatch.setenv("WANDB_SWEEP_ID", "abcd1234")
        monkeypatch.setenv("WANDB_SWEEP_PARAM_PATH", str(file))
        made: list[str] = create_sweep_command_args({"args": {key: {"value": each} for key, each in values.items()}})[
            form
        ]
        if form == "args_json" and len(values) % 2:  # a file of it is the agent's `args_json_file`
            (tmp_path / "config-abc.json").write_text(made[0])
            return [str(tmp_path / "config-abc.json")]
        return made

    return words


SETTINGS = {
    "discriminator.minibatch_stddev": False,
    "latent.distribution": "uniform",
    "optimizer.generator.lr": 1e-05,
    "seed": 3,
}


@pytest.mark.parametrize("more", [{}, {"generator": {"width": 4, "slope": 0.1}}], ids=["flat", "nested"])
@pytest.mark.parametrize("form", FORMS)
def test_train_takes_every_form(
    workplace: None, agent: Any, form: str, more: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    base = "digits"
    assert main(["train", base, "generator.width=4", "generator.slope=0.1", *(f"{key}={value}" for key, value in SETTINGS.items()), "--dry-run", "--json"]) == 0  # fmt: skip
    expected = printed_json(capsys)
    assert expected["experiment"]["seed"] == 3 and expected["experiment"]["latent"]["distribution"] == "uniform"
    words = agent(form, {**SETTINGS, **(more or {"generator.width": 4, "generator.slope": 0.1})})
    assert main(["train", base, *words, "--dry-run", "--json"]) == 0
    assert printed_json(capsys) == expected


def test_an_experiment_may_be_a_file_of_json(workplace: None, agent: Any, capsys: pytest.CaptureFixture[str]) -> None:
    Path("exp.json").write_text(json.dumps({"data": {"name": "digits"}, "seed": 3}))
    for before in ([], ["--dry-run"]):
        assert main(["train", *before, "exp.json", "generator.width=4", "--dry-run", "--json"]) == 0
        expected = printed_json(capsys)
    assert expected["experiment"]["seed"] == 3
    for form in FORMS:
        assert main(["train", "exp.json", *agent(form, {"generator.width": 4}), "--dry-run", "--json"]) == 0
        assert printed_json(capsys) == expected


def test_train_refuses_an_unknown_parameter_in_one_line(
    workplace: None, agent: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in FORMS:
        assert main(["train", "digits", *agent(form, {"update.bach": 5}), "--dry-run"]) == 2
        taken = capsys.readouterr()
        assert taken.err.count("\n") == 1 and "unknown key 'update.bach'; did you mean 'update.batch'?" in taken.err


@pytest.mark.slow
def test_trial_takes_every_form_and_trains_the_trial_once(
    small: str, agent: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = set()
    for form in FORMS:
        assert main(["sweep", small, "--json", "--trial", *agent(form, {"arm": "batch_norm", "seed": 1})]) == 0
        runs.add(json.dumps(printed_json(capsys)["run"], sort_keys=True))
    assert len(runs) == 1
    assert [record["attempts"] for record in map(json.loads, runs)] == [1]


def test_trial_refuses_what_the_study_does_not_have(small: str, agent: Any, capsys: pytest.CaptureFixture[str]) -> None:
    for form in FORMS:
        assert main(["sweep", small, "--trial", *agent(form, {"arm": "bare", "sed": 1})]) == 2
        taken = capsys.readouterr()
        assert taken.err.count("\n") == 1
        assert "a trial of study 'small' has no parameter 'sed'; did you mean 'seed'?" in taken.err
    assert not Path("studies").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--dry-run", "--trial", "arm=bare", "seed=1"], "writes no report: leave out --dry-run"),
        (["--more", "0", "--trial", "arm=bare", "seed=1"], "leave out --more"),
        (["--for", "2h", "--trial", "arm=bare", "seed=1"], "leave out --for"),
        (["--workers", "2", "--trial", "arm=bare", "seed=1"], "leave out --workers"),
        (["--launcher", "slurm", "--option", "partition=gpu", "--trial", "seed=1"], "leave out --launcher, --option"),
        (["--no-report", "--trial", "arm=bare", "seed=1"], "leave out --no-report"),
        (["--trial"], "needs arm, seed"),
        (["--trial", "arm=bare", "seed=1", "seed=2"], "'seed' is given twice"),
        (["--trial", "bare"], "'bare': expected KEY=VALUE"),
    ],
)
def test_misuse_of_trial(small: str, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, *words]) == 2
    assert complaint in capsys.readouterr().err


@pytest.mark.slow
def test_only_a_failure_counts_as_one_under_an_agent(
    small: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    diverging = ["train", "tiny.yaml", "optimizer.generator.lr=1e20"]
    assert main(diverging) == 1
    monkeypatch.setenv("WANDB_SWEEP_ID", "abcd1234")
    assert main(diverging) == 0
    assert "diverged" in capsys.readouterr().out
    assert main(["sweep", small, "optimizer.generator.lr=1e20", "--trial", "arm=bare", "seed=0"]) == 0
    assert "study small, bare, seed 0: diverged, " in capsys.readouterr().out
    broken = Path("runs") / _planned_run("batch_norm", 1)
    (broken / "metrics.csv").mkdir(parents=True)  # which cannot be written
    assert main(["sweep", small, "optimizer.generator.lr=1e20", "--trial", "arm=batch_norm", "seed=1"]) == 1
    assert "failed" in capsys.readouterr().out


def _planned_run(arm: str, seed: int) -> str:
    trials = json.loads(Path("studies/small/plan.json").read_text())["trials"]
    return next(str(trial["run"]) for trial in trials if (trial["arm"], trial["seed"]) == (arm, seed))
