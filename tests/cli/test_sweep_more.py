"""`dcgan sweep STUDY --more N`, as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.cli import main
from tests.cli.typed import printed_json

pytestmark = pytest.mark.slow


def _attempts() -> dict[str, int]:
    return {path.parent.name: json.loads(path.read_text())["attempts"] for path in Path("runs").glob("*/run.json")}


def test_a_replication_is_planned_shown_trained_and_gone_on_with(
    small: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["sweep", small, "--more", "2"]) == 2
    assert "no study named 'small'" in capsys.readouterr().err
    assert main(["sweep", small, "--workers", "1", "--no-report"]) == 0
    more = ["sweep", "small", "--more", "2", "--workers", "1"]
    assert main([*more, "seeds=3"]) == 2
    assert "has the settings of its study: leave out seeds=3" in capsys.readouterr().err

    assert main([*more, "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "a replication of small: fresh seeds 2 to 3, judged alone" in shown
    assert "trials: 4 = 2 arms x 2 seeds; 0 of them are already trained" in shown
    assert shown.splitlines()[-1] == "next: dcgan sweep small --more 2 --workers 1"
    assert main([*more, "--dry-run", "--json"]) == 0
    assert (told := printed_json(capsys))["replicates"] == "small" and told["seeds"] == 2
    assert not Path("studies/small-more-1").exists()

    from dcgan.common.errors import Interrupted
    from dcgan.workers.launchers.local import Local

    def stop(_launcher: Any, _job: Any) -> list[str]:
        raise Interrupted("stopped")

    with monkeypatch.context() as interrupted:
        interrupted.setattr(Local, "launch", stop)
        assert main(more) == 130
    assert "type the same command again to go on" in capsys.readouterr().err
    before = _attempts()
    # A worker of its own name helps, and the same command goes on where it ended.
    assert main(["worker", "small-more-1", "--threads", "1"]) == 0
    assert "study small-more-1: 4 of 4 trials finished" in capsys.readouterr().out
    assert len(_attempts()) == len(before) + 4 and set(_attempts().values()) == {1}
    assert main(["status", "small-more-1", "--json"]) == 0
    assert printed_json(capsys)["replicates"] == "small"
    assert main(["status"]) == 0
    assert "next: dcgan report small\n" in capsys.readouterr().out
    assert {path.name for path in Path("studies").iterdir()} == {"small", "small-more-1"}

    assert main(["sweep", small, *more[2:]]) == 0, "by the sweep file, too: the next one"
    shown = capsys.readouterr().out
    assert "study small-more-2: 4 of 4 trials finished" in shown and "next: open reports/small/index.html" in shown
    for number, seeds in ((1, "2 to 3"), (2, "4 to 5")):
        assert f"replication small-more-{number}: seeds {seeds}, judged alone" in shown
    told = json.loads(Path("reports/small/report.json").read_text())
    assert [each["study"] for each in told["replications"]] == ["small-more-1", "small-more-2"]
    assert told["seeds"] == 2, "of the study itself: nothing is pooled"
    assert json.loads(Path("studies/small-more-2/plan.json").read_text())["seeds"] == [4, 5]
    extractors = [path.read_text() for path in Path("studies").glob("*/extractors/*.json")]
    assert len(extractors) == 3 and len(set(extractors)) == 1
