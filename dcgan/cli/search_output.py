"""What `dcgan sweep` and `dcgan status` say of a search: what it may try and costs, and what it found so far."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.study.plan import Plan
    from dcgan.sweeps.sweep import Sweep


def dry_run_of_search(args: argparse.Namespace, sweep: Sweep, plan: Plan) -> int:
    """Says what a search would try and what its confirmation could show; trains no more than a few steps."""
    from dcgan.cli.dry_run import arm_costs, launching
    from dcgan.cli.output import print_json, say, table
    from dcgan.experiment import load as load_experiment
    from dcgan.statistics.resolution import detectable, sentence, warning
    from dcgan.workers.launchers import launcher
    from dcgan.workers.worker import check_here

    check_here(plan)
    workers = args.workers or launcher(args.launcher, args.option).usual_workers(plan, plan.expected)
    search = _settings(plan)
    confirmation = (1 + search.confirm) * len(sweep.all_seeds)
    cost = arm_costs(plan, workers).get(plan.baseline)
    seconds = None if cost is None else cost * (plan.expected + confirmation) / workers
    pairs, compared = len(sweep.all_seeds), search.confirm
    looks = None if sweep.stop is None else sweep.stop.looks(len(sweep.seeds))
    rows = _space(plan)
    told: dict[str, Any] = {
        "study": sweep.study,
        "search": {
            "study": plan.study,
            **search.model_dump(mode="json"),
            "own_seeds": list(search.own_seeds),
            "space": dict(rows),
        },
        "planned": plan.expected + confirmation,
        "trials": {"search": plan.expected, "confirmation": confirmation},
        "seeds": pairs,
        "workers": workers,
        "seconds": seconds,
        "resolvable_in_sd": detectable(pairs, compared, looks),
        "resolution": sentence(pairs, compared, None, sweep.metric, looks),
        "warning": warning(pairs, compared),
    }
    if args.json:
        print_json(told)
        return 0
    table(["factor", "levels, the baseline's first"], [list(row) for row in rows], title=f"study {plan.study}")
    say(f"design: {plan.design}")
    reported = load_experiment(sweep.experiment, sweep.set).score.split
    say(
        f"search: at most {plan.expected} trials = {search.trials} combinations x {search.seeds} seeds from "
        f"{search.own_seeds[0]} up, judged against the {plan.base.score.split} split"
    )
    say(
        f"confirmation: {confirmation} trials = (baseline + the best {search.confirm}) x {pairs} seeds, "
        f"judged against the {reported} split"
    )
    say(_time(seconds, workers))
    say(f"resolution: {told['resolution']}")
    if told["warning"]:
        say(f"warning: {told['warning']}")
    say("next: " + shlex.join(["dcgan", "sweep", args.sweep, *args.words, *launching(args)]))
    return 0


def found_lines(told: Mapping[str, Any], metric: str) -> list[str]:
    """How far a search is and its best combination so far, a line each, from `search_so_far`."""
    pruned = f", {told['pruned']} pruned" if told["pruned"] else ""
    refused = f", {told['refused']} refused" if told["refused"] else ""
    lines = [f"{told['asked']} of {told['trials']} combinations asked, {told['finished']} finished{pruned}{refused}"]
    if told["best"]:
        best = told["best"]
        changes = ", ".join(f"{factor}={level}" for factor, level in best["levels"].items()) or "the baseline"
        lines.append(f"best so far: {best['arm']}, {metric} {best['value']:.4g} in the search: {changes}")
    return lines


def search_so_far(plan: Plan) -> dict[str, Any]:
    """The counts of a search's combinations and the best of them, from the runs."""
    from dcgan.study.outcomes import outcomes
    from dcgan.study.stages.search_stages import changes, finished

    search = _settings(plan)
    ended = finished(plan, outcomes(plan))
    best = ended[0] if ended else None
    return {
        "trials": search.trials,
        "asked": len(plan.arms),
        "finished": len(ended),
        "pruned": len(plan.grown.over) if plan.grown else 0,
        "refused": len(plan.grown.refused) if plan.grown else 0,
        "best": best and {"arm": best.arm, "value": best.value, "levels": changes(plan, best.arm)},
    }


def _space(plan: Plan) -> list[tuple[str, str]]:
    """Each factor with what a search draws for it."""
    from dcgan.sweeps.factors import RangeFactor

    rows = []
    for given, factor in zip(plan.sweep.factors, plan.factors, strict=True):
        if isinstance(given, RangeFactor):
            low, high = given.range
            rows.append((factor.name, f"{factor.start}; {low} to {high}{', by order of magnitude' * given.log}"))
        else:
            rows.append((factor.name, ", ".join([factor.start, *factor.others])))
    return rows


def _settings(plan: Plan) -> Any:
    from dcgan.sweeps.designs.search import Search

    assert isinstance(plan.design, Search)  # noqa: S101 - the callers ask first
    return plan.design


def _time(seconds: float | None, workers: int) -> str:
    from dcgan.common.formatting import duration

    if seconds is None:
        return "time: unknown until the data are here"
    return f"time: about {duration(seconds)} if every combination takes as long as the baseline, {workers} at a time"
