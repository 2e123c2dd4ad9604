"""The documents keep their word: every link leads somewhere, every command exists, no place of ours is named."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from benchmarks import sequential
from dcgan.cli import COMMANDS, parsed
from dcgan.common.errors import Misuse

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "reports").rglob("*.md")])
TAUGHT = [path for path in DOCUMENTS if path.name == "README.md" or path.parent.name == "docs"]
CONTENT = sorted([*(ROOT / "experiments").glob("*.yaml"), *(ROOT / "sweeps").rglob("*.yaml")])


LINK = r"\]\(([^)#\s]+)[^)]*\)"
COMMAND = r"(?:^|`|\$ |# +|: )(dcgan [a-z][^`#]*|make [a-z-]+)"


def test_documents_links_and_commands_are_found() -> None:
    """Else the tests below look at nothing."""
    found = {path.relative_to(ROOT).as_posix() for path in [*DOCUMENTS, *CONTENT]}
    assert found >= {
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "reports/demo/report.md",
        "sweeps/demo.yaml",
    }
    assert len(re.findall(LINK, (ROOT / "README.md").read_text())) >= 5
    commands = re.findall(COMMAND, (ROOT / "README.md").read_text(), re.MULTILINE)
    assert {"make demo", "make test"} <= set(commands)
    assert {command.split()[1] for command in commands} >= {"sweep", "report", "train"}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(LINK, document.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def _anchors(document: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_to_headings_lead_to_one() -> None:
    looked = []
    for document in DOCUMENTS:
        for target, anchor in re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", document.read_text()):
            there = document.parent / target if target else document
            assert anchor in _anchors(there), f"{document.name} links to {target}#{anchor}"
            looked.append(anchor)
    assert "where-do-i-add-what" in looked


@pytest.mark.parametrize("document", [*DOCUMENTS, *CONTENT], ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in document.read_text().splitlines():
        for command in re.findall(COMMAND, line):
            program, name, *_ = shlex.split(command, comments=True) if command.count("'") % 2 == 0 else command.split()
            if program == "dcgan":
                assert name in COMMANDS, f"{document.name}: {command}"
            else:
                assert re.search(rf"^{name}:", makefile, re.MULTILINE), f"{document.name}: {command}"


def _typed(document: Path) -> list[tuple[str, ...]]:
    """The words of every command with arguments; one that is only named, as `dcgan train` is, is no line to type."""
    commands = [each for line in document.read_text().splitlines() for each in re.findall(COMMAND, line)]
    words = [shlex.split(command) for command in commands if command.count("'") % 2 == 0]
    return [tuple(rest) for program, *rest in words if program == "dcgan" and len(rest) > 1 and "--help" not in rest]


@pytest.mark.parametrize("document", [*TAUGHT, *CONTENT], ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_are_understood(document: Path) -> None:
    """By their own parser, with every option."""
    for words in _typed(document):
        try:
            parsed(["1" if word == "N" else word for word in words])
        except Misuse as refusal:
            pytest.fail(f"{document.name}: dcgan {shlex.join(words)}: {refusal}")


def test_an_option_that_is_not_there_would_be_seen(tmp_path: Path) -> None:
    assert len(_typed(ROOT / "README.md")) > 20
    (tmp_path / "page.md").write_text("see `dcgan report demo --sed seed`, `dcgan train`\n")
    [words] = _typed(tmp_path / "page.md")
    with pytest.raises(Misuse, match="did you mean '--seed'"):
        parsed(list(words))


def test_the_page_on_stopping_is_what_its_script_writes() -> None:
    """But for the simulated numbers, which take long."""
    lines = sequential.PAGE.read_text().splitlines()
    rows = [line for line in lines if re.match(r"\| [\d.]+ \|", line)]
    assert len(rows) == 12 + 6 + 4
    templates = "\n".join([sequential._HEAD, sequential._POWER, sequential._CHOICE])
    assert [line for line in lines if line not in rows] == templates.strip().splitlines()
