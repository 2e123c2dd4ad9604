"""The HTTP side: GraphQL, the stream of a run's rows, uploads and downloads; and the troubles that a server can have."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import unquote, urlsplit

from tests.wandb_server.graphql import Refused, Unknown, answer, read
from tests.wandb_server.operations import root
from tests.wandb_server.runs import file_stream
from tests.wandb_server.store import KEY, Store


@dataclass
class Request:
    """As it came in, with what was answered."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes  # decompressed
    operation: str = ""  # of GraphQL
    status: int = 0
    at: float = field(default_factory=time.monotonic)

    @property
    def raw(self) -> bytes:
        """All of it, for a search; the authorization with its words decoded."""
        lines = [f"{self.method} {self.path}", *(f"{name}: {value}" for name, value in self.headers.items())]
        return "\n".join(lines).encode() + b"\n\n" + self.body


@dataclass
class Troubles:
    """What the server does wrong, for requests whose path or operation holds `only`."""

    only: str = ""
    status: int = 0  # answer that
    delay: float = 0.0  # seconds before an answer
    is_hanging: bool = False  # accept, and never answer
    woken: threading.Event = field(default_factory=threading.Event)

    def meet(self, request: Request) -> int:
        """Waits as long as the trouble wants; the status to answer, 0 for the right one, -1 for no answer at all."""
        if self.only not in f"{request.path} {request.operation}":
            return 0
        if self.is_hanging:
            self.woken.wait()
            return -1
        if self.delay:
            self.woken.wait(self.delay)
        return self.status


class Handler(BaseHTTPRequestHandler):
    """One connection. Its server (`LoopbackServer`) has the store, the log and the troubles."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)  # type: ignore[attr-defined]

    def finish(self) -> None:
        self.server.connections.discard(self.connection)  # type: ignore[attr-defined]
        with contextlib.suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the client went away, or the server was stopped
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console."""

    def _serve(self) -> None:
        owner = self.server.owner  # type: ignore[attr-defined]
        body = self._body()
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = Request(self.command, self.path, dict(self.headers.items()), body)
        if urlsplit(self.path).path == "/graphql":
            with contextlib.suppress(Refused, ValueError, KeyError):
                request.operation = read(json.loads(body)["query"]).name
        owner.requests.append(request)
        status = owner.troubles.meet(request)
        if status < 0:
            self.close_connection = True
            return
        if status:
            content = b'{"errors":[{"message":"trouble at the server"}]}'
        else:
            with owner.store.lock:
                status, content = self._answer(owner, request)
        request.status = status
        self._send(status, content)

    do_GET = do_POST = do_PUT = do_HEAD = _serve

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(self.rfile.readline().split(b";")[0], 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return body
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _send(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _is_allowed(self, owner: Any) -> bool:
        kind, _, words = (self.headers.get("Authorization") or "").partition(" ")
        if kind == "Basic":
            words = base64.b64decode(words).decode(errors="replace").partition(":")[2]
        return words in owner.keys

    def _answer(self, owner: Any, request: Request) -> tuple[int, bytes]:
        path = unquote(urlsplit(self.path).path)
        store: Store = owner.store
        try:
            if path.startswith("/storage/"):
                return _stored(store, request, path.removeprefix("/storage/"))
            if path != "/graphql" and not path.startswith("/files/"):
                return 404, b"{}"  # telemetry and the like
            if not self._is_allowed(owner):
                raise Refused("user is not logged in", 401, "PERMISSION_ERROR")
            if path == "/graphql":
                return 200, _asked(owner, json.loads(request.body))
            return _filed(store, request, path.removeprefix("/files/").split("/"))
        except Refused as refusal:
            if isinstance(refusal, Unknown):
                owner.unknown.append(f"{request.operation}: {refusal.message}")
            errors = [{"message": refusal.message, "extensions": {"code": refusal.code}}]
            return refusal.status, json.dumps({"errors": errors, "data": None}).encode()
        except Exception as error:  # of this server: a test that ends without `unknown` has met none
            owner.unknown.append(f"{request.operation}: {type(error).__name__}: {error}")
            return 400, json.dumps({"errors": [{"message": repr(error)}], "data": None}).encode()


def _asked(owner: Any, message: dict[str, Any]) -> bytes:
    document = read(message["query"])
    return json.dumps(
        {"data": answer(document, message.get("variables") or {}, root(owner.store, document.kind))}
    ).encode()


def _filed(store: Store, request: Request, parts: list[str]) -> tuple[int, bytes]:
    entity, project, run_id, *name = parts
    run = store.run(entity, project, run_id)
    if name == ["file_stream"]:
        return 200, json.dumps(file_stream(store, run, json.loads(request.body))).encode()
    content = run.files.get("/".join(name))
    return (404, b"") if content is None else (200, content)


def _stored(store: Store, request: Request, path: str) -> tuple[int, bytes]:
    """Uploads and downloads, without a key, as a signed URL has it."""
    kind, _, rest = path.partition("/")
    if kind == "run":
        entity, project, run_id, name = rest.split("/", 3)
        files, key = store.run(entity, project, run_id).files, name
    else:
        files, key = store.blobs, rest
    if request.method == "PUT":
        files[key] = request.body
        return 200, b""
    return (200, files[key]) if key in files else (404, b"")


__all__ = ["KEY", "Handler", "Request", "Troubles"]
