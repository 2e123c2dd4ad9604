"""Where things are: the environment decides, and what travels with the program is found by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dcgan.common import paths
from dcgan.common.errors import Misuse


def test_everything_of_the_user_is_in_the_home_and_by_default_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path))
    assert (paths.runs(), paths.studies(), paths.reports()) == tuple(
        tmp_path / name for name in ("runs", "studies", "reports")
    )
    monkeypatch.setenv("DCGAN_HOME", "")
    assert paths.runs() == Path("runs")
    monkeypatch.setenv("DCGAN_HOME", "~/here")
    assert paths.home() == Path.home() / "here"


def test_data_are_in_the_cache_unless_a_place_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert paths.data() == tmp_path / "dcgan" / "data"
    monkeypatch.setenv("DCGAN_DATA", "~/sets")
    assert paths.data() == Path.home() / "sets"
    monkeypatch.setenv("XDG_CACHE_HOME", "~/kept")
    assert paths.cache() == Path.home() / "kept" / "dcgan"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert paths.cache() == Path.home() / ".cache" / "dcgan"


def test_a_user_without_a_home_folder_is_told_which_variable_mends_it(
    no_home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert paths.of_user() is None
    with pytest.raises(Misuse, match="no home folder: set XDG_CACHE_HOME to .*, or set HOME"):
        paths.cache()
    with pytest.raises(Misuse, match="no home folder: set DCGAN_DATA to .*, or set HOME"):
        paths.data()
    monkeypatch.setenv("XDG_CACHE_HOME", "/kept")
    assert paths.data() == Path("/kept/dcgan/data")
    monkeypatch.setenv("DCGAN_HOME", "~/x")
    with pytest.raises(Misuse, match="DCGAN_HOME=~/x: there is no such home folder; set HOME, or write the path in"):
        paths.home()


def test_a_file_of_ones_own_goes_before_one_that_travels_with_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    travelling = paths.find("experiments", "digits")
    assert travelling == paths.named("experiments")["digits"]
    own = tmp_path / "experiments" / "digits.yaml"
    own.parent.mkdir()
    own.write_text("name: mine\n")
    assert paths.find("experiments", "digits").resolve() == own
    assert paths.find("experiments", str(own)) == own


def test_what_is_not_there_is_named_with_the_closest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Misuse, match="no experiment named 'digit'; did you mean 'digits'"):
        paths.find("experiments", "digit")
    with pytest.raises(Misuse, match="no experiment named 'demo': that is a sweep: dcgan sweep demo"):
        paths.find("experiments", "demo")
    with pytest.raises(Misuse, match="no sweep named 'digits': that is an experiment: dcgan train digits"):
        paths.find("sweeps", "digits")
    with pytest.raises(Misuse, match=r"no file digits\.yaml in .*; there is one that travels with the program: digits"):
        paths.find("experiments", "digits.yaml")


def test_a_pipe_is_no_file_that_can_be_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("x.yaml")
    Path("sweeps").mkdir()
    os.mkfifo("sweeps/y.yaml")
    for name, told in (("x.yaml", "x.yaml"), ("/dev/null", "/dev/null"), ("y", "sweeps/y.yaml")):
        with pytest.raises(Misuse, match=f"^{told} is not a regular file$"):
            paths.find("sweeps", name)


@pytest.mark.parametrize("below", ["", "results/mine"])
def test_a_file_in_the_place_of_the_home_is_named(below: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "file" / below))
    with pytest.raises(Misuse, match=r"DCGAN_HOME=.*: .*/file is no folder; expected one"):
        paths.runs()
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "not" / "yet"))
    assert paths.runs() == tmp_path / "not" / "yet" / "runs"
