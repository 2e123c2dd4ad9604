"""A process of `dcgan worker`, which every launcher starts, here or on another machine."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path

from dcgan.common import regular_files
from dcgan.common.files import cannot, make_inner_folder

_MOST_BYTES = 2**20  # of a worker's log, from its end


@dataclass(frozen=True)
class WorkerCommand:
    """The command that starts a worker: plain values, so that it can be sent to another machine.

    `environment` is added to that of the process that starts it. It may have the storage's URL, which other users could
    read on a command line; of a command that is sent or written anywhere that URL has no password. `log` is the file
    for its output, `directory` where it starts, if that exists.
    """

    study: str
    number: int
    threads: int
    log: Path
    environment: Mapping[str, str]
    directory: Path


@contextlib.contextmanager
def exported(environment: Mapping[str, str]) -> Iterator[None]:
    """Lets processes that are started in the block inherit these variables: no file, no message and no command line
    holds them."""
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class WorkerProcess:
    """A worker as a child of this process, in a session of its own: a terminal's Ctrl-C does not reach it.

    Raises DcganError where its log cannot be written, or would be through a link.
    """

    def __init__(self, command: WorkerCommand) -> None:
        self.command = command
        words = [sys.executable, "-m", "dcgan", "worker", command.study, "--threads", str(command.threads)]
        words += ["--launched-by", str(os.getpid())]
        make_inner_folder(command.log.parent)
        with _emptied(command.log) as log:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                words,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **command.environment},
                cwd=command.directory if command.directory.is_dir() else None,
                start_new_session=True,
            )

    def told(self, about: str) -> set[str]:
        """The lines at the end of its log, so far, that begin with that."""
        lines = self._log().splitlines(keepends=True)
        return {line.rstrip() for line in lines if line.startswith(about) and line.endswith("\n")}

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def ask_to_stop(self, by: signal.Signals = signal.SIGTERM) -> None:
        """Lets it checkpoint its trial, release it and end. To be called once: a second signal ends it at once."""
        self.process.send_signal(by)

    def end(self) -> None:
        """Kills it if it still runs, and waits."""
        self.process.kill()
        self.process.wait()

    def complaint(self) -> str | None:
        """A line about a worker that did not end well; None for one that did. To be called once it has ended."""
        code = self.process.returncode
        if code == 0:
            return None
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"worker {self.command.number} {how}: {self._last_line()} ({self.command.log})"

    def _last_line(self) -> str:
        lines = self._log().strip().splitlines()
        return lines[-1] if lines else "without a word"

    def _log(self) -> str:
        """The end of its log; nothing where that is gone, or is no file any more."""
        try:
            return regular_files.end(self.command.log, _MOST_BYTES).decode(errors="replace")
        except OSError:
            return ""


def _emptied(log: Path) -> BufferedWriter:
    try:
        return regular_files.emptied(log)
    except OSError as error:
        raise cannot("write", log, error) from error
