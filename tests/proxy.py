"""Optuna's gRPC proxy before a database, for the tests that ask for one."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.postgres import free_port


@contextlib.contextmanager
def proxied(database: str) -> Iterator[str]:
    """`dcgan proxy`, as it is typed."""
    port = free_port()
    words = [sys.executable, "-m", "dcgan", "proxy", "--host", "127.0.0.1", "--port", str(port), "--json"]
    environment = {**os.environ, "DCGAN_STORAGE": database}
    server = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"{\n", "it says where it listens"
        yield f"grpc://127.0.0.1:{port}"
        server.terminate()
        assert server.wait(20) == 0
    finally:
        server.kill()
        server.wait()
