"""`dcgan dashboard`: a study in Optuna's own dashboard on this machine."""

from __future__ import annotations

import argparse

SUMMARY = "open a study in Optuna's dashboard on this machine"
EXAMPLE = "dcgan dashboard demo --local"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("study", metavar="STUDY", help="the name of a study")
    parser.add_argument("--local", action="store_true", help="Optuna's dashboard (the only one so far, so the default)")
    parser.add_argument("--storage", metavar="URL", help="the database that the study's queue is in, if it is")
    parser.add_argument("--port", type=int, default=8080, help="where it listens on this machine (default 8080)")


def run(args: argparse.Namespace) -> int:
    """Becomes `optuna-dashboard`, until Ctrl-C."""
    import os
    import shutil
    import sys
    from pathlib import Path

    from dcgan.cli.show import note, print_json
    from dcgan.errors import DcganError, Misuse
    from dcgan.study.storage import JOURNAL
    from dcgan.study.sweep import find_study

    if not 0 < args.port < 65536:
        raise Misuse(f"--port {args.port}: expected 1 to 65535")
    journal = find_study(args.study) / JOURNAL
    storage = args.storage or str(journal)
    if not args.storage and not journal.exists():
        raise DcganError(f"{journal} is gone: type the `dcgan sweep` command again, it makes it anew")
    program = shutil.which("optuna-dashboard", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if program is None:
        raise DcganError("optuna-dashboard is not installed: pip install 'dcgan-ablations[dashboard]'")
    address = f"http://127.0.0.1:{args.port}/"
    if args.json:
        print_json({"study": args.study, "storage": storage, "address": address})
        sys.stdout.flush()
    note(f"next: open {address} (Ctrl-C ends it)")
    os.execv(program, [program, storage, "--host", "127.0.0.1", "--port", str(args.port)])  # noqa: S606
