"""`dcgan dashboard STUDY --wandb`: the study's workspace and report in W&B, made or brought up to date."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dcgan.comparison.analysis import Analysis
    from dcgan.dashboards.study_facts import StudyFacts
    from dcgan.experiment import Experiment
    from dcgan.study.plan import Plan

_WORDS = 150  # of a panel's details in a table


def run_wandb(args: argparse.Namespace) -> int:
    """Saves both and prints their addresses; with `--dry-run` prints what they would show, and asks no network."""
    from dcgan.cli.output import print_json, say
    from dcgan.common.errors import Misuse
    from dcgan.common.messages import message
    from dcgan.dashboards.study_facts import study_facts
    from dcgan.dashboards.wandb_report import save_report
    from dcgan.dashboards.workspace import save_workspace
    from dcgan.queue import queue_of
    from dcgan.queue.storage import storage_url
    from dcgan.study import trials_table
    from dcgan.tracking import wandb_settings
    from dcgan.tracking.asking_wandb import in_browser, place_of
    from dcgan.tracking.upload import upload
    from dcgan.workers.joining import join

    if not args.wandb:
        raise Misuse("--dry-run and --draw are of --wandb: dcgan dashboard STUDY --wandb --dry-run")
    if args.optuna:
        raise Misuse("--wandb and --optuna are two dashboards: ask for one at a time")
    if args.draw and not args.dry_run:
        raise Misuse("--draw draws what --dry-run shows: add --dry-run")
    wandb_settings.use(_asked(args.words))
    url = storage_url(args.storage)
    plan = join(args.study, url)
    if url is not None:  # what machines that share no folder with this one have sent
        queue = queue_of(plan, url, lambda: False)
        queue.collect()
        plan = queue.plan
        queue.curves.fetch(plan.trials)
        trials_table.write(plan)
        queue.close()
    facts = study_facts(plan, _analysis(plan))
    if args.dry_run:
        return _dry_run(facts, as_json=args.json, draw=args.draw)
    place = place_of(plan)
    message(f"runs in W&B: {upload(plan).line()}")
    saved = {
        "workspace": in_browser(save_workspace(facts, place, plan.directory)),
        "report": in_browser(save_report(facts, place, plan.directory)),
    }
    if args.json:
        print_json({"study": plan.study, "entity": place.entity, "project": place.project, **saved})
        return 0
    for name, url in saved.items():
        say(f"{name}: {url}")
    say(f"next: open {saved['workspace']} (the same command brings both up to date)")
    return 0


def _asked(words: list[str]) -> Experiment:
    """An experiment with the keys of `tracking` that were typed: whose W&B it is. Raises Misuse for others."""
    from dcgan.common.errors import Misuse, did_you_mean
    from dcgan.common.overrides import parse_words
    from dcgan.experiment import Experiment

    changes = parse_words(words)
    known = ["tracking.project", "tracking.entity", "tracking.wandb"]
    if other := next((key for key in changes if key not in known), None):
        raise Misuse(f"'{other}': a dashboard in W&B takes {', '.join(known)}" + did_you_mean(other, known))
    return Experiment().with_(changes)


def _analysis(plan: Plan) -> Analysis | None:
    """What `dcgan report --watch` would say, which judges nothing before all its runs are in; None, with the reason
    told, while there is nothing to report on."""
    from dcgan.common.errors import DcganError
    from dcgan.common.messages import note
    from dcgan.comparison.analysis import analyse
    from dcgan.comparison.from_study import from_study
    from dcgan.study.status import Overview

    try:
        return analyse(from_study(plan.directory, live=not Overview(plan).look().complete))
    except DcganError as error:
        note(f"no verdicts yet: {error}")
        return None


def _dry_run(facts: StudyFacts, *, as_json: bool, draw: str | None) -> int:
    from dcgan.cli.output import print_json, say
    from dcgan.dashboards.specification import specification
    from dcgan.dashboards.wandb_report import wandb_report
    from dcgan.dashboards.workspace import workspace
    from dcgan.tracking.asking_wandb import usual_place

    place = usual_place(facts.study)
    made = {
        "workspace": specification(workspace(facts, place.entity, place.project)),
        "report": specification(wandb_report(facts, place.entity, place.project, is_bound=False)),
    }
    drawn = {} if draw is None else _drawn(facts, made, Path(draw))
    if as_json:
        print_json({"study": facts.study, "entity": place.entity or None, "project": place.project, **made, **drawn})
        return 0
    owner = f"{place.entity}/" if place.entity else ""
    for name, spec in made.items():
        say(f"{name} in {owner}{place.project}")
        _show(spec)
    for name in drawn.values():
        say(f"drawn: {name}")
    say(f"next: {facts.command} makes both, or brings them up to date")
    return 0


def _drawn(facts: StudyFacts, made: dict[str, dict[str, Any]], folder: Path) -> dict[str, str]:
    """Writes wandb-workspace.svg and wandb-report.svg there; their paths by what they are."""
    from dcgan.common.files import write_text
    from dcgan.dashboards.spec_drawing import draw

    files = {name: folder / f"wandb-{name}.svg" for name in made}
    for name, file in files.items():
        write_text(file, draw(made[name], facts.study))
    return {f"{name}_drawing": str(file) for name, file in files.items()}


def _show(spec: dict[str, Any]) -> None:
    from dcgan.cli.output import plain, say, table
    from dcgan.common.formatting import cut
    from dcgan.dashboards.view_lines import shown_runs, shown_sections

    for runs in shown_runs(spec):
        say(f"  {runs.name.lower()}: {runs.filters}; by {runs.grouping}; {runs.order}")
    rows = [
        [section.name if index == 0 else "", panel.title, panel.kind, cut("; ".join(panel.details), _WORDS)]
        for section in shown_sections(spec)
        for index, panel in enumerate(section.panels)
    ]
    table(["section", "panel", "kind", "what"], plain(rows))
