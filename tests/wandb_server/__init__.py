"""A W&B server on this machine's loopback, for tests with the real client: it speaks the operations that wandb 0.31 and
wandb-workspaces use, keeps what it is told for a test to look at, and has troubles when a test wants some.

    with WandbServer(tmp_path) as server:
        subprocess.run([sys.executable, "-c", "import wandb; ..."], env={**os.environ, **server.env()})
        assert server.runs["tester/demo"]["abc"].history[0]["loss"] == 0.5
        assert server.unknown == []
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from tests.wandb_server.serving import Handler, Request, Troubles
from tests.wandb_server.state import Artifact, Run, Sweep, View
from tests.wandb_server.store import KEY, USER, Store

__all__ = ["KEY", "USER", "Artifact", "Run", "Sweep", "View", "WandbServer"]


class _LoopbackServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, owner: WandbServer, port: int) -> None:
        self.owner = owner
        self.connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), Handler)

    def drop(self) -> None:
        """No more connections: neither new ones nor those that are open."""
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue


class WandbServer:
    """A server that runs while the `with` lasts. `folder` is where the client's own files go.

    `runs` and `sweeps` are by ENTITY/PROJECT, then by id. `requests` are all that came in, as they came; `unknown` what
    this server does not speak: a test that ends with none has talked to it in full.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: _LoopbackServer | None = None
        self._port = 0
        self.store = Store()
        self.requests: list[Request] = []
        self.unknown: list[str] = []
        self.keys = {KEY}  # that it knows
        self.troubles = Troubles()

    def __enter__(self) -> WandbServer:
        self._listen()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.troubles.woken.set()
        self.refuse()

    def _listen(self) -> None:
        self._server = _LoopbackServer(self, self._port)
        self._port = self._server.server_address[1]
        self.store.url = self.url
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def env(self) -> dict[str, str]:
        """What a process needs to talk to this server and to nobody else, and to leave its files in `folder`."""
        names = ("config", "cache", "data")
        for name in names:
            (self._folder / f"wandb-{name}").mkdir(parents=True, exist_ok=True)
        return {
            "WANDB_BASE_URL": self.url,
            "WANDB_API_KEY": KEY,
            "WANDB_MODE": "online",
            "NETRC": str(self._folder / "netrc"),
            "NO_PROXY": "127.0.0.1",
            **{f"WANDB_{name.upper()}_DIR": str(self._folder / f"wandb-{name}") for name in names},
        }

    @property
    def runs(self) -> dict[str, dict[str, Run]]:
        return self.store.runs

    @property
    def sweeps(self) -> dict[str, dict[str, Sweep]]:
        return self.store.sweeps

    @property
    def views(self) -> list[View]:
        return self.store.views

    @property
    def artifacts(self) -> list[Artifact]:
        return self.store.artifacts

    def received(self) -> bytes:
        """All that clients sent, headers and bodies, for a search."""
        return b"\n".join(request.raw for request in list(self.requests))

    def wait(self, condition: Callable[[], object], seconds: float = 60.0) -> None:
        """Until what the server was told is so; fails a test when it is not in that time."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s"
            time.sleep(0.02)

    def fail(self, status: int = 500, *, only: str = "") -> None:
        """Answers that status from now on. `only`: requests whose path or operation holds these letters."""
        self._trouble(Troubles(only, status=status))

    def hang(self, *, only: str = "") -> None:
        """Accepts what comes, and never answers."""
        self._trouble(Troubles(only, is_hanging=True))

    def slow(self, seconds: float, *, only: str = "") -> None:
        """Answers rightly after so long."""
        self._trouble(Troubles(only, delay=seconds))

    def refuse(self) -> None:
        """Is gone: no connection is accepted, and those that are open end."""
        if self._server is not None:
            self._server.drop()
            self._server = None

    def heal(self) -> None:
        """Is well again, at the same address. Requests that hang end without an answer."""
        self._trouble(Troubles())
        if self._server is None:
            self._listen()

    def _trouble(self, troubles: Troubles) -> None:
        self.troubles, before = troubles, self.troubles
        before.woken.set()
