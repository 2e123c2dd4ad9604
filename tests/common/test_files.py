"""Files are whole or not there; names cannot leave their folder."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO

import pytest

from dcgan.common import files
from dcgan.common.errors import DcganError, Misuse, NoLocks
from dcgan.common.files import (
    checked_name,
    is_held,
    locked,
    make_inner_folder,
    plain_name,
    read_json,
    remove_left_over,
    write_json,
    write_text,
)


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    file = tmp_path / "record.json"
    write_json(file, {"a": 1})
    limited = (
        "import resource, signal; from pathlib import Path; from dcgan.common.files import write_text;"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100));"
        f"write_text(Path({str(file)!r}), 'x' * 1000)"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=False)
    assert "cannot write" in done.stderr
    assert "File too large" in done.stderr
    assert read_json(file) == {"a": 1}
    assert list(tmp_path.iterdir()) == [file]


def test_errors_name_the_file_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DcganError, match="cannot write .*: "):
        write_text(tmp_path / "file" / "below", "x")
    (tmp_path / "half.json").write_text('{"a": ')
    with pytest.raises(DcganError, match="half.json is damaged"):
        read_json(tmp_path / "half.json")
    with pytest.raises(DcganError, match=r"cannot read .*none.json"):
        read_json(tmp_path / "none.json")
    with pytest.raises(ValueError, match="Out of range"):
        write_json(tmp_path / "nan.json", {"a": float("nan")})
    assert not (tmp_path / "nan.json").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a b", "<script>", "-x", ".hidden", "a\n", "x" * 101])
def test_names_that_are_not_plain_are_refused(name: str) -> None:
    with pytest.raises(Misuse, match="use letters, digits"):
        checked_name(name, "study")


def test_a_lock_is_free_again_when_its_process_is_gone(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    hold = (
        "import sys, time; from pathlib import Path; from dcgan.common.files import locked\n"
        f"with locked(Path({str(lock)!r}), wait=True):\n print('held', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with locked(lock, wait=False) as mine:
            assert not mine
        process.kill()
        process.wait()
        with locked(lock, wait=False) as mine:
            assert mine


def test_who_waited_for_a_lock_whose_file_was_removed_keeps_others_away(tmp_path: Path) -> None:
    lock = tmp_path / "run" / ".lock"
    inside, leave = threading.Event(), threading.Event()

    def wait() -> None:
        with locked(lock, wait=True) as mine:
            assert mine
            inside.set()
            leave.wait(20)

    waiting = threading.Thread(target=wait)
    with locked(lock, wait=True):
        waiting.start()
        assert not inside.wait(0.2)  # long enough to have opened the file that is now removed
        shutil.rmtree(lock.parent)
    assert inside.wait(20)
    with locked(lock, wait=False) as mine:
        assert not mine
    leave.set()
    waiting.join(20)
    with locked(lock, wait=False) as mine:
        assert mine


def test_a_plain_name_is_one_file_name_however_long_or_odd() -> None:
    assert plain_name("demo+two") == "demo+two"
    assert plain_name("demo/trials+my study: <b>") == "demo-trials+my-study-b"
    assert plain_name("../..") == plain_name("") == "report"
    one, other = (plain_name("study+" * 40 + end) for end in ("a", "b"))
    assert len(one) == 100 and one != other and one.startswith("study+study+")


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_files_have_the_mode_that_the_umask_leaves(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_text(tmp_path / "new", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == mode


def test_what_a_killed_writer_left_is_removed_and_what_a_living_one_writes_is_not(tmp_path: Path) -> None:
    file = tmp_path / "record[1].json"
    hold = (
        "import sys, time; from pathlib import Path; from dcgan.common.files import write_atomically\n"
        f"write_atomically(Path({str(file)!r}), lambda file: (file.write(b'half'), print('writing', flush=True), time.sleep(60)))"
    )
    with subprocess.Popen([sys.executable, "-c", hold], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "writing\n"
        write_text(tmp_path / "other", "x")
        [unfinished] = set(tmp_path.iterdir()) - {tmp_path / "other"}
        write_text(file, "by another process")
        remove_left_over(tmp_path)
        assert set(tmp_path.iterdir()) == {file, tmp_path / "other", unfinished}
        process.kill()
        process.wait()
    write_text(file, "whole")
    assert set(tmp_path.iterdir()) == {file, tmp_path / "other"}


def test_a_file_is_written_where_there_are_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a bucket or over sshfs, say: a report needs none."""

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    left = tmp_path / ".record.json.0123.unfinished"
    left.touch()
    monkeypatch.setattr("fcntl.flock", refuse)
    write_text(tmp_path / "record.json", "whole")
    assert (tmp_path / "record.json").read_text() == "whole"
    assert left.exists(), "nobody can tell whether its writer lives"
    assert not is_held(tmp_path / "record.json")
    with pytest.raises(NoLocks, match="its file system has no locks"), locked(tmp_path / "lock", wait=False):
        pass


