"""Which runs of a W&B project are a study's: filters that hold whatever its arms are called."""

from __future__ import annotations

from dcgan.dashboards.panels import BASELINE
from dcgan.tracking.header import RunHeader

JOB_TYPE = RunHeader.job_type


def of_study(study: str) -> str:
    """The runs of a study, as a filter of wandb-workspaces: without the one that has its table and its report."""
    return f"Config({_literal('study')}) == {_literal(study)} and Metric({_literal('JobType')}) == {_literal(JOB_TYPE)}"


def of_baseline(study: str, *, is_baseline: bool) -> str:
    """Those of its baseline, or those of its other arms."""
    return f"{of_study(study)} and Config({_literal(BASELINE)}) == {is_baseline}"


def _literal(text: str) -> str:
    """A literal of Python, as these filters are parsed: every letter that could mean something else is written by its
    number, since the library edits `=`, `<` and `>` within quotes, too."""
    safe = "".join(letter if letter.isascii() and letter.isalnum() else f"\\U{ord(letter):08x}" for letter in text)
    return f"'{safe}'"
