"""YAML as everybody here reads it: plain values alone, and no key twice in one mapping."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import yaml

from dcgan.common import regular_files
from dcgan.common.errors import Misuse
from dcgan.common.files import cannot
from dcgan.common.json_text import DEEPEST

if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:  # ten times as fast, where PyYAML was built with it: a report reads hundreds of descriptions
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_LONGEST = 120  # letters of what Python says of a value
_MOST_BYTES = 2 * 2**20  # of a file
_MOST_VALUES = 100_000  # of a text, as its anchors spell it out: half a second's work
_MARKS = (",", "\n", "- ", "[", "{")  # one of which stands beside every value but the first
_MERGE = "tag:yaml.org,2002:merge"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


class RepeatedKey(Misuse):
    """A key that stands twice in one mapping, of which YAML's readers keep the last without a word."""


def check_once(keys: Iterable[Hashable]) -> None:
    """Raises RepeatedKey, with the key, if one of the keys of a mapping is given twice."""
    seen: set[Hashable] = set()
    for key in keys:
        if key in seen:
            raise RepeatedKey(f"key '{key}' is given twice: keep one of them")
        seen.add(key)


def read_yaml(path: Path) -> dict[str, Any]:
    """A YAML mapping. Raises DcganError if it cannot be read, and Misuse if it is not one or says a key twice."""
    try:
        content = parse_yaml(regular_files.read_text(path, _MOST_BYTES, "utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Misuse(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from None
    except OSError as error:
        raise cannot("read", path, error) from error
    except RepeatedKey as error:
        raise RepeatedKey(f"{path}: {error}") from None
    except yaml.YAMLError as error:
        raise Misuse(f"{path} is not valid YAML: {_complaint(error)}") from None
    if content is None:
        return {}
    if not isinstance(content, dict) or not all(isinstance(key, str) for key in content):
        raise Misuse(f"{path}: expected a mapping of keys to values")
    return content


def parse_yaml(text: str) -> Any:
    """The plain values that a text is. Raises yaml.YAMLError if it is none, and RepeatedKey with both lines.

    `<<` merges another mapping, and what stands beside it goes before what it brings. What is nested more than a
    hundred levels deep, or of more than a hundred thousand values, is refused before it is made: a few lines of anchors
    may stand for billions.
    """
    if sum(map(text.count, _MARKS)) > _MOST_VALUES:
        raise _too_many()
    try:
        return yaml.load(text, Loader=_OnceALoader)  # noqa: S506 - a safe one
    except UnicodeEncodeError as error:  # half of a character, as a name that is no UTF-8 has it
        raise yaml.YAMLError(f"{text!r}: {error.reason}") from None
    except RepeatedKey:
        raise
    except (ValueError, OverflowError) as error:  # 0x_, a number of 5,000 digits
        raise yaml.YAMLError(f"{_shortened(error)}; text is written in quotes") from None
    except RecursionError:
        raise _too_deep() from None


class _Extent(NamedTuple):
    """What a node stands for: so many values, nested so many levels deep."""

    values: int
    depth: int


class _Measures:
    """Of the nodes of a text, each looked at once, however often an alias names it."""

    def __init__(self) -> None:
        self._done: dict[int, _Extent] = {}
        self._within: set[int] = set()

    def check(self, node: yaml.Node) -> None:
        """Raises yaml.YAMLError for a node that is part of itself, too deep or of too many values."""
        self._of(node)

    def _of(self, node: yaml.Node) -> _Extent:
        if not isinstance(node, yaml.CollectionNode):
            return _Extent(1, 0)
        if id(node) in self._within:
            raise yaml.YAMLError("an anchor (&) stands for something that holds it (*)")
        if (known := self._done.get(id(node))) is not None:
            return known
        self._within.add(id(node))
        if len(self._within) > DEEPEST:
            raise _too_deep()
        values, depth = 1, 0
        for part in node.value:
            for each in part if isinstance(part, tuple) else (part,):
                measured = self._of(each)
                values, depth = values + measured.values, max(depth, measured.depth)
        self._within.remove(id(node))
        if values > _MOST_VALUES:
            raise _too_many()
        if depth >= DEEPEST:
            raise _too_deep()
        self._done[id(node)] = _Extent(values, depth + 1)
        return self._done[id(node)]


def _too_deep() -> yaml.YAMLError:
    return yaml.YAMLError("nested too deeply")


def _too_many() -> yaml.YAMLError:
    return yaml.YAMLError(f"more than {_MOST_VALUES:,} values")


class _OnceALoader(_Loader):
    """A safe loader that refuses a key which stands twice in a mapping. What looks like a date is text."""

    yaml_implicit_resolvers = {  # of the class, though types-PyYAML takes it for an instance's
        letter: [(tag, pattern) for tag, pattern in those if tag != _TIMESTAMP]
        for letter, those in _Loader.yaml_implicit_resolvers.items()
    }

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._checked: set[int] = set()

    def get_single_node(self) -> yaml.Node | None:
        """The nodes of the text, before any value is made of them."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _Measures().check(node)
        return node

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """What is done first with each mapping: `<<` replaced by what it merges, after which keys may repeat."""
        if id(node) not in self._checked:
            self._checked.add(id(node))
            self._check(node)
        super().flatten_mapping(node)

    def _check(self, node: yaml.MappingNode) -> None:
        lines: dict[Hashable, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                continue  # which is refused when the mapping is made
            line = key_node.start_mark.line + 1
            if key in lines:
                where = f"in lines {lines[key]} and {line}" if line != lines[key] else f"in line {line}"
                raise RepeatedKey(f"key '{key_node.value}' is given twice, {where}: keep one of them")
            lines[key] = line


def _shortened(error: Exception) -> str:
    return str(error).partition("\n")[0][:_LONGEST]


def _complaint(error: yaml.YAMLError) -> str:
    """`line 2, column 10: expected ',' or ']', but got '<stream end>'`: where a parser stopped and why."""
    mark = getattr(error, "problem_mark", None)
    complaint = getattr(error, "problem", None) or str(error)
    where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return where + " ".join(complaint.split())
