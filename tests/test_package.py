"""The wheel carries all that the program needs, from any directory."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def test_experiments_sweeps_templates_and_types_travel(unpacked: Path) -> None:
    for kind in ("experiments", "sweeps"):
        carried = {path.name for path in (unpacked / "dcgan" / "content" / kind).glob("*.yaml")}
        assert carried == {path.name for path in (ROOT / kind).glob("*.yaml")}
    assert (unpacked / "dcgan" / "py.typed").exists()
    assert {path.name for path in (unpacked / "dcgan" / "report" / "templates").iterdir()} >= {
        "index.html",
        "report.md",
    }


def test_it_works_from_any_directory(unpacked: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dcgan", "sweep", "demo", "--dry-run", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert '"study": "demo"' in done.stdout
    where = subprocess.run(
        [sys.executable, "-c", "import dcgan; print(dcgan.__file__)"], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert where.stdout.startswith(str(unpacked))
