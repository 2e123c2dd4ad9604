"""Protocol: everything that a score depends on besides the generator. Scores of different protocols do not compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from dcgan.errors import DcganError


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """How a score was taken. Two scores may be compared if these are equal, and only then."""

    extractor: str
    extractor_hash: str
    precision: str  # of the features
    extractor_accuracy: float | None  # a classifier's, on the test split
    data: str
    data_fingerprint: str
    size: int
    channels: int
    resize: str
    split: str
    real: int
    generated: int
    selection_seed: int  # which real images, and which of too many given ones
    noise: str  # what the generated images come from: `seed of the run`, a number, or `files`
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

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Protocol:
        """What `to_dict` gave. Raises DcganError naming what is missing or unknown."""
        known = {field.name for field in fields(cls)}
        if odd := sorted(known ^ content.keys()):
            raise DcganError(f"a score's protocol is damaged or another version's: {odd[0]} is missing or unknown")
        return cls(**content)
