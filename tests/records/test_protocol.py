"""The protocol that travels with a score: what differs is named, and another version's is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dcgan.common.errors import DcganError
from dcgan.records.protocol import OWN, Protocol
from tests.tiny import PROTOCOL


@pytest.fixture
def protocol() -> Protocol:
    """Of a hundred files' scores, such as `dcgan score` of a folder writes it."""
    return replace(PROTOCOL, real=100, generated=100, noise="files", noise_seed=None, weights="files")


def test_any_difference_but_a_runs_own_is_named(protocol: Protocol) -> None:
    """Whatever field differs, the scores do not compare, and the key shows it."""
    for name, value in protocol.to_dict().items():
        other = replace(protocol, **{name: "another" if isinstance(value, str) else 7})
        difference = protocol.difference(other)
        assert (difference is None) == (name in OWN) == (other.key == protocol.key)
        assert difference is None or difference.startswith(f"{name.replace('_', ' ')} is {value!r} and ")
    assert protocol.key.startswith("test_100_classifier_")


def test_it_survives_json(protocol: Protocol) -> None:
    assert Protocol.from_dict(json.loads(json.dumps(protocol.to_dict()))) == protocol
    without = replace(protocol, extractor_accuracy=None)
    assert Protocol.from_dict(json.loads(json.dumps(without.to_dict()))) == without


@pytest.mark.parametrize("change", [{"seed": 3}, {"split": None}])
def test_another_versions_protocol_is_named(protocol: Protocol, change: dict[str, int | None]) -> None:
    ((name, value),) = change.items()
    content = protocol.to_dict()
    if value is None:
        del content[name]
    else:
        content[name] = value
    with pytest.raises(DcganError, match=f"another version's: {name} is missing or unknown"):
        Protocol.from_dict(content)


@pytest.mark.parametrize(
    ("count", "name"),
    [(100, "test_100_classifier"), (10_000, "test_10k_classifier"), (2500, "test_2500_classifier")],
)
def test_its_short_name(protocol: Protocol, count: int, name: str) -> None:
    assert replace(protocol, generated=count).name == name
