"""Which trials of a study are to be done now, as far as its runs tell, and which never will be."""

from __future__ import annotations

from collections.abc import Mapping

from dcgan.records.run_record import RunRecord
from dcgan.statistics.sequential.interim_analysis import InterimAnalysis, StoppingRules, follow
from dcgan.study.outcomes import outcomes, scores
from dcgan.study.plan import Plan, Trial


def pending_trials(plan: Plan) -> list[Trial]:
    """Every trial that is to be done now, in running order, whether it is done or not.

    All of them, unless the study stops when decided: then those of the looks so far and of the next one.
    """
    if plan.looks is None:
        return list(plan.trials)
    return _within_horizon(plan, course(plan, outcomes(plan)))


def skipped(plan: Plan, known: Mapping[str, RunRecord]) -> frozenset[str]:
    """The runs that need not be made any more, given the runs there are, by id: their comparison is decided, or a
    search gave their combination up."""
    if plan.looks is None:
        return _given_up(plan, known)
    state = course(plan, known)
    wanted = {trial.run for trial in _within_horizon(plan, state)}
    settled = [arm for arm, judged in state.judged.items() if judged.decided or state.over]
    never = {*settled, *([plan.baseline] if state.over else [])}
    left = [trial for trial in plan.trials if trial.arm in never and trial.run not in wanted]
    return frozenset(trial.run for trial in left if not (trial.run in known and known[trial.run].is_over))


def _given_up(plan: Plan, known: Mapping[str, RunRecord]) -> frozenset[str]:
    """The runs that were not made of the combinations that a search gave up, unless another one is the same."""
    over = plan.grown.over if plan.grown else ()
    wanted = {trial.run for trial in plan.trials if trial.arm not in over}
    left = {trial.run for trial in plan.trials if trial.arm in over} - wanted
    return frozenset(run for run in left if (run not in known or known[run].status == "running"))


def course(plan: Plan, known: Mapping[str, RunRecord]) -> InterimAnalysis:
    """How far a study that stops when decided is. A run that diverged or was pruned ended without a score.

    One that failed did not end: the look waits for it, so that trying it again changes nothing that was decided.
    """
    looks = plan.looks
    assert looks is not None  # noqa: S101 - for the type checker; the callers ask first
    ended = {(trial.arm, trial.seed) for trial in plan.trials if trial.run in known and known[trial.run].is_over}
    return follow(
        looks,
        plan.seeds,
        scores(plan, known),
        ended,
        StoppingRules(plan.sweep.goal, scale=plan.sweep.scale),
        baseline=plan.baseline,
        arms=[arm.name for arm in plan.arms[1:]],
    )


def _within_horizon(plan: Plan, state: InterimAnalysis) -> list[Trial]:
    """The trials of the seeds that each arm is to be run with; the baseline runs as long as any other arm."""
    horizon = {arm.name: state.horizon(arm.name) for arm in plan.arms[1:]}
    horizon[plan.baseline] = max(horizon.values())
    number = {seed: index for index, seed in enumerate(plan.seeds)}
    return [trial for trial in plan.trials if number[trial.seed] < horizon[trial.arm]]
