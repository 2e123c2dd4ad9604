"""A run that was begun in another working directory, whose folder of images was typed relative to that one."""

from __future__ import annotations

from dcgan.data import whereabouts
from dcgan.experiment import Experiment
from dcgan.runs.directory import RunDirectory
from dcgan.runs.settling import readings


def begun_elsewhere(experiment: Experiment) -> Experiment:
    """The experiment with its images told by their fingerprint, if a run of it is here and its folder is not.

    Every other experiment is given back as it is: what was never begun has its images where they are typed.
    """
    images = experiment.data
    if images.name != "folder" or images.fingerprint is not None or whereabouts.is_there(images):
        return experiment
    for fingerprint in whereabouts.fingerprints(images.folder or ""):
        begun = experiment.with_data(images.model_copy(update={"fingerprint": fingerprint}))
        if any(RunDirectory.of(each).path.is_dir() for each in readings(begun)):
            return begun
    return experiment
