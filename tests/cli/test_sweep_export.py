"""`dcgan sweep NAME --export wandb`: where the file goes, and what is printed."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from dcgan.cli import main
from tests.cli.typed import printed_json


def test_the_file_and_the_next_step(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "seeds=3", "--export", "wandb"]) == 0
    said = capsys.readouterr().out
    assert "written: sweeps/wandb/small.yaml\nnext: wandb sweep sweeps/wandb/small.yaml, then the wandb agent" in said
    content = yaml.safe_load(Path("sweeps/wandb/small.yaml").read_text())
    assert content["parameters"]["seed"]["values"] == [0, 1, 2]
    assert content["command"][2:6] == ["sweep", "small.yaml", "seeds=3", "--trial"]
    assert [path.name for path in Path("sweeps/wandb").iterdir()] == ["small.yaml"]
    assert not Path("studies").exists()


def test_the_home_is_where_it_goes(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DCGAN_HOME", str(tmp_path / "there"))
    assert main(["sweep", small, "--export", "wandb", "--json"]) == 0
    [(path, text)] = printed_json(capsys).items()
    assert path == str(tmp_path / "there/sweeps/wandb/small.yaml")
    assert Path(path).read_text() == text


def test_dry_run_prints_it_and_writes_nothing(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, "--export", "wandb", "--dry-run"]) == 0
    assert yaml.safe_load(capsys.readouterr().out)["method"] == "grid"
    assert not Path("sweeps").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--export", "wandbb"], "--export wandbb: no such kind; did you mean 'wandb'?"),
        (["--export", "wandb", "--for", "2h"], "trains nothing: leave out --for"),
        (["--export", "wandb", "--trial", "arm=bare"], "leave out --trial"),
        (["--export", "wandb", "--launcher", "slurm", "--workers", "2"], "leave out --workers, --launcher"),
        (["--export", "wandb", "--option", "a=1", "--more", "2"], "leave out --more, --option"),
        (["--export", "wandb", "--no-report", "--dry-run"], "leave out --no-report"),
        (["metrics=fid", "--export", "wandb"], "unknown key 'metrics'"),
    ],
)
def test_misuse(small: str, words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", small, *words]) == 2
    taken = capsys.readouterr()
    assert complaint in taken.err and taken.err.count("\n") == 1


def test_where_the_queue_is_goes_with_the_command(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["sweep", small, "--export", "wandb", "--dry-run", "--storage", "postgresql://me@host/dcgan"]
    assert main(words) == 0
    command = yaml.safe_load(capsys.readouterr().out)["command"]
    assert command[4:7] == ["--storage", "postgresql://me@host/dcgan", "--trial"]
    assert main([*words[:-1], "postgresql://me:secret@host/dcgan"]) == 2
    taken = capsys.readouterr()
    assert "secret" not in taken.out + taken.err and "DCGAN_STORAGE" in taken.err
