"""What the agent of a W&B sweep puts on a command line, in any of its forms, as the `KEY=VALUE` words of this program.

The agent fills a macro of the sweep's `command` with the parameters of a run, each value as Python prints it:

| macro | words |
|---|---|
| `${args}` | `--arm=bare --seed=3` |
| `${args_no_hyphens}` | `arm=bare seed=3` |
| `${args_no_equals}` | `--arm bare --seed 3` |
| `${args_no_boolean_flags}` | `--arm=bare --flag`: a true value is its name alone, and a false one is left out |
| `${args_json}` | `{"arm": "bare", "seed": 3}` as one word |
| `${args_json_file}` | a file with that |
| `${args_append_hydra}`, `${args_override_hydra}` | `+arm=bare +seed=3`, `++arm=bare ++seed=3` |

What the line leaves out stands in a file that the agent names in WANDB_SWEEP_PARAM_PATH.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from dcgan.common import regular_files
from dcgan.common.errors import Misuse
from dcgan.common.files import cannot
from dcgan.common.json_text import parse_json
from dcgan.common.yaml_text import RepeatedKey, check_once, parse_yaml

SWEEP = "WANDB_SWEEP_ID"  # set by the agent for the programs that it runs
PARAMETERS = "WANDB_SWEEP_PARAM_PATH"
_MOST = 2**20  # bytes of a file of parameters


def under_agent() -> bool:
    """Whether the agent of a W&B sweep runs this program."""
    return bool(os.environ.get(SWEEP))


def given_parameters() -> dict[str, Any]:
    """The parameters of this run as the agent wrote them into its file; `{}` without an agent or such a file."""
    path = os.environ.get(PARAMETERS)
    if not path or not under_agent():
        return {}
    try:
        content = parse_yaml(regular_files.read_text(Path(path), _MOST))
    except (OSError, ValueError, yaml.YAMLError):
        return {}
    values = content if isinstance(content, dict) else {}
    return {str(key): entry["value"] for key, entry in values.items() if isinstance(entry, dict) and "value" in entry}


def spelled_out(
    words: Sequence[str], options: Collection[str] = (), given: Mapping[str, Any] | None = None, positional: int = 0
) -> list[str]:
    """The words with every parameter as `KEY=VALUE`; all other words stay as they are and where they are.

    `options`: options of the command itself, which have no value. `given`: the parameters in the agent's file, by
    which a flag is told from a name before its value; those of which the words say nothing come last. `positional`:
    so many plain words come first that are the command's own, as EXPERIMENT is, and may name a file of JSON, too; the
    agent's are files only under an agent. Raises Misuse for JSON that is not a mapping.
    """
    given = given or {}
    files = under_agent()
    rest = list(words)
    spelled: list[str] = []
    while rest:
        word = rest.pop(0)
        if word in options:
            spelled.append(word)
        elif word.startswith("{"):
            spelled += _of_mapping(word, f"'{word}'")
        elif word.startswith("+"):
            spelled.append(word.lstrip("+"))
        elif word.startswith("--") and "=" not in word:
            name = word.removeprefix("--")
            spelled.append(f"--{name}={_value_after(rest, flag=given.get(name) is True)}")
        elif positional and "=" not in word:
            spelled.append(word)
            positional -= 1
        elif files and word.endswith(".json") and "=" not in word and Path(word).is_file():
            spelled += _of_file(Path(word))
        else:
            spelled.append(word)
    said = {word.removeprefix("--").partition("=")[0].strip() for word in spelled}
    return spelled + [_word(key, value) for key, value in given.items() if key not in said]


def _value_after(rest: list[str], *, flag: bool) -> str:
    """The value of a name that stands alone: the next word, which is taken from `rest`, or True for a flag."""
    if not rest or rest[0].startswith(("--", "+")) or (flag and rest[0] != "True"):
        return "True"
    return rest.pop(0)


def _of_file(path: Path) -> list[str]:
    try:
        return _of_mapping(regular_files.read_text(path, _MOST), str(path))
    except OSError as error:
        raise cannot("read", path, error) from error
    except UnicodeDecodeError:
        raise Misuse(f"{path}: not text in UTF-8") from None


def _of_mapping(text: str, where: str) -> list[str]:
    try:
        content = parse_json(text, _once)
    except RepeatedKey as error:
        raise Misuse(f"{where}: {error}") from None
    except ValueError as error:
        raise Misuse(f"{where}: not JSON ({error})") from None
    if not isinstance(content, dict):
        raise Misuse(f"{where}: expected a JSON object of keys and values")
    return [_word(key, value) for key, value in content.items()]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs of a JSON object, of which a reader would keep the last where a key is given twice."""
    check_once(key for key, _ in pairs)
    return dict(pairs)


def _word(key: str, value: Any) -> str:
    """As the agent writes it, but text in quotes, so that it stays text."""
    return f"{key}={value!r}"
