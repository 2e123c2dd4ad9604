"""`dcgan dashboard`: a study on this machine, live: curves, samples, trials and verdicts; or Optuna's own dashboard."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

SUMMARY = "a live dashboard of a study on this machine: curves, samples, trials, verdicts so far"
EXAMPLE = "dcgan dashboard demo"
TAKES_WORDS = True
WORDS = "with --wandb: whose W&B, by tracking.project=NAME and tracking.entity=NAME"

_EXTRA = "is not installed: pip install -e '.[dashboard]' in the clone"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("study", metavar="STUDY", help="the name of a study")
    parser.add_argument(
        "--optuna", action="store_true", help="Optuna's dashboard instead, with the sample grids beside its trials"
    )
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
    from dcgan.cli.misplaced import check_study
    from dcgan.cli.serving import check_port
    from dcgan.common.errors import Misuse
    from dcgan.queue.storage import storage_url

    check_study("dashboard", args.study)
    if args.wandb or args.dry_run or args.draw:
        from dcgan.cli.wandb_dashboard import run_wandb

        return run_wandb(args)
    if args.words:
        raise Misuse(f"'{args.words[0]}': only --wandb takes KEY=VALUE, such as tracking.project=NAME")
    check_port(args.port)
    url = storage_url(args.storage)
    application, storage = _optuna(args.study, url) if args.optuna else _local(args.study, url)
    return _serve(args, application, storage)


def _local(study: str, url: str | None) -> tuple[WSGIApplication, str]:
    """TensorBoard over the run directories, and where they are."""
    from dcgan.common import paths
    from dcgan.common.errors import DcganError
    from dcgan.common.url_text import without_password
    from dcgan.dashboards.followed_study import FollowedStudy

    followed = FollowedStudy(study, url)
    try:
        from dcgan.dashboards.study_board import study_board
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "tensorboard":
            raise
        raise DcganError(f"tensorboard {_EXTRA}") from None
    return study_board(followed), str(paths.runs()) if url is None else without_password(url)


def _optuna(study: str, url: str | None) -> tuple[WSGIApplication, str]:
    """Optuna's dashboard over the study's queue, and where that is."""
    from dcgan.common.errors import DcganError
    from dcgan.common.url_text import without_password
    from dcgan.dashboards.followed_study import FollowedStudy
    from dcgan.dashboards.optuna_grids import GridFiles, with_grids
    from dcgan.queue.journal import JOURNAL
    from dcgan.queue.storage import open_storage
    from dcgan.sweeps.sweep import find_study

    folder = find_study(study)
    journal = folder / JOURNAL
    if url is None and not journal.exists():
        raise DcganError(f"{journal} is gone: type the `dcgan sweep` command again, it makes it anew")
    try:
        from optuna_dashboard import wsgi
    except ModuleNotFoundError as error:
        if error.name != "optuna_dashboard":
            raise
        raise DcganError(f"optuna-dashboard {_EXTRA}") from None
    grids = GridFiles(FollowedStudy(study, None))
    application: WSGIApplication = wsgi(with_grids(open_storage(folder, url), grids), artifact_store=grids)
    return application, str(journal) if url is None else without_password(url)


def _serve(args: argparse.Namespace, application: WSGIApplication, storage: str) -> int:
    from dcgan.cli.serving import LOOK_AGAIN, local_server, serve
    from dcgan.common.signals import stopping

    address = f"http://127.0.0.1:{args.port}/"
    with local_server(application, args.port) as server, stopping() as stop:
        server.timeout = LOOK_AGAIN
        serve(
            server.handle_request,
            stop,
            content={"study": args.study, "storage": storage, "address": address},
            next_step=f"open {address} (Ctrl-C ends it)",
            as_json=args.json,
        )
    return 0