def test_a_temporary_file_that_was_taken_for_a_dead_writers_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Path] = []

    def meddled(file: IO[bytes], *, wait: bool) -> bool:
        if not taken:
            taken.append(Path(file.name))
            taken[0].unlink()
        return True

    monkeypatch.setattr(files, "flock", meddled)
    write_text(tmp_path / "new", "x")
    assert taken
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


def test_names_are_on_the_disk_before_a_write_returns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, str, bool]] = []
    usual = os.fsync

    def watched(handle: int) -> None:
        usual(handle)
        place = Path(f"/proc/self/fd/{handle}").readlink()
        done.append(("folder" if place.is_dir() else "file", str(place.relative_to(tmp_path)), file.exists()))

    file = tmp_path / "a" / "b" / "new"
    monkeypatch.setattr(os, "fsync", watched)
    write_text(file, "x")
    assert [(kind, there) for kind, _, there in done] == [
        *[("folder", False)] * 2,  # of a and b, which are new
        ("file", False),
        ("folder", True),
    ]
    assert [place for kind, place, _ in done if kind == "folder"] == [".", "a", "a/b"]


def test_whether_a_lock_is_held_is_seen_without_writing(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    assert not is_held(lock)
    assert not lock.exists()
    with locked(lock, wait=False):
        lock.chmod(0o444)
        assert is_held(lock)
    assert not is_held(lock)


def test_a_lock_is_taken_through_no_link(tmp_path: Path) -> None:
    (tmp_path / ".lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DcganError, match=r"cannot lock .*/.lock: it is a link"), locked(tmp_path / ".lock", wait=True):
        pass
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.usefixtures("at_once")
def test_a_pipe_is_held_by_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".lock")
    assert not is_held(tmp_path / ".lock")
    os.mkfifo(tmp_path / ".a.unfinished")
    remove_left_over(tmp_path)
    assert (tmp_path / ".a.unfinished").exists()


def test_a_folder_inside_a_runs_is_no_link(tmp_path: Path) -> None:
    (tmp_path / "run" / "elsewhere").mkdir(parents=True)
    (tmp_path / "run" / "samples").symlink_to(tmp_path / "run" / "elsewhere")
    with pytest.raises(DcganError) as refused:
        make_inner_folder(tmp_path / "run" / "samples")
    assert str(refused.value) == (
        f"cannot write into {tmp_path}/run/samples: it is a link, and nothing is written through one: delete it, or put "
        "the folder itself in its place (runs, studies, reports and DCGAN_HOME may be links)"
    )
    (tmp_path / "linked run").symlink_to(tmp_path / "run")
    make_inner_folder(tmp_path / "linked run" / "workers")
    assert (tmp_path / "run" / "workers").is_dir()
    (tmp_path / "run" / "slurm").touch()
    with pytest.raises(DcganError, match="cannot write .*/run/slurm: File exists"):
        make_inner_folder(tmp_path / "run" / "slurm")
