"""Data sets: one uint8 tensor and its labels per split, with a content fingerprint."""

from dcgan.data.dataset import Dataset
from dcgan.data.load import load, resolve
from dcgan.data.pixels import normalise, to_uint8

__all__ = ["Dataset", "load", "normalise", "resolve", "to_uint8"]
