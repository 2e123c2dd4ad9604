"""A journal of which a line is damaged: refused by those who join, and made anew of the runs by the sweep."""

from __future__ import annotations

import errno
import fcntl
import json
import threading
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.queue import Queue, journal
from dcgan.queue.heartbeat import living
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


def _damage(path: Path, line: bytes = b"not JSON") -> None:
    """Another line in place of the fourth."""
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], line + b"\n", *lines[4:]]))


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
    _damage(plan.directory / JOURNAL, line)
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


def test_of_two_sweeps_that_find_the_same_damage_one_mends(write_sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(write_sweep)
    filled(plan).close()
    _damage(plan.directory / JOURNAL)
    looked, go_on = threading.Event(), threading.Event()

    def slowly(directory: Path) -> list[str]:
        found = living(directory)
        if threading.current_thread().name == "slow":
            looked.set()
            go_on.wait(20)
        return found

    monkeypatch.setattr(journal, "living", slowly)
    queues: dict[str, Queue] = {}

    def mend() -> None:
        queue = queues[threading.current_thread().name] = mended(plan.directory, lambda: Queue(plan))
        queue.fill()

    slow, quick = threading.Thread(target=mend, name="slow"), threading.Thread(target=mend, name="quick")
    slow.start()
    looked.wait(20)
    quick.start()
    quick.join(0.5)  # which is longer than it takes, where it does not wait
    go_on.set()
    slow.join()
    quick.join()
    assert len(list(plan.directory.glob(f"{JOURNAL}.damaged-*"))) == 1
    for queue in queues.values():
        _finish_one(queue)
    assert Overview(plan).look().counts["finished"] == len(queues) == 2


def test_a_journal_that_was_mended_meanwhile_is_opened_though_its_worker_lives(write_sweep: Any) -> None:
    plan = plan_of(write_sweep)
    filled(plan).close()
    path = plan.directory / JOURNAL
    _damage(path)
    opened: list[Queue] = []

    def open_queue() -> Queue:
        """As if another process mended it between this one's look and its turn."""
        try:
            return Queue(plan)
        finally:
            if not opened:
                path.rename(path.with_name("aside"))
                opened.append(mended(plan.directory, lambda: Queue(plan)))
                opened[0].fill()
                _finish_one(opened[0])

    assert mended(plan.directory, open_queue).fill() == len(plan.trials) - 1
    assert not list(plan.directory.glob(f"{JOURNAL}.damaged-*"))


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


def test_a_journal_on_a_disk_that_is_read_only_is_one_line(write_sweep: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(write_sweep)

    def refuse(path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("dcgan.common.regular_files.appended", refuse)
    with pytest.raises(DcganError, match=r"cannot write .*optuna\.journal: Read-only file system"):
        Queue(plan)
