"""What `dcgan sweep --more` and `--again` go on with: the study that is meant, who watches it here, and what is typed
next."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dcgan.common import paths
from dcgan.common.errors import DcganError, Misuse
from dcgan.common.overrides import split_words

if TYPE_CHECKING:
    from dcgan.experiment import Experiment
    from dcgan.study.plan import Plan


def study_meant(name: str) -> tuple[str, Experiment]:
    """The study of that name, else that of the sweep file; with the experiment of the file, where there is one of that
    study, for who watches: that stands in no plan. A name that is neither is taken for a study's."""
    from dcgan.experiment import Experiment, load
    from dcgan.records import plan_file
    from dcgan.sweeps import sweep as sweeps

    if name not in plan_file.studies(paths.studies()) and paths.is_findable("sweeps", name):
        sweep = sweeps.load(name)
        return sweep.study, load(sweep.experiment, sweep.set)
    with contextlib.suppress(DcganError):  # the study is there, whatever the file of that name is
        if (file := _file(name)) is not None and (sweep := sweeps.load(file)).study == name:
            return name, load(sweep.experiment, sweep.set)
    return name, Experiment()


def _file(name: str) -> str | None:
    """How the sweep file is named that is meant by a study's or its own name, if it is found."""
    names = (name, f"{name}.yaml", f"{name}.yml")
    return next((each for each in names if paths.is_findable("sweeps", each)), None)


def check_words(words: Sequence[str], option: str, why: str) -> tuple[list[str], list[str]]:
    """The words that say where the images are, and those that say who watches. Raises Misuse for others."""
    from dcgan.experiment.sections.running import WATCHERS

    watching = {f"tracking.{key}" for key in WATCHERS}
    keys = dict(zip(words, split_words(words), strict=True))
    if other := next((word for word, key in keys.items() if key not in {"data.folder", *watching}), None):
        raise Misuse(f"{option}: {why}: leave out {other}")
    return [word for word in words if keys[word] not in watching], [word for word in words if keys[word] in watching]


def as_planned(name: str, plan: Plan) -> list[str] | None:
    """The command that trains what is left of a planned study: by `name` where that is the file of just this sweep,
    else by what was written beside the plan. After a stage it is that of the sweep; None where it is not known."""
    from dcgan.sweeps import sweep as sweeps

    if plan.study != plan.compared:
        file = _file(plan.compared)
        return None if file is None else ["dcgan", "sweep", file]
    with contextlib.suppress(DcganError):
        if (file := _file(name)) is not None and sweeps.load(file).to_yaml() == plan.sweep.to_yaml():
            return ["dcgan", "sweep", file]
    return ["dcgan", "sweep", str(plan.directory / "sweep.yaml")]
