"""Planning a replication: the arms of a finished study again, on fresh seeds, as a study of its own that is judged
alone.

Raising the seeds of a study after a look finds too much, and so does pooling what was seen with what is added. A
replication has its own error rate instead, and stands beside the first study.
"""

from __future__ import annotations

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.records import plan_file, search_file
from dcgan.records.plan_file import PlanRecord
from dcgan.records.replications import number_of, replication_name, replications_of
from dcgan.study import stored_plans
from dcgan.study.plan import Plan, work_out
from dcgan.study.plan_difference import check_recipes
from dcgan.study.stages import tuning_stage
from dcgan.study.status import Overview
from dcgan.sweeps.designs import MOST_TRIALS
from dcgan.sweeps.designs.search import SUFFIX as SEARCH
from dcgan.sweeps.sweep import parse

_FEWEST = 2  # seeds: one shows no spread


def replication(study: str, seeds: int) -> Plan:
    """The plan of the next replication of a study, on so many fresh seeds; of its last one while that is not complete.

    Fresh seeds follow on all that the study and its replications ever had. Writes nothing. Raises Misuse for a study
    that cannot be replicated, or is not finished, and for another number of seeds than one that was begun has.
    """
    if seeds < _FEWEST:
        raise Misuse(f"--more {seeds}: a replication is judged alone, and one seed shows no spread: give 2 or more")
    if seeds > MOST_TRIALS:
        raise Misuse(f"--more {seeds}: {MOST_TRIALS:,} seeds are the most")
    _check_planned(study)
    first = stored_plans.load(study)
    _check(first)
    before = [each for each in replications_of(first.directory) if _is_begun(each)]
    if before and not Overview(last := stored_plans.load(before[-1].study)).look().complete:
        if len(last.seeds) != seeds:
            raise Misuse(
                f"--more {seeds}: replication '{last.study}' was begun with {len(last.seeds)} seeds and is not "
                f"finished: --more {len(last.seeds)} goes on with it"
            )
        return last
    used = {*first.seeds, *(seed for record in before for seed in record.seeds)}
    used |= {seed for change in first.seed_changes for seed in (*change.before, *change.after)}
    number = 1 + (number_of(before[-1].study) if before else 0)
    changes = {
        "study": replication_name(study, number),
        "replicates": study,
        "seeds": [max(used) + 1 + index for index in range(seeds)],
    }
    sweep = parse({**first.sweep.model_dump(mode="json"), **changes}, f"replication of '{study}'")
    return work_out(sweep, first.base, first.tuned)


def _check_planned(study: str) -> None:
    """Raises Misuse for a study of which only a search or a tuning is here; `stored_plans.load` for one that is not."""
    root = paths.studies()
    if plan_file.is_study(root / study):
        return
    record = search_file.read(root / study)
    if record is not None and not record.chosen:
        raise Misuse(f"study '{study}': nothing beat the baseline in its search, so there is nothing to replicate")
    for before in (study + SEARCH, tuning_stage.name(study)):
        if plan_file.is_study(root / before):
            raise Misuse(_unfinished_words(study, f"so far there is {before}"))


def _check(first: Plan) -> None:
    """Raises Misuse for a study that cannot be replicated, or not yet."""
    study, replicated = first.study, first.sweep.replicates
    if replicated is not None:
        raise Misuse(f"study '{study}' is a replication itself: dcgan sweep {replicated} --more N makes another one")
    if first.compared != study:
        raise Misuse(
            f"study '{study}' only chooses what is compared: replicate the comparison, study '{first.compared}'"
        )
    if first.looks is not None:
        raise Misuse(
            f"study '{study}' stops when decided: more seeds than its at_most are no part of its error rate; for fresh "
            f"ones, type its `dcgan sweep` command with study={study}-2 and seeds that it did not have"
        )
    check_recipes(first)
    standing = Overview(first).look()
    if not standing.complete:
        raise Misuse(_unfinished_words(study, standing.line()))


def _unfinished_words(study: str, how: str) -> str:
    return f"study '{study}' is not finished ({how}): type its `dcgan sweep` command again, then this one"


def _is_begun(replication: PlanRecord) -> bool:
    """Whether some run of it was begun; one of which none was is planned anew."""
    return any((paths.runs() / trial.run).is_dir() for trial in replication.trials)
