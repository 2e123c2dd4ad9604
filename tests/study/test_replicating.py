"""Replications: fresh seeds for the same arms, one after the other, and what cannot be replicated."""

from __future__ import annotations

from typing import Any

import pytest

from dcgan.common.errors import Misuse
from dcgan.common.files import read_json
from dcgan.study import stored_plans
from dcgan.study.outlook import look_ahead
from dcgan.study.plan import Plan
from dcgan.study.replicating import replication
from dcgan.study.stages import planned, stages
from dcgan.sweeps import sweep
from tests.study.recorded import STOP, end, plan_of, written_plan
from tests.study.tunings import TUNE, end_all


def _finished(plan: Plan) -> Plan:
    stored_plans.write(plan)
    for trial in plan.trials:
        end(trial)
    return plan


def test_fresh_seeds_for_the_same_arms_and_nothing_is_trained_twice(write_sweep: Any) -> None:
    first = _finished(plan_of(write_sweep(), seeds=[4, 1], scale="difference", retries=1))
    again = replication("small", 3)
    assert (again.study, again.seeds, again.sweep.replicates) == ("small-more-1", (5, 6, 7), "small")
    assert again.record().arms == first.record().arms
    assert not {trial.run for trial in again.trials} & {trial.run for trial in first.trials}
    same = {trial.arm: trial.experiment for trial in first.trials}
    assert all(trial.experiment == same[trial.arm].with_seed(trial.seed) for trial in again.trials)
    own = {"study", "seeds", "replicates"}
    assert first.sweep.model_dump(exclude=own) == again.sweep.model_dump(exclude=own)
    assert not again.directory.exists(), "only planned so far"
    stored_plans.write(again)
    assert stored_plans.load("small-more-1") == again
    assert planned(sweep.load(str(again.directory / "sweep.yaml"))) == [again], "its own file goes on with it, too"


def test_the_last_one_is_gone_on_with_until_it_is_complete(write_sweep: Any) -> None:
    _finished(plan_of(write_sweep()))
    stored_plans.write(replication("small", 2))
    assert replication("small", 4).seeds == (2, 3, 4, 5), "of which no run was begun: planned anew"
    one = replication("small", 3)
    stored_plans.write(one)
    end(one.trials[0])
    assert replication("small", 3) == one
    with pytest.raises(Misuse, match="'small-more-1' was begun with 3 seeds and is not finished: --more 3 goes on"):
        replication("small", 2)
    _finished(one)
    two = replication("small", 2)
    assert (two.study, two.seeds) == ("small-more-2", (5, 6))


def test_seeds_that_were_dropped_are_not_fresh(write_sweep: Any) -> None:
    _finished(plan_of(write_sweep(), seeds=5))
    _finished(plan_of(write_sweep(), seeds=3))
    assert replication("small", 2).seeds == (5, 6)


def test_what_the_arms_were_tuned_to_is_kept_and_nothing_is_tuned_again(write_sweep: Any) -> None:
    path = write_sweep(factors=["batch_norm"], tune=TUNE)
    for plan in stages(sweep.load(path)):
        stored_plans.write(plan)
        end_all(plan, {"bare@2": 5.0})
    again = replication("small", 2)
    assert again.tuned == plan.tuned
    stored_plans.write(again)
    assert planned(sweep.load(str(again.directory / "sweep.yaml"))) == [again]
    (again.directory / "plan.json").unlink()
    with pytest.raises(Misuse, match="'small-more-1' is a replication: dcgan sweep small --more N plans it"):
        planned(sweep.load(str(again.directory / "sweep.yaml")))


def test_the_spread_of_the_first_says_what_fresh_seeds_resolve(write_sweep: Any) -> None:
    _finished(plan_of(write_sweep(), seeds=4))
    told = look_ahead(replication("small", 4), workers=1).to_json()
    assert told["replicates"] == "small" and (told["trials"], told["reused"]) == (12, 0)
    assert "measured spread" in told["resolution"] and not told["spread_assumed"]
    assert told["resolvable_difference"] > 0


def test_raising_seeds_after_a_look_is_kept_and_never_takes_those_of_a_replication(write_sweep: Any) -> None:
    path = write_sweep()
    stored_plans.write(plan_of(path, seeds=2))
    stored_plans.write(plan_of(path, seeds=3))
    first = _finished(plan_of(path, seeds=2))
    assert stored_plans.load("small").seed_changes == (), "nothing was finished when they were changed"
    written = stored_plans.write(plan_of(path, seeds=4))
    (change,) = written.seed_changes
    assert (change.before, change.after, change.finished) == (first.seeds, (0, 1, 2, 3), 2)
    assert stored_plans.load("small").seed_changes == (change,)
    assert read_json(first.directory / "plan.json")["seed_changes"] == [change.to_json()]
    assert stored_plans.write(plan_of(path, seeds=4)).seed_changes == (change,), "kept, and told once"
    moved = {"sweep": written.sweep.to_yaml(), "plan": written.record().to_json()}
    (first.directory / "plan.json").unlink()
    assert stored_plans.adopt("small", moved, "elsewhere").seed_changes == (change,)
    _finished(written)
    stored_plans.write(replication("small", 2))
    with pytest.raises(
        Misuse, match=r"seeds: 4 is a seed of small-more-1, a replication .* dcgan sweep small --more N"
    ):
        stored_plans.write(plan_of(path, seeds=5))
    own = str(replication("small", 2).directory / "sweep.yaml")
    end(replication("small", 2).trials[0])
    with pytest.raises(Misuse, match="'small-more-1' has run trials under another plan .seeds: "):
        planned(sweep.load(own, {"seeds": [4, 5, 6]}))


def test_what_cannot_be_replicated_is_refused_in_one_line(write_sweep: Any) -> None:
    with pytest.raises(Misuse, match="no study named 'small'"):
        replication("small", 3)
    with pytest.raises(Misuse, match="--more 1000000000: 100,000 seeds are the most"):
        replication("small", 10**9)
    plan = written_plan(write_sweep, name="stopping", stop=STOP)
    for trial in plan.trials:
        end(trial)
    refusals = {"stopping": "stops when decided"}
    written_plan(write_sweep, set={"latent.dim": 6})
    refusals["small"] = r"not finished \(0 of 6 trials finished, 6 waiting\): type its `dcgan sweep` command again"
    stored_plans.write(next(iter(stages(sweep.load(write_sweep("tuned", tune=TUNE))))))
    refusals |= {"tuned": "so far there is tuned-tuning", "tuned-tuning": "replicate the comparison, study 'tuned'"}
    stored_plans.write(next(iter(stages(sweep.load(write_sweep("found", design={"search": {"trials": 4}}))))))
    refusals |= {"found": "so far there is found-search", "found-search": "replicate the comparison, study 'found'"}
    _finished(plan_of(write_sweep("done")))
    stored_plans.write(replication("done", 2))
    refusals["done-more-1"] = "is a replication itself: dcgan sweep done --more N"
    for study, said in refusals.items():
        with pytest.raises(Misuse, match=said) as refusal:
            replication(study, 3)
        assert "\n" not in str(refusal.value)
    with pytest.raises(Misuse, match="--more 1: a replication is judged alone, and one seed shows no spread"):
        replication("done", 1)
