"""`dcgan sweep SWEEP --trial ...`: one trial of a study, as the agent of a W&B sweep runs it."""

from __future__ import annotations

import argparse


def train_asked(args: argparse.Namespace) -> int:
    """Trains the trial that the words after `--trial` name, or finds that it is there; prints what became of it.

    Returns 1 for a failed run alone: an agent gives up after three failures, and a divergence is a result. An agent
    that stops its program gets 0 too.
    """
    from dcgan.common.agent_words import given_parameters, spelled_out, under_agent
    from dcgan.common.errors import Interrupted
    from dcgan.common.messages import note
    from dcgan.common.overrides import parse_words, split_words
    from dcgan.sweeps import sweep as sweeps

    texts = split_words(spelled_out(args.trial, given=given_parameters()))
    sweep = sweeps.load(args.sweep, parse_words(args.words))

    from dcgan.cli.output import print_json, say
    from dcgan.common.signals import stopping
    from dcgan.queue.storage import check_url, storage_url
    from dcgan.workers.one_combination import train_combination
    from dcgan.workers.one_trial import train_one

    if url := storage_url(args.storage):
        check_url(url)
    train = train_combination if sweep.design.grows else train_one
    with stopping() as stop:
        try:
            asked = train(sweep, texts, url, stop)
        except Interrupted as interruption:
            if not under_agent():
                raise
            note(f"{interruption}; the trial is put back")
            return 0
    record = asked.record
    if args.json:
        print_json({"study": asked.plan.study, "why": asked.why, "run": None if record is None else record.to_json()})
    else:
        say(asked.line())
        say(f"next: dcgan report {asked.plan.study}")
    return 1 if record is not None and record.status == "failed" else 0
