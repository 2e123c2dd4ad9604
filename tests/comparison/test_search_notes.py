"""How the arms of a study were found, told to its reader."""

from __future__ import annotations

from dataclasses import replace

from dcgan.comparison.search_notes import labels_of, search_notes
from dcgan.records.growth import Growth
from dcgan.records.plan_file import PlanRecord
from dcgan.records.search_file import SearchScore
from tests.known_studies import SEARCH

RECORD = replace(
    SEARCH, chosen={"s003": {"he_init": "on", "batch_norm": "off"}}, values={"s003": SearchScore(30.123, 12.0)}
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


def test_an_arm_that_is_called_by_its_settings_has_its_number_beside() -> None:
    arm = "he_init on, batch_norm off"
    named = replace(RECORD, chosen={arm: RECORD.chosen["s003"]}, values={arm: RECORD.values["s003"]})
    _, told = search_notes(replace(named, found_as={arm: "s003"}))
    assert told.startswith("he_init on, batch_norm off: s003 of tips-search. In the search it had FID 30.12, where")


def test_the_arms_of_a_search_are_told_by_what_they_change() -> None:
    usual = {"he_init": "off", "optimizer.generator.lr": "0.0002", "optimizer.discriminator.lr": "0.0002"}
    arms = {"s000": usual, "s001": {**usual, "he_init": "on"}, "s002": {**usual, "optimizer.generator.lr": "0.001"}}
    arms["s003"] = arms["s001"]
    plan = PlanRecord(study="a-search", baseline="s000", arms=arms, grown=Growth(arms))
    assert list(labels_of(plan).values()) == ["baseline", "he_init on", "generator.lr 0.001", "he_init on (s003)"]
    assert labels_of(replace(plan, grown=None)) == {}


def test_what_was_pruned_and_how_is_told() -> None:
    settings = {**RECORD.settings, "pruner": "median"}
    how, arm = search_notes(
        replace(RECORD, settings=settings, own_seeds=(2_000_000, 2_000_001), finished=15, over=5, baseline=None)
    )
    assert "sampler tpe, pruner median, 20 combinations on seeds 2000000 to 2000001" in how
    assert "15 finished, 5 were pruned, diverged or failed." in how
    assert "it had FID 30.12: as one of the best" in arm
