"""The progress bar, on a terminal and off it."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from dcgan.experiment import Experiment
from dcgan.records.run_record import RunRecord
from dcgan.runs.progress import ProgressBar
from dcgan.training.events import Ended, Event, Sampled, Scored, Started, Ticked
from tests.tiny import PROTOCOL

EVENTS: list[Event] = [
    Started(Experiment(name="tiny"), Path("runs/abc"), 0, 1000),
    Ticked({"images": 500.0, "loss_d": 0.5, "loss_g": 1.25}),
    Scored(500, "validation", {"fid": 12.345, "isc": 2.0}, PROTOCOL),
    Sampled(500, Path("runs/abc/samples/500.png")),
    Ticked({"images": 1000.0, "loss_d": 0.25, "loss_g": 2.5}),
    Scored(1000, "test", {"fid": 9.5, "isc": 2.5}, PROTOCOL),
    Ended(RunRecord(id="abc", status="finished")),
]


def _shown(events: list[Event], *, terminal: bool) -> str:
    text = io.StringIO()
    bar = ProgressBar(Console(file=text, force_terminal=terminal, width=120))
    for event in events:
        bar(event)
    return text.getvalue()


def test_off_a_terminal_a_line_at_start_scores_and_end() -> None:
    assert _shown(EVENTS, terminal=False).splitlines() == [
        "run runs/abc starts, 1,000 images in all",
        "500 images, validation: fid 12.35, isc 2",
        "1,000 images, test: fid 9.5, isc 2.5",
        "run abc: finished",
    ]


def test_on_a_terminal_losses_rate_and_last_score() -> None:
    shown = _shown(EVENTS, terminal=True)
    assert "images/s" in shown
    assert "D 0.250  G 2.500" in shown
    assert "fid 12.35" in shown
    assert "100%" in shown


def test_resumed_diverged_and_stopped_runs_say_so() -> None:
    resumed = Started(Experiment(), Path("runs/abc"), 400, 1000)
    diverged = Ended(RunRecord(id="abc", status="diverged", failure="loss_d is not finite [at 420]"))
    assert _shown([resumed, diverged], terminal=False).splitlines() == [
        "run runs/abc goes on after 400, 1,000 images in all",
        "run abc: diverged (loss_d is not finite [at 420])",
    ]
    stopped = Ended(RunRecord(id="abc", status="running"))
    assert _shown([stopped], terminal=False) == "run abc: stopped, can go on\n"
