"""The report in a real browser: it renders, runs nothing, asks for nothing and complains about nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from dcgan.report import from_csv, write, write_several

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr",
]  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")]


def _browse(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    profile = tmp_path / "profile"
    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={profile}", *words]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    rows = ["arm,seed,fid,status,seconds"]
    for seed in range(5):
        rows += [
            f"bare,{seed},{100 + seed},finished,10",
            f"<script>alert(1)</script>,{seed},{80 + 2 * seed},finished,12",
        ]
        rows += [f"wild,{seed},,diverged,3"]
    table = tmp_path / "table.csv"
    table.write_text("\n".join(rows) + "\n")
    write(from_csv(table), tmp_path / "report")
    return tmp_path / "report" / "index.html"


def test_it_renders_without_a_complaint(page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    done = _browse(tmp_path, "--window-size=1100,2000", f"--screenshot={picture}", page.as_uri())
    assert "CONSOLE" not in done.stderr  # no script error, nothing refused by the page's own policy
    image = Image.open(picture).convert("L")
    assert image.size == (1100, 2000)
    assert len(image.resize((110, 200)).getcolors(256) or range(300)) > 10


def test_names_are_text_and_nothing_is_fetched(page: Path, tmp_path: Path) -> None:
    dom = _browse(tmp_path, "--dump-dom", page.as_uri()).stdout
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in dom
    assert "<script" not in dom
    assert not any(f'{name}="http' in dom for name in ("src", "href"))
    assert "data:image/svg" in dom or "<svg" in dom


def test_a_page_of_several_studies_renders_without_a_complaint_and_fetches_nothing(tmp_path: Path) -> None:
    sources = {}
    for name, shift in (("one", 0), ("<b>two</b>", 7)):
        rows = ["arm,seed,fid"]
        for seed in range(5):
            rows += [f"bare,{seed},{100.123456 + seed + shift}", f"<i>good</i>,{seed},{70.123456 + 2 * seed - shift}"]
        table = tmp_path / f"table{shift}.csv"
        table.write_text("\n".join(rows) + "\n")
        sources[name] = from_csv(table)
    write_several(sources, ["one.csv", "two.csv"], tmp_path / "report")
    page = tmp_path / "report" / "index.html"
    picture = tmp_path / "page.png"
    done = _browse(tmp_path, "--window-size=390,2400", f"--screenshot={picture}", page.as_uri())
    assert "CONSOLE" not in done.stderr
    assert len(Image.open(picture).convert("L").resize((39, 240)).getcolors(256) or range(300)) > 10
    dom = _browse(tmp_path, "--dump-dom", page.as_uri()).stdout
    assert "&lt;i&gt;good&lt;/i&gt;" in dom and "<i>" not in dom and "<b>two" not in dom
    assert not any(f'{name}="http' in dom for name in ("src", "href"))
