"""Data sets: one uint8 tensor and its labels per split, with a content fingerprint."""

from dcgan.data.dataset import Dataset
from dcgan.data.load import is_here, load, resolve
from dcgan.data.pixels import normalise, to_uint8

__all__ = ["Dataset", "is_here", "load", "normalise", "resolve", "to_uint8"]
