"""search.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dcgan.common.errors import DcganError
from dcgan.records import search_file


def test_a_search_is_read_and_would_be_written_alike(home: Path) -> None:
    folder = home / "studies" / "srch"
    record = search_file.read(folder)
    assert record is not None
    assert record.to_json() == {**json.loads((folder / "search.json").read_text()), "found_as": {}}
    assert search_file.read(home / "studies" / "stop") is None


@pytest.mark.parametrize("change", [{"own_seeds": []}, {"baseline": "x"}, {"asked": []}, {"values": {"a": 10**400}}])
def test_what_is_no_search_is_told_in_a_line(home: Path, change: dict[str, Any]) -> None:
    path = home / "studies" / "srch" / "search.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DcganError, match=r"search\.json is damaged: it does not say how the arms were found"):
        search_file.read(path.parent)
