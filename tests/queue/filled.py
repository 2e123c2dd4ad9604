"""Plans and their queues, filled and drained without training anything."""

from __future__ import annotations

from collections import Counter
from typing import Any

import optuna

from dcgan.queue import Queue
from dcgan.queue.storage import open_storage
from dcgan.records.run_record import RunRecord
from dcgan.study import plan as planning
from dcgan.study import stored_plans
from dcgan.study.plan import Plan, Trial
from dcgan.sweeps import sweep
from tests.tiny import drain, record

FINISHED = record(scores={"fid": 1.5})


def never_began(_trial: Trial) -> RunRecord | None:
    """What is known of a trial that never ran."""
    return None


def plan_of(write_sweep: Any, **changes: Any) -> Plan:
    """A written plan of the small sweep with these changes."""
    plan = planning.make(sweep.load(write_sweep(), changes))
    stored_plans.write(plan)
    return plan


def filled(plan: Plan) -> Queue:
    """The plan's queue, of which nothing ran yet."""
    queue = Queue(plan)
    queue.fill(never_began)
    return queue


def drained(queue: Queue, outcome: RunRecord = FINISHED) -> list[tuple[str, int]]:
    """Settles all trials with that outcome; returns their arms and seeds in the order they came."""
    return drain(queue, outcome)


def states(plan: Plan) -> Counter[str]:
    """How many trials Optuna has in each state."""
    study = optuna.load_study(study_name=plan.study, storage=open_storage(plan.directory, None))
    return Counter(trial.state.name for trial in study.get_trials(deepcopy=False))
