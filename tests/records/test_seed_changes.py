"""How a change of seeds is told, and kept."""

from __future__ import annotations

import pytest

from dcgan.records.seed_changes import SeedChange


@pytest.mark.parametrize(
    ("before", "after", "finished", "told"),
    [
        (8, range(12), 8, "Seeds were raised from 8 to 12 after 8 were finished"),
        (8, range(12), 1, "Seeds were raised from 8 to 12 after 1 was finished"),
        (8, range(5), 6, "Seeds were lowered from 8 to 5 after 6 were finished"),
        (3, range(7, 10), 3, "Seeds were exchanged for others after 3 were finished"),
    ],
)
def test_what_was_changed_is_told(before: int, after: range, finished: int, told: str) -> None:
    change = SeedChange(tuple(range(before)), tuple(after), finished)
    assert change.words().startswith(f"{told}: ")
    assert SeedChange.from_json(change.to_json()) == change
