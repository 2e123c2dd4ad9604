"""`dcgan doctor`: is everything there?"""

from __future__ import annotations

import argparse

SUMMARY = "check device, libraries, data sets, extractors, W&B and folders; each with a tick or the fix"
EXAMPLE = "dcgan doctor"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--storage", metavar="URL", help="also check that this study storage can be reached")


def run(args: argparse.Namespace) -> int:
    """Prints the checks; exits with 1 if one that training needs has failed."""
    from dcgan.cli.checks import examine
    from dcgan.cli.output import print_json, say
    from dcgan.queue.storage import storage_url

    checks = examine(storage_url(args.storage))
    if args.json:
        print_json({"checks": [check.to_json() for check in checks]})
    else:
        for check in checks:
            mark = "ok  " if check.ok else ("FAIL" if check.needed else "-   ")
            say(f"{mark} {check.what}: {check.state}" + (f"  -> {check.fix}" if check.fix else ""))
        say("next: dcgan sweep demo")
    return 0 if all(check.ok for check in checks if check.needed) else 1
