"""Which images are copies of which, and how many pictures a folder is known to have."""

from pathlib import Path

import pytest
import torch

from dcgan.common import paths
from dcgan.data import alike


def test_pictures_are_numbered_as_they_come():
    picture = alike.numbered([b"a", b"b", b"a", b"c", b"b"])
    assert picture.tolist() == [0, 1, 0, 2, 1]
    assert alike.distinct(picture) == 3
    assert alike.distinct(alike.numbered([])) == 0


def test_copies_of_pictures_in_several_classes_are_counted():
    picture, labels = torch.tensor([0, 0, 0, 1, 1, 2, 3]), torch.tensor([0, 1, 1, 2, 2, 0, 1])
    assert alike.across(picture, labels) == 2
    assert alike.across(picture, torch.zeros_like(labels)) == 0


def test_what_was_found_is_kept_by_the_contents(monkeypatch: pytest.MonkeyPatch):
    alike.keep("0123", alike.numbered([b"a", b"b", b"a"]))
    monkeypatch.setattr(alike, "_KNOWN", {})  # as another process has it
    assert alike.kept("0123") == 2
    assert alike.kept("4567") is None
    (paths.cache() / "folders" / "0123.json").write_text("half of")
    assert alike.kept("0123") is None


def test_without_a_cache_it_is_known_for_as_long_as_the_process_lasts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(alike, "_KNOWN", {})
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    alike.keep("89ab", alike.numbered([b"a", b"a"]))
    assert alike.kept("89ab") == 1
