"""`dcgan doctor`: is everything there? And what fetches the weights that are not."""

from __future__ import annotations

import argparse

SUMMARY = "check device, libraries, data sets, extractors, W&B and folders; each with a tick or the fix"
EXAMPLE = "dcgan doctor"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("--storage", metavar="URL", help="also check that this study storage can be reached")
    parser.add_argument(
        "--fetch", metavar="NAME", help="download a published extractor's weights, checked, and nothing else: inception"
    )


def run(args: argparse.Namespace) -> int:
    """Prints the checks; exits with 1 if one that training needs has failed. With `--fetch`, fetches instead."""
    if args.fetch is not None:
        return _fetch(args)
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


def _fetch(args: argparse.Namespace) -> int:
    from dcgan.cli.output import print_json, say
    from dcgan.scoring.pretrained import fetch

    place = fetch(args.fetch)
    if args.json:
        print_json({"extractor": args.fetch, "weights": str(place)})
    else:
        say(f"{args.fetch}: its weights are here and can be read: {place}")
        say(f"next: score.extractor={args.fetch}, or auto, which takes inception where the classifier says too little")
    return 0
