"""The catalogue: each tip is a name, its source, a plain sentence, and its levels as fragments of an Experiment.

A tip is data. No code elsewhere asks whether a tip is on; it reads the experiment. Adding a tip is one component plus
one entry here, in `article` or in `extra`.
"""

from dcgan.tips.catalogue import TIPS, apply, tip
from dcgan.tips.tip import Fragment, Relative, Tip

__all__ = ["TIPS", "Fragment", "Relative", "Tip", "apply", "tip"]
