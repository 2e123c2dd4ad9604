"""The documents keep their word: every link leads somewhere, every command exists, no place of ours is named."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from dcgan.cli import COMMANDS

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "reports").rglob("*.md")])
CONTENT = sorted([*(ROOT / "experiments").glob("*.yaml"), *(ROOT / "sweeps").rglob("*.yaml")])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", [*DOCUMENTS, *CONTENT], ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for line in document.read_text().splitlines():
        for command in re.findall(r"(?:^|`|\$ |# +|: )(dcgan [a-z][^`#]*|make [a-z-]+)", line):
            program, name, *_ = shlex.split(command, comments=True) if command.count("'") % 2 == 0 else command.split()
            if program == "dcgan":
                assert name in COMMANDS, f"{document.name}: {command}"
            else:
                assert re.search(rf"^{name}:", makefile, re.MULTILINE), f"{document.name}: {command}"
