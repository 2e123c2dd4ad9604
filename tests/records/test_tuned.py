"""What a tuning chose: told in a line, with what a reader should know, and read as it was written."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dcgan.records.tuned import Choice, Tuned

G = "optimizer.generator.lr"
CHOICE = Choice(
    candidate=3, tried=8, values={G: 4e-4}, own={G: 2e-4}, lowest={G: 1e-4}, highest={G: 8e-4}, score=31.2,
    own_score=40.1,
)  # fmt: skip


def test_a_choice_is_told_in_a_line() -> None:
    assert CHOICE.line("fid") == f"{G}=0.0004, candidate 3 of 8; fid 31.2, as it is 40.1"


@pytest.mark.parametrize(
    ("value", "lowest", "highest", "side"),
    [(4e-4, 1e-4, 8e-4, ""), (1e-4, 1e-4, 8e-4, "smallest"), (8e-4, 1e-4, 8e-4, "largest"), (2e-4, 2e-4, 2e-4, "")],
)
def test_the_end_of_what_was_tried_is_told(value: float, lowest: float, highest: float, side: str) -> None:
    choice = replace(CHOICE, values={G: value}, lowest={G: lowest}, highest={G: highest})
    assert choice.at_edge(G) == side
    assert choice.remarks() == ([f"the {side} {G} tried: a wider range might do better"] if side else [])


def test_what_was_lost_or_not_read_is_remarked() -> None:
    remarks = replace(CHOICE, unused=("optimizer.discriminator.lr",), lost=2).remarks()
    assert remarks == ["nothing reads optimizer.discriminator.lr here", "2 of its runs ended without a score"]
    assert replace(CHOICE, score=None).remarks() == ["no run of 8 candidates ended with a score: the arm as it is"]


def test_it_survives_json_and_what_does_not_fit_is_refused() -> None:
    tuned = Tuned("tips-tuning", "fid", 16, (1_000_000, 1_000_001), "train", {"bare": CHOICE})
    content = json.loads(json.dumps(tuned.to_json()))
    assert Tuned.from_json(content) == tuned
    assert tuned.changes("bare") == {G: 4e-4}
    assert tuned.changes("an arm that was not tuned") == {}
    assert tuned.lines() == [f"tuned bare: {CHOICE.line('fid')}"]
    choice = content["arms"]["bare"]
    with pytest.raises(ValueError, match="numbers are none"):
        Tuned.from_json({**content, "arms": {"bare": {**choice, "score": "x"}}})
    del choice["lowest"][G]
    with pytest.raises(ValueError, match="values and lowest are of different paths"):
        Tuned.from_json(content)
