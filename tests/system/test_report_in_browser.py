"""The report in a real browser: it renders, runs nothing, asks for nothing and complains about nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from dcgan.report import from_csv, write, write_several

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--enable-logging=stderr",
]  # fmt: skip
# axe-core's script: where AXE_CORE says, or as `npm install axe-core` puts it.
AXE = Path(os.environ.get("AXE_CORE") or "node_modules/axe-core/axe.min.js")
_ASK = """
addEventListener("load", async () => {
  document.querySelectorAll("details").forEach(each => each.open = true);
  const found = typeof axe === "undefined" ? { violations: [] } : await axe.run(document, { resultTypes: ["violations"] });
  parent.postMessage({
    violations: found.violations.map(each => [each.id, each.nodes.map(node => node.html)]),
    fetched: performance.getEntriesByType("resource").map(each => each.name),
    widths: [document.documentElement.scrollWidth, innerWidth],
  }, "*");
});
"""
_FRAME = """<!doctype html><title>frame</title><pre></pre>
<iframe src="asked.html" style="width: WIDTHpx; height: 1200px; border: 0"></iframe>
<script>addEventListener("message", told => document.querySelector("pre").textContent = JSON.stringify(told.data))</script>
"""
# What a reader sees, as rules that hold whatever the browser's own settings are.
SCHEMES = {
    "light": {"(prefers-color-scheme: dark)": "not all"},
    "dark": {"(prefers-color-scheme: dark)": "all"},
    "print": {"(prefers-color-scheme: dark)": "not all", "@media print": "@media all"},
}

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


@pytest.fixture
def several(tmp_path: Path) -> Path:
    """The page of two tables whose names are markup."""
    sources = {}
    for name, shift in (("one", 0), ("<b>two</b>", 7)):
        rows = ["arm,seed,fid"]
        for seed in range(5):
            rows += [f"bare,{seed},{100.123456 + seed + shift}", f"<i>good</i>,{seed},{70.123456 + 2 * seed - shift}"]
        table = tmp_path / f"table{shift}.csv"
        table.write_text("\n".join(rows) + "\n")
        sources[name] = from_csv(table)
    write_several(sources, ["one.csv", "two.csv"], tmp_path / "report-of-several")
    return tmp_path / "report-of-several" / "index.html"


@pytest.fixture(params=["page", "several"])
def any_page(request: pytest.FixtureRequest) -> Path:
    """Of one study, and of several."""
    found: Path = request.getfixturevalue(request.param)
    return found


def test_it_renders_without_a_complaint(any_page: Path, tmp_path: Path) -> None:
    picture = tmp_path / "page.png"
    done = _browse(tmp_path, "--window-size=1100,2000", f"--screenshot={picture}", any_page.as_uri())
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


def test_names_are_text_in_the_page_of_several_studies(several: Path, tmp_path: Path) -> None:
    dom = _browse(tmp_path, "--dump-dom", several.as_uri()).stdout
    assert "&lt;i&gt;good&lt;/i&gt;" in dom and "<i>" not in dom and "<b>two" not in dom
    assert not any(f'{name}="http' in dom for name in ("src", "href"))


def _asked(page: Path, tmp_path: Path, scheme: str, width: int, script: str) -> dict[str, Any]:
    """What the page says of itself so wide and in that scheme, with that script beside its own content."""
    text = page.read_text(encoding="utf-8")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy"[^>]*>', text)
    assert policy
    for old, new in SCHEMES[scheme].items():
        assert old in text
        text = text.replace(old, new)
    asked = text.replace(policy[0], "").replace("</body>", f"<script>{script}</script><script>{_ASK}</script></body>")
    (tmp_path / "asked.html").write_text(asked, encoding="utf-8")
    frame = tmp_path / "frame.html"
    frame.write_text(_FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    dom = _browse(
        tmp_path, "--window-size=1500,1300", "--virtual-time-budget=60000", "--dump-dom", frame.as_uri()
    ).stdout
    told = re.search(r"<pre>(.+?)</pre>", dom)
    assert told, "the page said nothing"
    found: dict[str, Any] = json.loads(told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    return found


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1400, 718, 390])
def test_nothing_is_wider_than_the_screen_and_nothing_is_fetched(
    any_page: Path, tmp_path: Path, scheme: str, width: int
) -> None:
    told = _asked(any_page, tmp_path, scheme, width, "")
    assert told["widths"][0] <= told["widths"][1] == width
    assert told["fetched"] == []


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm install axe-core, or AXE_CORE=PATH of axe.min.js")
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [1400, 390])
def test_axe_finds_nothing(any_page: Path, tmp_path: Path, scheme: str, width: int) -> None:
    told = _asked(any_page, tmp_path, scheme, width, AXE.read_text(encoding="utf-8").replace("</script", "<\\/script"))
    assert told["violations"] == []


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: npm install axe-core, or AXE_CORE=PATH of axe.min.js")
def test_axe_would_find_something(page: Path, tmp_path: Path) -> None:
    page.write_text(page.read_text(encoding="utf-8").replace(' lang="en"', "").replace(' scope="col"', ' scope="x"'))
    told = _asked(page, tmp_path, "light", 1400, AXE.read_text(encoding="utf-8").replace("</script", "<\\/script"))
    assert {"html-has-lang", "scope-attr-valid"} <= {name for name, _ in told["violations"]}
