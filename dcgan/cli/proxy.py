"""`dcgan proxy`: Optuna's gRPC proxy before a database, for workers that cannot or should not reach it themselves."""

from __future__ import annotations

import argparse

SUMMARY = "put Optuna's gRPC proxy before a database, for workers that use --storage grpc://HOST:PORT"
EXAMPLE = "dcgan proxy --storage postgresql://me@host/dcgan --port 13000"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument(
        "--storage",
        metavar="URL",
        help="the database: postgresql://user@host/database (default: the environment variable DCGAN_STORAGE)",
    )
    parser.add_argument(
        "--host",
        default="localhost",
        help="the address where it listens (default localhost; 0.0.0.0 for all: it asks nobody for a password)",
    )
    parser.add_argument("--port", type=int, default=13000, help="where it listens (default 13000)")


def run(args: argparse.Namespace) -> int:
    """Serves until Ctrl-C."""
    import warnings

    from dcgan.cli.serving import LOOK_AGAIN, check_port, serve
    from dcgan.common import paths
    from dcgan.common.errors import Misuse
    from dcgan.common.signals import stopping
    from dcgan.common.url_text import without_password
    from dcgan.queue.storage import open_storage, proxy, storage_url

    check_port(args.port)
    url = storage_url(args.storage)
    if url is None or not url.startswith("postgresql"):
        given = "" if url is None else f" {without_password(url)}"
        raise Misuse(f"--storage{given}: a proxy stands before a database; give postgresql://user@host/database")
    address = f"grpc://{args.host}:{args.port}"
    with stopping() as stop, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = proxy(open_storage(paths.studies(), url, stop), args.host, args.port)
        serve(
            lambda: server.wait_for_termination(timeout=LOOK_AGAIN),
            stop,
            content={"storage": without_password(url), "address": address},
            next_step=f"dcgan worker STUDY --storage {address} (Ctrl-C ends the proxy)",
            as_json=args.json,
        )
        server.stop(grace=1.0).wait()
    return 0
