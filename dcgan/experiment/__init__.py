"""The one typed, validated, frozen description of a run: every setting that can change its result."""

from dcgan.experiment.experiment import CURVE_POINTS, Experiment, keys, load, parse

__all__ = ["CURVE_POINTS", "Experiment", "keys", "load", "parse"]
