"""The studies of a sweep, one after the other: its tuning or search, if it has one, then its own."""

from __future__ import annotations

from collections.abc import Iterator

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.records import plan_file
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan
from dcgan.study.plan_difference import difference
from dcgan.study.stages import search_stages as searching
from dcgan.study.stages import tuning_stage
from dcgan.sweeps.sweep import Sweep


def stages(sweep: Sweep) -> Iterator[Plan]:
    """The plans in the order in which they are to be run, the sweep's own last.

    Each is worked out from the runs of those before: ask for the next one when they are over. What the sweep's own
    plan took from them stays once that was written, as long as it is the same sweep. Raises as `planned`.
    """
    if searching.is_search(sweep):
        yield from searching.stages(sweep)
        return
    *before, last = planned(sweep)
    for plan in before:
        # A worker that joins the study now must find the tuning, not an older plan of which no trial was run.
        (last.directory / plan_file.NAME).unlink(missing_ok=True)
        yield plan
        last = planning.make(sweep, tuning_stage.choose(plan))
    yield last


def planned(sweep: Sweep) -> list[Plan]:
    """The plans of the stages that are left of a sweep that does not search, as far as they are known: arms still to be
    tuned are there as they are.

    Raises Misuse for what cannot be, and for a study that ran trials under another plan.
    """
    tunable = sweep.tune is not None and sweep.tuning_of is None
    folder = paths.studies() / sweep.study
    written = plan_file.read(folder) if tunable and (folder / plan_file.NAME).exists() else None
    tuned = written.tuned if written else None
    if sweep.replicates is not None and not plan_file.is_study(folder):
        raise Misuse(f"study '{sweep.study}' is a replication: dcgan sweep {sweep.replicates} --more N plans it")
    plan = planning.make(sweep, tuned)
    stored_plans.check(plan)
    if not tunable or (written and tuned and difference(written, plan) is None):
        return [plan]
    before = planning.make(tuning_stage.search(sweep))
    stored_plans.check(before)
    return [before, planning.make(sweep)]
