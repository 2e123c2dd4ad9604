"""What the commands share that serve until Ctrl-C: `dcgan dashboard` and `dcgan proxy`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from dcgan.cli.output import print_json
from dcgan.common.errors import Misuse
from dcgan.common.messages import message

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
