"""Reads the GraphQL documents that the W&B client sends, and answers them from mappings of fields.

An object is a mapping with a `__typename`. A value that can be called is a field that takes arguments or is worked out
only when it is asked for: it gets the arguments as a dictionary.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

_WORD = re.compile(r'"""(?:.|\n)*?"""|"(?:\\.|[^"\\])*"|\.\.\.|[{}()\[\]:=!$@|&]|-?\d[\d.eE+-]*|[A-Za-z_]\w*|\S')
_IGNORED = re.compile(r"#[^\n]*|,")
_CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None}
_INTERFACES = {"ArtifactCollection": {"ArtifactSequence", "ArtifactPortfolio"}}

Node = Mapping[str, Any]


class Refused(Exception):
    """What W&B answers instead of data: a message, and the HTTP status that goes with it."""

    def __init__(self, message: str, status: int = 200, code: str = "") -> None:
        super().__init__(message)
        self.message, self.status, self.code = message, status, code


class Unknown(Refused):
    """The client asked for what this server does not speak."""


@dataclass(frozen=True)
class _Variable:
    name: str


@dataclass
class _Selection:
    """A field, or fields for some types only (`...`)."""

    name: str  # of the field or the fragment; empty for an inline fragment
    key: str  # under which the answer has it
    is_spread: bool = False
    on: str | None = None
    arguments: dict[str, Any] = field(default_factory=dict)
    directives: dict[str, Any] = field(default_factory=dict)
    inside: list[_Selection] = field(default_factory=list)


@dataclass
class Document:
    """One operation: `kind` is query or mutation."""

    kind: str
    name: str
    defaults: dict[str, Any]
    inside: list[_Selection]
    fragments: dict[str, _Selection]


class _Reader:
    def __init__(self, text: str) -> None:
        self._words = _WORD.findall(_IGNORED.sub(" ", text))
        self._at = 0

    @property
    def next(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def take(self, expected: str | None = None) -> str:
        word = self.next
        if expected is not None and word != expected:
            raise Refused(f"Syntax Error: Expected {expected!r}, found {word!r}.", 400)
        self._at += 1
        return word

    def took(self, word: str) -> bool:
        found = self.next == word
        self._at += found
        return found

    def document(self) -> Document:
        document = Document("query", "", {}, [], {})
        while self.next:
            word = self.take() if self.next != "{" else "query"
            if word == "fragment":
                name = self.take()
                self.take("on")
                document.fragments[name] = _Selection(name, name, True, self.take(), inside=self.selections())
            else:
                document.kind = word
                document.name = self.take() if self.next not in ("(", "{") else ""
                document.defaults = self.definitions() if self.next == "(" else {}
                document.inside = self.selections()
        return document

    def definitions(self) -> dict[str, Any]:
        defaults = {}
        self.take("(")
        while not self.took(")"):
            self.take("$")
            name = self.take()
            self.take(":")
            while self.next in ("[", "]", "!") or re.match(r"[A-Za-z_]", self.next):
                self.take()
            if self.took("="):
                defaults[name] = self.value()
        return defaults

    def selections(self) -> list[_Selection]:
        found = []
        self.take("{")
        while not self.took("}"):
            found.append(self.selection())
        return found

    def selection(self) -> _Selection:
        if self.took("..."):
            if self.took("on"):
                selection = _Selection("", "", True, self.take())
            else:
                selection = _Selection("" if self.next in ("{", "@") else self.take(), "", True)
        else:
            key = name = self.take()
            if self.took(":"):
                name = self.take()
            selection = _Selection(name, key)
            selection.arguments = self.arguments()
        while self.took("@"):
            directive = self.take()
            selection.directives[directive] = self.arguments()["if"]
        if self.next == "{":
            selection.inside = self.selections()
        return selection

    def arguments(self) -> dict[str, Any]:
        return self.pairs(")") if self.took("(") else {}

    def pairs(self, end: str) -> dict[str, Any]:
        found = {}
        while not self.took(end):
            name = self.take()
            self.take(":")
            found[name] = self.value()
        return found

    def value(self) -> Any:
        word = self.take()
        if word == "$":
            return _Variable(self.take())
        if word == "{":
            return self.pairs("}")
        if word == "[":
            found = []
            while not self.took("]"):
                found.append(self.value())
            return found
        if word.startswith('"') or re.match(r"-?\d", word):
            return json.loads(word)
        return _CONSTANTS.get(word, word)  # an enumeration's value is its name


def read(text: str) -> Document:
    """The operation of a document, with its fragments. Raises `Refused` where it cannot be read."""
    return _Reader(text).document()


def answer(document: Document, variables: Mapping[str, Any], root: Node) -> dict[str, Any]:
    """The data that the document asks `root` for. Raises `Unknown` for a field that is not there."""
    given = {**document.defaults, **variables}

    def filled(value: Any) -> Any:
        if isinstance(value, _Variable):
            return given.get(value.name)
        if isinstance(value, dict):
            # A variable that was not given is as if its argument had not been written.
            return {
                key: filled(each)
                for key, each in value.items()
                if not isinstance(each, _Variable) or each.name in given
            }
        return [filled(each) for each in value] if isinstance(value, list) else value

    def applies(selection: _Selection, on: str | None, typename: str) -> bool:
        wanted = filled(selection.directives)
        included = wanted.get("include", True) and not wanted.get("skip", False)
        return included and (on is None or on == typename or typename in _INTERFACES.get(on, ()))

    def select(node: Node, inside: list[_Selection]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for selection in inside:
            fragment = document.fragments[selection.name] if selection.is_spread and selection.name else selection
            if not applies(selection, fragment.on, node["__typename"]):
                continue
            if selection.is_spread:
                for key, value in select(node, fragment.inside).items():
                    both = isinstance(value, dict) and isinstance(found.get(key), dict)
                    found[key] = {**found[key], **value} if both else value
            else:
                found[selection.key] = complete(look_up(node, selection), selection.inside)
        return found

    def look_up(node: Node, selection: _Selection) -> Any:
        if selection.name not in node:
            raise Unknown(f'Cannot query field "{selection.name}" on type "{node["__typename"]}".', 400)
        value: Any | Callable[[dict[str, Any]], Any] = node[selection.name]
        return value(filled(selection.arguments)) if callable(value) else value

    def complete(value: Any, inside: list[_Selection]) -> Any:
        if isinstance(value, list):
            return [complete(each, inside) for each in value]
        return select(value, inside) if inside and value is not None else value

    return select(root, document.inside)
