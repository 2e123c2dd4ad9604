"""What a study was planned with where its sweep leaves that open: it stays so once a run of the study has begun."""

from __future__ import annotations

from typing import Any

from dcgan.common import paths
from dcgan.common.overrides import flatten
from dcgan.records import plan_file
from dcgan.sweeps.designs.search import SUFFIX as SEARCH
from dcgan.sweeps.sweep import Sweep
from dcgan.sweeps.tuning import SUFFIX as TUNING

# The settings that are worked out when a study is planned, with what a plan that does not name them means.
_WORKED_OUT = {"score.extractor": "classifier", "tracking.curve_points": 0}


def settled_before(sweep: Sweep) -> dict[str, Any]:
    """The settings that were worked out for the study of a sweep, or for its tuning or search, by dotted keys.

    Empty where no run of any of them has begun. Raises DcganError for a damaged plan.
    """
    own = sweep.study.removesuffix(SEARCH) if sweep.design.grows else sweep.tuning_of or sweep.study
    for name in dict.fromkeys((sweep.study, own, own + TUNING, own + SEARCH)):
        folder = paths.studies() / name
        if not (folder / plan_file.NAME).exists():
            continue
        written = plan_file.read(folder)
        stage_of = written.tuning_of or (name.removesuffix(SEARCH) if written.grown else name)
        if stage_of == own and any((paths.runs() / trial.run).is_dir() for trial in written.trials):
            content = flatten(dict(written.content or {}))
            return {key: content.get(key, usual) for key, usual in _WORKED_OUT.items()}
    return {}
