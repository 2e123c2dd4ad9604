"""Plans as they stand in studies/NAME: written, read back, and never continued as another plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.files import write_text
from dcgan.common.yaml_text import parse_yaml
from dcgan.experiment import Experiment
from dcgan.experiment import parse as parse_experiment
from dcgan.experiment.recipes import RECIPES
from dcgan.records import plan_file
from dcgan.records.plan_file import PlanRecord
from dcgan.records.replications import replications_of
from dcgan.records.seed_changes import SeedChange
from dcgan.study.outcomes import is_over
from dcgan.study.plan import Plan, work_out
from dcgan.study.plan_difference import difference
from dcgan.sweeps.planned_before import kept
from dcgan.sweeps.sweep import Sweep, find_study
from dcgan.sweeps.sweep import load as load_sweep
from dcgan.sweeps.sweep import parse as parse_sweep


def load(study: str) -> Plan:
    """The plan of a study that was written, worked out anew and checked against what was written.

    That of an earlier version whose runs would be other ones now (`dcgan.experiment.recipes`) is of those runs: they
    can be looked at, scored and reported, and `check_recipes` keeps them from being trained. Raises Misuse if there is
    no such study, or if this version of the program makes other runs of it, and DcganError for a damaged plan.
    """
    folder = find_study(study)
    where = str(folder / plan_file.NAME)
    return _again(load_sweep(str(folder / "sweep.yaml")), plan_file.read(folder), where, folder.name)


def check(plan: Plan) -> None:
    """Refuses a study of which trials ran under another plan.

    More or fewer seeds continue a study; anything else is another study. A rule to stop is part of the plan, and with
    it the seeds: its error rate holds for those looks alone. So are the seeds of a replication, and none of them may
    become one of the study that it replicates. Raises Misuse naming the first difference.
    """
    if not (plan.directory / plan_file.NAME).exists():
        return
    written = plan_file.read(plan.directory)
    _check_name(written.study, plan.study, str(plan.directory / plan_file.NAME))
    changed = difference(written, plan)
    if changed and any((paths.runs() / trial.run).is_dir() for trial in written.trials):
        back = "" if changed.startswith("since then") else "change it back, or "
        raise Misuse(
            f"study '{plan.study}' has run trials under another plan ({changed}): {back}branch "
            f"with another name, study={plan.sweep.tuning_of or plan.study}-2"
        )
    fresh = {seed: replication.study for replication in replications_of(plan.directory) for seed in replication.seeds}
    if taken := [seed for seed in plan.seeds if seed in fresh]:
        raise Misuse(
            f"seeds: {taken[0]} is a seed of {fresh[taken[0]]}, a replication of this study that is judged alone: for "
            f"more seeds, dcgan sweep {plan.study} --more N"
        )


def write(plan: Plan) -> Plan:
    """Writes studies/NAME/{sweep.yaml,plan.json}; returns the plan as it stands there, with how its seeds were changed.

    Raises Misuse as `check` does.
    """
    check(plan)
    plan = replace(plan, seed_changes=plan.seed_changes or _seed_changes(plan))
    write_text(plan.directory / "sweep.yaml", plan.sweep.to_yaml())
    plan_file.write(plan.directory, plan.record())
    return plan


def _seed_changes(plan: Plan) -> tuple[SeedChange, ...]:
    """How the seeds of its study were changed after runs were over, with the change that this plan is of the last."""
    if not (plan.directory / plan_file.NAME).exists():
        return ()
    written = plan_file.read(plan.directory)
    if written.seeds == plan.seeds:
        return written.seed_changes
    undone = {trial.seed for trial in written.trials if not is_over(trial.run)}
    finished = len(set(written.seeds) - undone)
    now = (SeedChange(written.seeds, plan.seeds, finished),) if finished else ()
    return written.seed_changes + now


def adopt(study: str, content: Mapping[str, Any], where: str) -> Plan:
    """The plan of that study that a storage holds (`sweep`: YAML, `plan`: JSON), written into this machine's folder.

    Raises Misuse if it is another study's, if this version of the program makes other runs of it, or if another study
    of that name ran here, and DcganError for a damaged one.
    """
    try:
        written = PlanRecord.from_json(content["plan"], where)
    except DcganError as error:
        raise DcganError(f"{error}: type the `dcgan sweep` command again") from None
    return write(_again(parse_sweep(parse_yaml(content["sweep"]), where), written, where, study))


def _check_name(found: str, study: str, where: str) -> None:
    """Refuses a plan under another study's name: what it says would be written into that study's folder."""
    if found != study:
        raise Misuse(
            f"{where} is the plan of study '{found}', not of '{study}': put it back under its own name, or "
            f"plan the study anew, dcgan sweep ... study={study}"
        )


def _again(sweep: Sweep, written: PlanRecord, where: str, study: str) -> Plan:
    """The plan of that study that was written, worked out anew."""
    for found in (written.study, sweep.study):
        _check_name(found, study, where)
    if written.content is None:
        raise DcganError(f"{where} is damaged (no 'content'): type the `dcgan sweep` command again")
    # What a version that knew no such key would be given today's usual of stands in the plan: scale, start.
    scale = {} if written.scale is None else {"scale": written.scale}
    sweep = sweep.model_copy(update={**scale, **kept(written, sweep.set)})
    # Who watches is a matter of this machine, whatever an earlier version, or anybody else, wrote into it.
    base = parse_experiment(dict(written.content), f"{where}: content").unwatched()
    _check_places(sweep, base, written, where)
    versions = (None, *reversed(range(len(RECIPES))))
    plans = (work_out(sweep, base, written.tuned, written.grown, known) for known in versions)
    return replace(_first_alike(written, plans), seed_changes=written.seed_changes)


def _check_places(sweep: Sweep, base: Experiment, written: PlanRecord, where: str) -> None:
    """Raises DcganError for a plan that would have this machine read images that nobody saw when it was planned, or
    whose tuning changes what it does not tune."""
    if base.data.name == "folder" and base.data.fingerprint is None:
        raise DcganError(f"{where} is damaged: data.folder={base.data.folder} has no data.fingerprint")
    tuned = {path for values in (written.tuned.values() if written.tuned else {}).values() for path in values}
    if other := sorted(tuned - set(sweep.tune.names if sweep.tune else ())):
        raise DcganError(f"{where} is damaged: tuned: {other[0]} is not among what is tuned")


def _first_alike(written: PlanRecord, plans: Iterable[Plan]) -> Plan:
    """The first of these plans that the written one is. Raises Misuse, with what is other in the very first."""
    changed = None
    for plan in plans:
        changed_here = difference(written, plan)
        if changed_here is None:
            return plan
        changed = changed or (plan.study, changed_here)
    assert changed is not None  # noqa: S101 - for the type checker
    raise Misuse(f"study '{changed[0]}' was planned by another version of dcgan ({changed[1]}): use that version here")
