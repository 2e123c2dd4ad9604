"""`dcgan dashboard`: a study in Optuna's own dashboard on this machine."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer
    from wsgiref.types import WSGIApplication

SUMMARY = "open a study in Optuna's dashboard on this machine"
EXAMPLE = "dcgan dashboard demo --local"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("study", metavar="STUDY", help="the name of a study")
    parser.add_argument("--local", action="store_true", help="Optuna's dashboard (the only one so far, so the default)")
    parser.add_argument("--wandb", action="store_true", help="make or bring up to date its workspace and report in W&B")
    parser.add_argument(
        "--dry-run", action="store_true", help="with --wandb: show what these would hold, and make none"
    )
    parser.add_argument(
        "--draw", metavar="DIR", help="with --wandb --dry-run: draw them as SVG files in that folder, too"
    )
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="the database that the study's queue is in, if it is (default: the environment variable DCGAN_STORAGE)",
    )
    parser.add_argument("--port", type=int, default=8080, help="where it listens on this machine (default 8080)")


def run(args: argparse.Namespace) -> int:
    """Serves the dashboard from this process (another one's command line would show the storage), until Ctrl-C."""
    from dcgan.cli.serving import LOOK_AGAIN, check_port, serve
    from dcgan.common.errors import DcganError
    from dcgan.common.signals import stopping
    from dcgan.queue.storage import JOURNAL, open_storage, storage_url, without_password
    from dcgan.sweeps.sweep import find_study

    if args.wandb or args.dry_run or args.draw:
        from dcgan.cli.wandb_dashboard import run_wandb

        return run_wandb(args)
    check_port(args.port)
    folder = find_study(args.study)
    journal = folder / JOURNAL
    url = storage_url(args.storage)
    if url is None and not journal.exists():
        raise DcganError(f"{journal} is gone: type the `dcgan sweep` command again, it makes it anew")
    try:
        from optuna_dashboard import wsgi
    except ImportError:
        raise DcganError("optuna-dashboard is not installed: pip install -e '.[dashboard]' in the clone") from None
    address = f"http://127.0.0.1:{args.port}/"
    storage = str(journal) if url is None else without_password(url)
    with _server(wsgi(open_storage(folder, url)), args.port) as server, stopping() as stop:
        server.timeout = LOOK_AGAIN
        serve(
            server.handle_request,
            stop,
            content={"study": args.study, "storage": storage, "address": address},
            next_step=f"open {address} (Ctrl-C ends it)",
            as_json=args.json,
        )
    return 0


def _server(application: WSGIApplication, port: int) -> WSGIServer:
    """A server of this machine alone that answers several requests at a time. Raises DcganError if it cannot."""
    from socketserver import ThreadingMixIn
    from wsgiref import simple_server

    from dcgan.common.errors import DcganError

    class Threaded(ThreadingMixIn, simple_server.WSGIServer):
        daemon_threads = True

    class Quiet(simple_server.WSGIRequestHandler):
        def log_message(self, *_: object) -> None:
            """Requests are not logged."""

    try:
        return simple_server.make_server("127.0.0.1", port, application, server_class=Threaded, handler_class=Quiet)
    except OSError as error:
        raise DcganError(f"--port {port}: {error.strerror}; choose another one") from error
