"""A journal of which a line is damaged: refused by those who join, and made anew of the runs by the sweep."""

from __future__ import annotations

import errno
import fcntl
import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.queue import Queue
from dcgan.queue.journal import JOURNAL, DamagedJournal, mended
from dcgan.study.status import Overview
from tests.queue.filled import filled, plan_of
from tests.tiny import record


def _finish_one(queue: Queue) -> None:
    with queue.claim() as claim:
        assert claim is not None
        claim.trial.directory.describe(claim.trial.experiment)
        claim.trial.directory.write_record(finished := record(claim.trial, scores={"fid": 1.5}))
        queue.settle(claim, finished)


@pytest.mark.parametrize(
    "line",
    [b"\x00\x00\x00", b"not JSON", b"5", b"{}", b'{"op_code": 99}', b'{"op_code": 4, "study_id": "x"}', b"[" * 100_000],
    ids=["zeros", "text", "number", "empty", "unknown", "types", "deep"],
)
def test_a_damaged_line_is_named_and_the_journal_made_anew_of_the_runs(
    write_sweep: Any, line: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(write_sweep)
    queue = filled(plan)
    _finish_one(queue)
    journal = plan.directory / JOURNAL
    lines = journal.read_bytes().splitlines(keepends=True)
    lines[3] = line + b"\n"
    journal.write_bytes(b"".join(lines))
    with pytest.raises(DamagedJournal, match=r"optuna.journal is damaged in line 4.*`dcgan sweep` command again"):
        Queue(plan)
    with pytest.raises(DamagedJournal, match="still at work: pid"):
        mended(plan.directory, lambda: Queue(plan))
    queue.close()
    again = mended(plan.directory, lambda: Queue(plan))
    assert (plan.directory / f"{JOURNAL}.damaged-1").exists()
    assert "it is optuna.journal.damaged-1 now" in capsys.readouterr().err
    assert again.fill() == len(plan.trials) - 1
    with pytest.raises(DamagedJournal, match="was replaced by another one: start the workers"):
        queue.fill()
    while Overview(plan).look().counts["waiting"]:
        _finish_one(again)
    assert Overview(plan).look().counts["finished"] == len(plan.trials)


def test_a_file_system_without_locks_is_one_line_at_once(write_sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(write_sweep)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(DcganError, match="cannot lock .*: its file system has no locks .*: put DCGAN_HOME on another"):
        Queue(plan)


def test_the_refusals_of_optuna_itself_are_no_damage(write_sweep: Any) -> None:
    queue = filled(plan_of(write_sweep))
    with pytest.raises(KeyError):
        queue._storage.storage.get_trial(10_000)
    assert json.loads(Path(queue.plan.directory / JOURNAL).read_text().splitlines()[0])


@pytest.mark.parametrize("name", [JOURNAL, f"{JOURNAL}.lock", ".entering", "workers"])
def test_a_queue_writes_nothing_out_of_a_study_s_folder(write_sweep: Any, tmp_path: Path, name: str) -> None:
    plan = plan_of(write_sweep)
    elsewhere = tmp_path / "elsewhere"
    if name == "workers":
        elsewhere.mkdir()
        (elsewhere / "a-1-b.lock").touch()
    else:
        elsewhere.write_text("")
    before = elsewhere.stat().st_mtime_ns
    (plan.directory / name).symlink_to(elsewhere)
    with (
        pytest.raises(DcganError, match=f"{name}: it is a link, and nothing is written through one"),
        filled(plan).claim(),
    ):
        pass
    assert elsewhere.stat().st_mtime_ns == before
    assert elsewhere.is_dir() or elsewhere.read_text() == ""


def test_a_link_in_the_place_of_the_journal_is_another_one(write_sweep: Any, tmp_path: Path) -> None:
    queue = filled(plan_of(write_sweep))
    journal = queue.plan.directory / JOURNAL
    journal.rename(tmp_path / "moved")
    journal.symlink_to(tmp_path / "moved")
    with pytest.raises(DamagedJournal, match="was replaced by another one"):
        queue.fill()
