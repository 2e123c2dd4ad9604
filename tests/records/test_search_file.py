"""search.json, read as it was written."""

from __future__ import annotations

import json
from pathlib import Path

from dcgan.records import search_file


def test_a_search_is_read_and_would_be_written_alike(home: Path) -> None:
    folder = home / "studies" / "srch"
    record = search_file.read(folder)
    assert record is not None
    assert record.to_json() == {**json.loads((folder / "search.json").read_text()), "found_as": {}}
    assert search_file.read(home / "studies" / "stop") is None
