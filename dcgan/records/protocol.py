"""Protocol: everything that a score depends on besides the generator. Scores of different protocols do not compare."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dcgan.common.errors import DcganError

RECIPE = 2  # raise it when the same images come to another score: whatever is not a field of its own is in it

# What is a run's own: its noise, and whether a running average of the weights is judged, are compared, not how.
OWN = ("noise_seed", "weights")


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How a score was taken. Two scores may be compared if these are equal, but for `OWN`, and only then."""

    recipe: int
    extractor: str
    extractor_hash: str
    extractor_training: str | None  # how a classifier was trained: seed and epochs
    extractor_accuracy: float | None  # a classifier's, on the test split
    precision: str  # of the features
    data: str
    data_fingerprint: str
    size: int
    channels: int
    resize: str
    split: str
    real: int
    generated: int
    training: int  # training images that the noise floor and copies are sought in
    selection_seed: int  # which real images, and which of too many given ones
    noise: str  # what the generated images come from: `generator` or `files`
    noise_seed: int | None  # of a generator's noise
    weights: str  # `raw`, `average`, or `files`
    isc_splits: int
    kid_subsets: int
    kid_subset_size: int
    prc_neighborhood: int
    torch_fidelity: str

    @property
    def name(self) -> str:
        """In short, as a suffix of a score's name: `test_10k_classifier`."""
        count = f"{self.generated // 1000}k" if self.generated % 1000 == 0 else str(self.generated)
        return f"{self.split}_{count}_{self.extractor}"

    @property
    def key(self) -> str:
        """The name and eight hexadecimal digits, equal for scores that compare: `test_10k_classifier_0a1b2c3d`."""
        content = {name: value for name, value in self.to_dict().items() if name not in OWN}
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
        return f"{self.name}_{digest[:8]}"

    def difference(self, other: Protocol) -> str | None:
        """The first thing that keeps two scores from being compared, `split is 'test' and 'train'`; None if nothing."""
        mine, theirs = self.to_dict(), other.to_dict()
        for name, value in mine.items():
            if name not in OWN and value != theirs[name]:
                return f"{name.replace('_', ' ')} is {value!r} and {theirs[name]!r}"
        return None

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Any) -> Protocol:
        """What `to_dict` gave. Raises DcganError naming what is missing or unknown."""
        if not isinstance(content, Mapping):
            raise DcganError(f"a score's protocol is damaged: {content!r}")
        known = {field.name for field in fields(cls)}
        if odd := sorted(known ^ content.keys()):
            raise DcganError(f"a score's protocol is damaged or another version's: {odd[0]} is missing or unknown")
        return cls(**content)
