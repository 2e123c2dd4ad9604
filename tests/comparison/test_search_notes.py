"""How the arms of a study were found, told to its reader."""

from __future__ import annotations

from dataclasses import replace

from dcgan.comparison.search_notes import search_notes
from dcgan.records.search_file import SearchRecord, SearchScore

RECORD = SearchRecord(
    study="tips-search",
    settings={"sampler": "tpe", "pruner": "none", "trials": 20},
    own_seeds=(2_000_000,),
    split="validation",
    metric="fid",
    asked=20,
    finished=20,
    over=0,
    refused=0,
    baseline=41.237,
    chosen={"s003": {"he_init": "on", "batch_norm": "off"}},
    values={"s003": SearchScore(30.123, 12.0)},
)


def test_without_a_search_nothing_is_said() -> None:
    assert search_notes(None) == ()


def test_a_reader_is_told_how_it_went_and_that_the_best_of_many_flatters() -> None:
    how, arm = search_notes(RECORD)
    assert how == (
        "The arms were found by a search: sampler tpe, 20 combinations on seed 2000000, judged against the validation "
        "split; 20 finished. What is reported here are other seeds, which chose nothing."
    )
    assert arm == (
        "s003: he_init=on, batch_norm=off. In the search it had FID 30.12, where the baseline had 41.24: as one of the "
        "best of many, better than is to be expected again."
    )


def test_what_was_pruned_and_how_is_told() -> None:
    settings = {**RECORD.settings, "pruner": "median"}
    how, arm = search_notes(
        replace(RECORD, settings=settings, own_seeds=(2_000_000, 2_000_001), finished=15, over=5, baseline=None)
    )
    assert "sampler tpe, pruner median, 20 combinations on seeds 2000000 to 2000001" in how
    assert "15 finished, 5 were pruned, diverged or failed." in how
    assert "it had FID 30.12: as one of the best" in arm
