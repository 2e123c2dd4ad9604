"""What `dcgan sweep` shows while trials run: a live table on a terminal, else a line per trial that is over."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from dcgan.common.errors import DcganError
from dcgan.common.formatting import duration, number
from dcgan.common.messages import escaped, message
from dcgan.study.plan import Plan, Trial
from dcgan.study.status import Overview, Running, Standing
from dcgan.study.timing import estimate

_SECONDS = 1.0  # between looks
_SECONDS_ELSEWHERE = 5.0  # between looks into a storage


@contextlib.contextmanager
def watching(plan: Plan, workers: int, elsewhere: Callable[[], Iterable[Running]] = tuple) -> Iterator[None]:
    """Shows on stderr how the study stands during the block, by its files and by what `elsewhere` gives."""
    overview = Overview(plan, _now_and_then(elsewhere))
    first = overview.look()  # before the block begins: whatever ends within it is told
    done = threading.Event()
    thread = threading.Thread(target=_watch, args=(overview, first, workers, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _now_and_then(elsewhere: Callable[[], Iterable[Running]]) -> Callable[[], Iterable[Running]]:
    """Asks a storage only every few seconds; while it does not answer, its last answer stands."""
    answer: list[Running] = []
    asked = -_SECONDS_ELSEWHERE

    def ask() -> Iterable[Running]:
        nonlocal asked
        if time.monotonic() - asked >= _SECONDS_ELSEWHERE:
            with contextlib.suppress(DcganError):
                answer[:] = elsewhere()
            asked = time.monotonic()
        return answer

    return ask


def _watch(overview: Overview, first: Standing, workers: int, done: threading.Event) -> None:
    clock = _Clock(first, workers)
    if sys.stderr.isatty():
        with Live(console=Console(file=sys.stderr), transient=True, auto_refresh=False) as live:
            while not done.wait(_SECONDS):
                standing = overview.look()
                live.update(_picture(standing, clock.left(standing)), refresh=True)
        return
    reported = _over(first)
    while True:
        last = done.wait(_SECONDS)  # the last look comes after the end, so that no trial is left out
        standing = overview.look()
        new = _over(standing) - reported
        for trial in standing.plan.trials:
            if trial.run in new:
                reported.add(trial.run)
                message(_line(standing, trial, len(reported)))
        if last:
            return


def _over(standing: Standing) -> set[str]:
    return {run for run, record in standing.outcomes.items() if record.status != "running"}


def _line(standing: Standing, trial: Trial, over: int) -> str:
    record = standing.outcomes[trial.run]
    metric = standing.plan.sweep.metric
    how = f"{metric} {number(record.scores[metric])}" if metric in record.scores else record.failure or ""
    total = standing.planned
    return f"[{over}/{total}] {standing.plan.label(trial.arm)}, seed {trial.seed}: {record.status}, {how}"


class _Clock:
    """The time left: by what this launch has done so far, before that by what was measured earlier."""

    def __init__(self, first: Standing, workers: int) -> None:
        self._before = len(_over(first))
        self._began = time.monotonic()
        self._workers = workers

    def left(self, standing: Standing) -> float | None:
        """Seconds until the last trial is done; None where nothing was measured yet."""
        done = len(_over(standing)) - self._before
        if done < self._workers:
            return estimate.seconds_left(standing.plan, standing.outcomes, self._workers)
        begun = sum(running.share for running in standing.running)
        todo = standing.counts["waiting"] + standing.counts["running"]
        return (time.monotonic() - self._began) / (done + begun) * (todo - begun)


def _picture(standing: Standing, left: float | None) -> Group:
    metric = standing.plan.sweep.metric
    time_left = "time left unknown until a trial ran" if left is None else f"about {duration(left)} left"
    title = Text(f"{standing.plan.study}: {standing.line()}; {time_left}")
    picture = Table(box=None)
    for column in ("arm", "seed", "done", metric):
        picture.add_column(column)
    for running in standing.running:
        trial = running.trial
        score = number(running.score)
        picture.add_row(Text(escaped(standing.plan.label(trial.arm))), str(trial.seed), f"{running.share:.0%}", score)
    return Group(title, picture) if standing.running else Group(title)
