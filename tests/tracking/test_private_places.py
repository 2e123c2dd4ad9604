"""The user's folders in what is sent elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from dcgan.tracking.private_places import without_places


def test_the_homes_and_the_folder_of_the_images_are_taken_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("DCGAN_HOME", "/home/somebody/results")
    text = "cannot read /home/somebody/results/runs/a.csv, /mnt/faces/a.png, /home/somebody/x; see https://example.org/home"
    cleaned = "cannot read DCGAN_HOME/runs/a.csv, DATA/a.png, ~/x; see https://example.org/home"
    assert without_places(text, "/mnt/faces", None) == cleaned


def test_a_home_that_is_the_root_leaves_paths_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/")
    assert without_places("a/b /c") == "a/b /c"


def test_places_are_taken_out_as_json_and_yaml_spell_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/jörg")
    folder = "/mnt/caf\\xe9 ü"
    told = {"folder": f"{folder}/a.png", "log": "/home/jörg/log"}
    cleaned = {"folder": "DATA/a.png", "log": "~/log"}
    for write, read in ((json.dumps, json.loads), (yaml.safe_dump, yaml.safe_load)):
        assert read(without_places(write(told), folder)) == cleaned
    text = yaml.safe_dump(told, allow_unicode=True)
    assert yaml.safe_load(without_places(text, folder)) == cleaned
    assert without_places(f"cannot read {folder}/a.png", folder) == "cannot read DATA/a.png"
