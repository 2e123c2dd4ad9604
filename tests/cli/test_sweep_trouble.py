"""What `dcgan sweep` and `dcgan status` say of mistakes, damaged records and failed trials: one line each."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from dcgan.cli import main


def _bars(folder: Path) -> None:
    """Thirty images without class folders."""
    folder.mkdir()
    for number in range(30):
        Image.new("L", (16, 16), color=8 * number).save(folder / f"{number}.png")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["update.batch=200", "budget.epochs=90"],
            "arm '[a-z_]*': update.batch=2000 is larger than the training split",
        ),
        (["data.name=folder", "data.folder=bars", "update.batch=2"], "arm '[a-z_]*': data set 'folder' has no labels"),
        (["score.samples=5000"], "arm '[a-z_]*': 5000 samples: the test split of digits has 449 images"),
    ],
)
def test_a_dry_run_refuses_what_the_run_will(
    small: str, words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _bars(Path("bars"))
    for more in (["--dry-run"], []):
        assert main(["sweep", small, *words, *more]) == 2
        assert re.search(message, capsys.readouterr().err)
    assert not Path("studies").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["sweep", "smal"], "no sweep named 'smal'"),
        (["sweep", "small.yaml", "design=leave-on-out"], "did you mean 'leave-one-out'?"),
        (["sweep", "small.yaml", "factors=[batch_nrm]"], "did you mean 'batch_norm'?"),
        (["sweep", "small.yaml", "budget.epoch=3"], "did you mean 'budget.epochs'?"),
        (["sweep", "small.yaml", "budget.epochs=0"], "budget.epochs=0"),
        (["sweep", "small.yaml", "experiment=tin"], "no experiment named 'tin'"),
        (["sweep", "small.yaml", "seeds=[1,1]"], "seeds: 1 is given twice"),
        (["sweep", "small.yaml", "study=../x"], "use letters"),
        (["sweep", "small.yaml", "stop.at_most=8"], "stop is given as a whole, as in stop='{at_most: 8}'"),
        (["sweep", "small.yaml", "--for", "soon"], "--for soon: expected a time such as 2h, 90m, 1h30m or 45s"),
        (["sweep", "small.yaml", "stop={at_most: 1}"], "stop.at_most=1: the first look is after 2 seeds already"),
        (["sweep", "small.yaml", "--workers", "0"], "--workers 0: expected 1 or more"),
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
        (["sweep", "small.yaml", "update.batch=200", "budget.epochs=90"], "larger than the training split"),
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


def test_status_without_any_study(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 0
    assert "no study in studies yet\nnext: dcgan sweep demo" in capsys.readouterr().out
    assert main(["status", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"studies": []}


def test_a_study_that_cannot_be_read_hides_no_other(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    for name in ("good", "bad"):
        stored_plans.write(plan.make(sweep.load(small, {"study": name})))
    Path("studies/bad/plan.json").write_text("{")
    assert main(["status", "--json"]) == 0
    taken = capsys.readouterr()
    assert [study["study"] for study in json.loads(taken.out)["studies"]] == ["good"]
    assert "studies/bad/plan.json is damaged" in taken.err
    assert main(["status", "bad"]) == 1


@pytest.mark.parametrize("content", ["{}", '{"status": "running", "seconds": null}'])
def test_an_incomplete_record_is_a_failure_that_names_the_file(
    small: str, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    file = Path("runs", made.trials[0].run, "run.json")
    file.parent.mkdir(parents=True)
    file.write_text(content)
    assert main(["status", "small"]) == 0
    assert f"failed: {file} is damaged" in capsys.readouterr().out
    assert main(["status", "small", "--json"]) == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["failed"], status["waiting"]) == (1, 3)
    assert [each["seed"] for each in status["failures"]] == [made.trials[0].seed]
    assert main(["sweep", small, "--dry-run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["failed"] == 1


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
