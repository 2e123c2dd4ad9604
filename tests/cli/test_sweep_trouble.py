"""What `dcgan sweep` and `dcgan status` say of mistakes, damaged records and failed trials: one line each."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dcgan.cli import main


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep", "smal"], "no sweep named 'smal'"),
        (["sweep", "small.yaml", "design=leave-on-out"], "did you mean 'leave-one-out'?"),
        (["sweep", "small.yaml", "factors=[batch_nrm]"], "did you mean 'batch_norm'?"),
        (["sweep", "small.yaml", "budget.epoch=3"], "did you mean 'budget.epochs'?"),
        (["sweep", "small.yaml", "budget.epochs=0"], "budget.epochs=0"),
        (
            ["sweep", "small.yaml", "seed=2"],
            "'seed' cannot be set: every arm runs on every one of 'seeds'; did you mean",
        ),
        (["sweep", "small.yaml", "factor=2"], "unknown key 'factor'; did you mean 'factors'?"),
        (["sweep", "small.yaml", "lr=1e-4"], "did you mean 'optimizer.generator.lr' or 'optimizer.discriminator.lr'?"),
        (["sweep", "small.yaml", "factors=[lr]"], "no tip named 'lr': it is a setting, which a factor names with its"),
        (["sweep", "small.yaml", "factors=[{path: epochs, levels: [1, 2]}]"], "did you mean 'budget.epochs'?"),
        (
            ["sweep", "small.yaml", "tune={paths: [lr]}"],
            "no experiment key 'lr'; did you mean 'optimizer.generator.lr'",
        ),
        (["sweep", "small.yaml", "seeds=many"], "seeds='many': expected a number of seeds or a list of them"),
        (["sweep", "small.yml"], "did you mean 'small.yaml'?"),
        (["sweep", "small"], "no sweep named 'small'; did you mean 'small.yaml'? (also tried"),
        (["sweep", "small.yaml", "experiment=tin"], "no experiment named 'tin'"),
        (["sweep", "small.yaml", "seeds=[1,1]"], "seeds: 1 is given twice"),
        (["sweep", "small.yaml", "study=../x"], "use letters"),
        (["sweep", "small.yaml", "stop.at_most=8"], "stop is given as a whole, as in stop='{at_most: 8}'"),
        (["sweep", "small.yaml", "--for", "soon"], "--for soon: expected a time such as 2h, 90m, 1h30m or 45s"),
        (["sweep", "small.yaml", "stop={at_most: 1}"], "stop.at_most=1: the first look is after 2 seeds already"),
        (["sweep", "small.yaml", "--workers", "0"], "--workers 0: expected 1 to 10,000"),
        (["sweep", "small.yaml", "--workers", "1000000000"], "--workers 1000000000: expected 1 to 10,000"),
        (["sweep", "small.yaml", "--launcher", "rai"], "--launcher rai is not offered; did you mean 'ray'?"),
        (["sweep", "small.yaml", "--option", "workers_per_gpus=2"], "did you mean 'workers_per_gpu'?"),
        (["status", "--watch"], "--watch: of which study?"),
        (["sweep", "small.yaml", "--storage", "nonsense"], "not a database URL"),
        (["sweep", "small.yaml", "--storage", "sqlite:///queue.db"], "SQLite hands a trial out twice"),
        (["sweep", "small.yaml", "--dry-run", "--storage", "sqlite:///queue.db"], "SQLite hands a trial out twice"),
        (["sweep", "small.yaml", "retries=-1"], "retries=-1"),
        (["proxy"], "a proxy stands before a database"),
        (["proxy", "--storage", "sqlite:///queue.db"], "a proxy stands before a database"),
        (["sweep", "small.yaml", "data.name=folder", "data.folder=nowhere"], "nowhere"),
        (["sweep", "small.yaml", "update.batch=2000", "budget.epochs=90"], "larger than the training split"),
        (["worker", "smal"], "no study named 'smal'"),
        (["status", "smal"], "no study named 'smal'"),
        (["dashboard", "smal"], "no study named 'smal'"),
    ],
)
def test_misuse_is_one_line_and_exit_code_2(
    small: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not Path("runs").exists()
    assert not Path("studies").exists(), "nothing is half-written"


def test_a_study_whose_every_trial_fails_names_the_reason(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--dry-run"]) == 0
    from dcgan.study import plan
    from dcgan.sweeps import sweep

    for trial in plan.make(sweep.load(small)).trials:
        Path("runs", trial.run).mkdir(parents=True)
        Path("runs", trial.run, "run.json").write_text("{")
    capsys.readouterr()
    assert main(["sweep", small, "--workers", "1"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: study 'small': no trial finished; arm '")
    assert "damaged" in error


@pytest.mark.parametrize("damage", [{"effects": [3]}, {"grown": {"arms": 3}}, {"held": [1]}, {"seeds": "many"}])
def test_a_damaged_plan_is_no_dead_end(
    small: str, damage: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    path = Path("studies/small/plan.json")
    written = path.read_text()
    path.write_text(json.dumps(json.loads(written) | damage))
    assert main(["sweep", small, "--dry-run"]) == 1
    (error,) = capsys.readouterr().err.splitlines()
    assert error.startswith("error: studies/small/plan.json is damaged: ")
    assert error.endswith(": delete it, then type the `dcgan sweep` command again")
    path.unlink()
    assert main(["sweep", small, "--dry-run"]) == 0
    stored_plans.write(made)
    assert path.read_text() == written
