"""A run shown from its directory alone."""

from __future__ import annotations

from dcgan.runs.directory import RunDirectory
from dcgan.tracking.tracker import replay
from tests.tracking.test_mirror import Kept


def test_a_replay_shows_the_rows_that_are_lacking_and_how_the_run_stands(trained: RunDirectory) -> None:
    kept = Kept(next_images=150)
    replay(trained, kept)
    assert [row.images for row in kept.rows] == [200, 300]
    assert kept.rows[-1].grid == trained.samples / "final.png"
    assert kept.ended == trained.record()


def test_a_run_that_never_began_is_not_shown(trained: RunDirectory) -> None:
    (trained.path / "run.json").unlink()
    kept = Kept()
    replay(trained, kept)
    assert kept.rows == [] and kept.ended is None
