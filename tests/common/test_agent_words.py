"""What wandb's own agent puts on a command line, in every form, comes out as the same values."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from wandb.sdk.launch.sweeps.utils import create_sweep_command_args

from dcgan.common.agent_words import PARAMETERS, SWEEP, given_parameters, spelled_out
from dcgan.common.errors import Misuse
from dcgan.common.overrides import parse_words

VALUES = {
    "optimizer.generator.lr": 1e-05,
    "update.batch": 50,
    "objective.loss": "hinge",
    "arm": "optimizer.generator.kind=rmsprop",
    "replay.on": True,
    "pretrain.on": False,
    "schedule.kind": None,
    "generator": {"bn": False, "width": 8},
    "shift": -0.5,
}
FORMS = ["args", "args_no_hyphens", "args_no_equals", "args_no_boolean_flags", "args_json", "args_append_hydra", "args_override_hydra"]  # fmt: skip


def argv(form: str, values: dict[str, Any]) -> list[str]:
    """As the agent makes it."""
    made: list[str] = create_sweep_command_args({"args": {key: {"value": value} for key, value in values.items()}})[
        form
    ]
    return made


def write_parameters(path: Path, values: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent's file, and where it says that it is."""
    described = {key: {"desc": None, "value": value} for key, value in values.items()}
    path.write_text(yaml.safe_dump({"wandb_version": 1, **described}))
    monkeypatch.setenv(SWEEP, "abcd1234")
    monkeypatch.setenv(PARAMETERS, str(path))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("listed", [sorted(VALUES), sorted(VALUES, reverse=True)], ids=["sorted", "reversed"])
def test_every_form_gives_the_same_values(
    form: str, listed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {key: VALUES[key] for key in listed}
    words = argv(form, values)
    assert words != ["{}"] and len(words) >= 1
    write_parameters(tmp_path / "config.yaml", values, monkeypatch)
    assert parse_words(spelled_out(words, given=given_parameters())) == VALUES


def test_without_the_file_a_flag_is_told_by_what_follows() -> None:
    words = argv("args_no_boolean_flags", {"a": True, "b": 1, "c": True})
    assert words == ["--a", "--b=1", "--c"]
    assert parse_words(spelled_out(words)) == {"a": True, "b": 1, "c": True}
    assert parse_words(spelled_out(argv("args_no_equals", {"a": True, "b": -1}))) == {"a": True, "b": -1}


def test_with_the_file_a_flag_does_not_take_the_next_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_parameters(tmp_path / "config.yaml", {"a": True}, monkeypatch)
    assert spelled_out(["--a", "budget.epochs=1"], given=given_parameters()) == ["--a=True", "budget.epochs=1"]
    assert spelled_out(["--a", "True", "b=1"], given=given_parameters()) == ["--a=True", "b=1"]


def test_a_file_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config-abc.json"
    path.write_text(argv("args_json", VALUES)[0])
    assert spelled_out([str(path)]) == [str(path)], "a file of somebody's own, without an agent"
    monkeypatch.setenv(SWEEP, "abcd1234")
    assert parse_words(spelled_out([str(path)])) == VALUES
    assert spelled_out(["missing.json"]) == ["missing.json"]


def test_the_commands_own_word_may_be_a_file_of_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWEEP, "abcd1234")
    path = tmp_path / "config.json"
    path.write_text('{"a": 1}')
    words = ["--dry-run", "--b", "2", str(path), str(path)]
    assert spelled_out(words, ["--dry-run"], positional=1) == ["--dry-run", "--b=2", str(path), "a=1"]


def test_options_and_all_other_words_stay_where_they_are() -> None:
    assert spelled_out(["digits", "--dry-run", "a=1", "--json"], ["--dry-run", "--json"]) == [
        "digits", "--dry-run", "a=1", "--json",
    ]  # fmt: skip


@pytest.mark.parametrize(("word", "complaint"), [("{a: 1", "not JSON"), ("{}[]", "not JSON")])
def test_json_that_is_none(word: str, complaint: str) -> None:
    with pytest.raises(Misuse, match=complaint):
        spelled_out([word])


def test_a_file_of_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWEEP, "abcd1234")
    (tmp_path / "list.json").write_text(json.dumps([1]))
    with pytest.raises(Misuse, match="expected a JSON object"):
        spelled_out([str(tmp_path / "list.json")])


def test_parameters_only_under_an_agent_and_never_from_what_is_no_such_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_parameters(tmp_path / "config.yaml", {"a": 1, "b": None}, monkeypatch)
    assert given_parameters() == {"a": 1, "b": None}
    for content in ("[1]", "a: 1", "a: {", ""):
        (tmp_path / "config.yaml").write_text(content)
        assert given_parameters() == {}
    (tmp_path / "config.yaml").unlink()
    assert given_parameters() == {}
    write_parameters(tmp_path / "config.yaml", {"a": 1}, monkeypatch)
    monkeypatch.delenv(SWEEP)
    assert given_parameters() == {}


def test_a_key_twice_in_one_word_of_json_is_refused() -> None:
    with pytest.raises(Misuse, match="key 'seed' is given twice"):
        spelled_out(['{"seed": 1, "seed": 2}'])
