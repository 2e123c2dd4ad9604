"""`dcgan status` of no study, of damaged ones and of damaged records."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from dcgan.cli import main


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


def test_a_study_is_looked_at_without_what_takes_long_to_import(small: str) -> None:
    """By `dcgan status`, and by a `dcgan sweep` that finds nothing left: PyTorch alone takes seconds and 700 MB."""
    from dcgan.study import plan, stored_plans
    from dcgan.sweeps import sweep
    from tests.study.recorded import end

    made = plan.make(sweep.load(small))
    stored_plans.write(made)
    for trial in made.trials:
        end(trial)
    look = (
        "import sys; from dcgan.cli import main\n"
        "for words in (['status', 'small'], ['sweep', 'small.yaml', '--no-report', '--workers', '2']):\n"
        "    assert main(words) == 0\n"
        "    print('heavy:', {'torch', 'matplotlib', 'scipy.stats'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert done.stdout.count("heavy: set()") == 2
