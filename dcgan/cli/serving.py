"""What the commands share that serve until Ctrl-C: `dcgan dashboard` and `dcgan proxy`."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dcgan.cli.output import print_json
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.messages import message

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer
    from wsgiref.types import WSGIApplication

LOOK_AGAIN = 0.5  # seconds between looks whether to stop


def check_port(port: int) -> None:
    """Raises Misuse for a number that no port has."""
    if not 0 < port < 65536:
        raise Misuse(f"--port {port}: expected 1 to 65535")


def serve(
    answer: Callable[[], object],
    stop: Callable[[], bool],
    *,
    content: Mapping[str, str],
    next_step: str,
    as_json: bool,
) -> None:
    """Says that the server is up, as JSON its `content`, and lets it answer until `stop`.

    `answer` returns after a request, or after LOOK_AGAIN seconds without one.
    """
    if as_json:
        print_json(dict(content))
        sys.stdout.flush()  # whoever reads it waits for it, and this process goes on
    message(f"next: {next_step}")
    while not stop():
        answer()


def local_server(application: WSGIApplication, port: int) -> WSGIServer:
    """A server of this machine alone, also where a browser of this machine shows pages of others, that answers several
    requests at a time. Raises DcganError, with the next port that is free, if it cannot listen there."""
    from socketserver import ThreadingMixIn
    from wsgiref import simple_server

    from dcgan.cli.local_requests import own_requests

    class Threaded(ThreadingMixIn, simple_server.WSGIServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A browser that goes away before it was answered is no error."""

    class Quiet(simple_server.WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Requests are not logged."""

    try:
        return simple_server.make_server(
            "127.0.0.1", port, own_requests(application), server_class=Threaded, handler_class=Quiet
        )
    except OSError as error:
        free = _free_port(port) if error.errno == errno.EADDRINUSE else None
        hint = f"port {free} is free" if free else "choose another one"
        raise DcganError(f"--port {port}: {(error.strerror or str(error)).lower()}; {hint}") from error


def _free_port(after: int) -> int | None:
    """The closest port above that one on which nothing listens."""
    for port in range(after + 1, min(after + 200, 65536)):
        with socket.socket() as listening:
            try:
                listening.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return None
