"""The mirror: what a tracker is given of a training that is live, resumed, interrupted; and when the tracker has troubles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dcgan.common.files import locked
from dcgan.experiment import Experiment
from dcgan.records.run_record import RunRecord
from dcgan.runs.directory import RunDirectory
from dcgan.tracking import mirror as mirrors
from dcgan.tracking.mirror import Mirror
from dcgan.tracking.rows import Row
from dcgan.tracking.tracker import Tracker
from dcgan.training.events import Ended, Event, Sampled, Scored, Started, Ticked
from tests.tiny import PROTOCOL, record


@dataclass
class Kept:
    """A tracker that keeps what it is given."""

    next_images: int = 0
    rows: list[Row] = field(default_factory=list)
    ended: RunRecord | None = None

    def log(self, row: Row) -> None:
        self.rows.append(row)

    def end(self, record: RunRecord) -> None:
        self.ended = record


@dataclass
class Opens:
    """Opens that tracker, by `do` first."""

    tracker: Tracker | None
    do: Callable[[], None] = lambda: None
    name: str = "the tracker"
    later: str = "later: by hand"
    abandoned: bool = False

    def open(self) -> Tracker | None:
        self.do()
        return self.tracker

    def stopped(self) -> str | None:
        return "somebody said so"

    def abandon(self) -> None:
        self.abandoned = True


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    Mirror._lost = False
    yield
    Mirror._lost = False
    Mirror._busy.clear()


def _play(mirror: Mirror, *events: Event, seconds: float = 15.0) -> None:
    for event in events:
        mirror(event)
    mirrors.wait_until_shown(seconds)


def _live(images: int) -> list[Event]:
    """A tick, scores and a grid, as a training tells them."""
    return [
        Ticked({"step": images / 10, "images": float(images), "loss_d": 0.5}),
        Scored(images, "validation", {"fid": 9.0, "density": 0.1}, PROTOCOL),
        Sampled(images, Path("grid.png")),
    ]


def test_all_of_the_same_images_is_one_row(tiny: Experiment, tmp_path: Path) -> None:
    kept = Kept()
    _play(Mirror(Opens(kept)), Started(tiny, tmp_path, 0, 200), *_live(100), *_live(200), Ended(record()))
    values = {"loss_d": 0.5, "validation/fid": 9.0}  # density is no curve: it stands in the summary
    assert kept.rows == [
        Row(100, {"step": 10, **values}, Path("grid.png")),
        Row(200, {"step": 20, **values}, Path("grid.png")),
    ]
    assert kept.ended == record()


def test_a_run_that_goes_on_shows_first_what_the_tracker_has_not_got(tiny: Experiment, trained: RunDirectory) -> None:
    kept = Kept(next_images=101)
    _play(Mirror(Opens(kept)), Started(tiny, trained.path, 300, 400), *_live(400), Ended(record()))
    assert [row.images for row in kept.rows] == [200, 300, 400]
    assert kept.rows[1].values["test/fid"] == 7.5


def test_events_at_the_images_where_it_went_on_join_their_row(tiny: Experiment, trained: RunDirectory) -> None:
    (trained.path / "scores.csv").unlink()
    kept = Kept(next_images=300)
    events = _live(300)[1:]
    _play(Mirror(Opens(kept)), Started(tiny, trained.path, 300, 300), *events, Ended(record()))
    assert kept.rows == [Row(300, {"step": 30, "loss_d": 0.125, "validation/fid": 9.0}, Path("grid.png"))]


def test_what_the_tracker_has_is_not_shown_again(tiny: Experiment, tmp_path: Path) -> None:
    kept = Kept(next_images=200)
    _play(Mirror(Opens(kept)), Started(tiny, tmp_path, 0, 200), *_live(100), *_live(200), Ended(record()))
    assert [row.images for row in kept.rows] == [200]


def test_training_does_not_wait_for_a_tracker_that_opens_late(tiny: Experiment, tmp_path: Path) -> None:
    kept, opened = Kept(), threading.Event()
    mirror = Mirror(Opens(kept, do=lambda: opened.wait(30) and None))
    for event in (Started(tiny, tmp_path, 0, 100), *_live(100), Ended(record())):
        mirror(event)
    assert kept.ended is None, "all events were taken while the tracker was still opening"
    opened.set()
    mirrors.wait_until_shown()
    assert [row.images for row in kept.rows] == [100]


def test_a_tracker_that_never_opens_is_given_up_after_the_time_and_for_the_whole_process(
    tiny: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hanging, kept = threading.Event(), Kept()
    opens = Opens(kept, do=lambda: hanging.wait() and None)
    began = time.monotonic()
    _play(Mirror(opens), Started(tiny, tmp_path, 0, 100), *_live(100), Ended(record()), seconds=0.2)
    assert time.monotonic() - began < 10, "not for ever"
    assert opens.abandoned
    assert (
        "note: the tracker is left out from here on (not all was sent within 0.2 s); later: by hand"
        in capsys.readouterr().err
    )
    other = Kept()
    _play(Mirror(Opens(other)), Started(tiny, tmp_path, 0, 100), *_live(100), Ended(record()))
    assert other.rows == []
    hanging.set()


def test_a_tracker_that_fails_is_one_note_and_nothing_more(
    tiny: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise ValueError("no such project\nsecond line")

    for _ in range(2):
        _play(Mirror(Opens(Kept(), do=fail)), Started(tiny, tmp_path, 0, 100), *_live(100), Ended(record()))
    assert capsys.readouterr().err == "note: the tracker is left out from here on (no such project); later: by hand\n"


def test_a_tracker_that_fails_later_ends_this_run_s_showing_alone(
    tiny: Experiment, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Fails(Kept):
        def log(self, row: Row) -> None:
            raise OSError("cannot read grid.png")

    _play(Mirror(Opens(Fails())), Started(tiny, tmp_path, 0, 100), *_live(100), Ended(record()))
    assert "note: the tracker does not show all of this run (cannot read grid.png)" in capsys.readouterr().err
    kept = Kept()
    _play(Mirror(Opens(kept)), Started(tiny, tmp_path, 0, 100), *_live(100), Ended(record()))
    assert kept.ended == record()


def test_a_tracker_that_cannot_be_abandoned_is_nobody_s_trouble(tiny: Experiment, tmp_path: Path) -> None:
    class Stuck(Opens):
        def abandon(self) -> None:
            raise RuntimeError("it is not ours")

    hanging = threading.Event()
    _play(Mirror(Stuck(Kept(), do=lambda: hanging.wait() and None)), Started(tiny, tmp_path, 0, 100), seconds=0.1)
    hanging.set()


def test_a_run_directory_says_while_it_is_shown(tiny: Experiment, tmp_path: Path) -> None:
    opened = threading.Event()
    mirror = Mirror(Opens(Kept(), do=lambda: opened.wait(30) and None))
    mirror(Started(tiny, tmp_path, 0, 100))
    deadline = time.monotonic() + 30
    while _is_free(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _is_free(tmp_path)
    opened.set()
    mirror(Ended(record()))
    mirrors.wait_until_shown()
    assert _is_free(tmp_path)


def _is_free(directory: Path) -> bool:
    with locked(directory / mirrors.BEING_SHOWN, wait=False) as free:
        return free


def test_where_nothing_is_to_be_shown_events_are_not_kept(tiny: Experiment, tmp_path: Path) -> None:
    mirror = Mirror(Opens(None))
    _play(mirror, Started(tiny, tmp_path, 0, 100))
    for event in _live(100):
        mirror(event)
    assert mirror._events.empty()


def test_it_says_why_a_run_is_to_end() -> None:
    assert Mirror(Opens(Kept())).stopped() == "somebody said so"
