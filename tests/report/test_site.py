"""The site of the documents builds from them alone, and everybody can read it."""

import subprocess
import sys
from pathlib import Path

import pytest

from .browsing import violations

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_site_builds_without_warnings_and_axe_finds_nothing(browser, tmp_path):
    pytest.importorskip("sphinx", reason="needs the extra docs")
    build = [sys.executable, "-m", "sphinx", "-W", "-q", "-c", ROOT / ".ci", ROOT, tmp_path]
    assert subprocess.run(build, check=False).returncode == 0
    pages = sorted({*tmp_path.rglob("*.html")} - {tmp_path / "search.html"})
    assert len(pages) >= 25
    page = browser.new_page()
    for place in pages:
        page.goto(place.as_uri())
        assert violations(page) == "", place
    page.close()
