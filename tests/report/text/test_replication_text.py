"""What a reader is told of replications, and of adding seeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from dcgan.comparison.analysis import analyse
from dcgan.comparison.from_study import from_study
from dcgan.comparison.from_table import from_csv
from dcgan.records.plan_file import PlanRecord
from dcgan.records.seed_changes import SeedChange
from dcgan.report import write
from dcgan.report.text.banners import banners
from dcgan.report.text.numbers import Numbers
from dcgan.report.text.replication_text import more_seeds, replications_view
from tests.report.designs import tips, write_study

Make = Callable[..., Path]


def test_a_section_for_each_with_both_findings_and_whether_they_agree(study: Make, tmp_path: Path) -> None:
    folder = study()
    study(name="tips-more-1", first_seed=5, seeds=4, replicates="tips")
    study(name="tips-more-2", first_seed=9, seeds=4, replicates="tips", statuses={("he_init", 9): "planned"})
    results = from_study(folder)
    one, two = replications_view(analyse(results), Numbers(2, "ratio"))
    assert one["title"] == "Replication 1: seeds 5 to 8" and one["seeds"] == "4 fresh seeds"
    assert one["answer"] == "Of 2 verdicts that something helps or hurts, 2 came out the same again."
    first = one["rows"][0]
    assert (first["name"], first["first_kind"], first["kind"], first["agreement"]) == (
        "he_init", "helps", "helps", "agrees",
    )  # fmt: skip
    assert first["first"] != first["again"] and " %" in first["first"]
    assert two["answer"] == "It is not finished: 15 of 16 trials are done."
    assert {(row["kind"], row["agreement"]) for row in two["rows"]} == {("–", "not finished")}  # noqa: RUF001
    told = write(results, tmp_path / "report")
    assert [(each["study"], each["seeds"], each["partial"]) for each in told["replications"]] == [
        ("tips-more-1", [5, 6, 7, 8], False),
        ("tips-more-2", [9, 10, 11, 12], True),
    ]
    found = told["replications"][0]["found"][0]
    assert found["name"] == "he_init" and found["agreement"] == "agrees"
    of_first = next(tip for tip in told["tips"] if tip["label"] == "he_init")
    assert found["first"]["estimate"] == of_first["effect"] != found["estimate"]
    for document in ("index.html", "report.md"):
        text = (tmp_path / "report" / document).read_text()
        assert "Replication 1: seeds 5 to 8" in text and "judged alone" in text


def test_the_effects_of_a_design_are_what_is_replicated(tmp_path: Path) -> None:
    folder = write_study(tmp_path, "factorial", tips(2), {(name.name,): 9.0 for name in tips(1)}, noise=0.1)
    plan, table = folder / "plan.json", folder / "trials.csv"
    again = folder.with_name("designed-more-1")
    again.mkdir()
    content = json.loads(plan.read_text())
    (again / "plan.json").write_text(
        json.dumps({**content, "study": again.name, "replicates": "designed", "seeds": [0, 1, 2]})
    )
    (again / "trials.csv").write_text(table.read_text())
    (section,) = replications_view(analyse(from_study(folder)), Numbers(2))
    assert [(row["name"], row["agreement"]) for row in section["rows"]] == [
        ("small_networks", "agrees"),
        ("he_init", section["rows"][1]["agreement"]),
    ]


def test_more_seeds_are_asked_for_in_one_way(study: Make, three_arms: Path) -> None:
    table = more_seeds(analyse(from_csv(three_arms)))
    assert table == "Choose the number before running: adding seeds until something turns up finds too much."
    told = more_seeds(analyse(from_study(study())))
    assert "dcgan sweep tips --more N" in told and "stop: {when: decided" in told and "Nothing is pooled." in told


def test_seeds_that_were_raised_after_a_look_are_a_banner(study: Make) -> None:
    results = from_study(study())
    plan = results.plan
    assert isinstance(plan, PlanRecord) and not any("raised" in line for line in banners(analyse(results)))
    raised = replace(plan, seed_changes=(SeedChange((0, 1, 2), (0, 1, 2, 3, 4), 3),))
    (line,) = [line for line in banners(analyse(replace(results, plan=raised))) if "raised" in line]
    assert line.startswith("Seeds were raised from 3 to 5 after 3 were finished: ")
