"""Filters find the runs that are meant, and lead on where a word is none."""

from __future__ import annotations

import pytest

from dcgan.common import paths
from dcgan.common.errors import Misuse
from dcgan.experiment import Experiment
from dcgan.runs.inventory import take
from dcgan.runs.run_filters import RunFilter, chosen
from tests.kept_runs import keep_run, plan_of


@pytest.fixture
def names(tiny: Experiment) -> dict[str, str]:
    """Three runs: of a study, with another learning rate, and a failed one. Their names by id."""
    first = keep_run(tiny)
    fast = keep_run(tiny.with_({"optimizer.generator.lr": 1e-3, "seed": 3}), scores={"fid": 70.0})
    failed = keep_run(tiny.with_({"update.leak": True, "name": "leaky"}), status="failed", scores={})
    plan_of("mnist-tips", baseline=first)
    return {first.path.name: "first", fast.path.name: "fast", failed.path.name: "failed"}


def _found(words: list[str], names: dict[str, str]) -> set[str]:
    runs = take(paths.runs(), paths.studies()).runs
    return {names[run.id] for run in chosen(runs, [RunFilter.parse(word) for word in words])}


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], {"first", "fast", "failed"}),
        (["state=failed"], {"failed"}),
        (["status!=failed"], {"first", "fast"}),
        (["--state=failed"], {"failed"}),
        (["study=mnist-tips"], {"first"}),
        (["study=mnist-*"], {"first"}),
        (["sweep=mnist-tips"], {"first"}),
        (["mnist-tips"], {"first"}),
        (["mnist-*", "fid<60"], {"first"}),
        (["arm=baseline"], {"first"}),
        (["experiment=tiny"], {"first", "fast"}),
        (["seed=3"], {"fast"}),
        (["seed>0"], {"fast"}),
        (["fid<60"], {"first"}),
        (["fid >= 5e1"], {"first", "fast"}),
        (["kid<60"], set()),
        (["optimizer.generator.lr=0.001"], {"fast"}),
        (["optimizer.generator.lr=1e-3"], {"fast"}),
        (["update.leak=true"], {"failed"}),
        (["generator.normalisation=b*", "fid>60"], {"fast"}),
        (["data.folder=null"], {"first", "fast", "failed"}),
    ],
)
def test_all_filters_hold_of_what_is_found(names: dict[str, str], words: list[str], found: set[str]) -> None:
    assert _found(words, names) == found


def test_an_id_is_found_by_its_beginning(names: dict[str, str]) -> None:
    run = next(iter(names))
    for word in (f"id={run[:7]}", run[:7], run[:7].upper()):
        assert _found([word], names) == {names[run]}


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("failed", "'failed' is a state: state=failed"),
        ("not begun", "'not begun' is a state: state='not begun'"),
        ("what?!", "expected a filter such as state=failed"),
        ("mnist-tip", "is no study that a run here belongs to, and no run's id begins so; did you mean 'mnist-tips'?"),
        ("see=3", r"runs have no 'see'; did you mean 'seed'\?$"),
        ("stat=failed", "runs have no 'stat'; did you mean 'state'"),
        ("lr=0.1", "did you mean 'optimizer.generator.lr' or 'optimizer.discriminator.lr'"),
        ("state=finshed", "no such state; did you mean 'finished'"),
        ("fid<low", "'fid<low': < compares numbers"),
        ("study=mnist-tip", "no run belongs to a study 'mnist-tip'; did you mean 'mnist-tips'"),
    ],
)
def test_a_word_that_is_none_leads_on(names: dict[str, str], word: str, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        _found([word], names)
