"""The README's picture of a report: its first screen.

    toolkit compare --tokenizers char,word
    python -m tests.benchmarks.screenshots reports/weird-tales--char-word-pos

It needs Chromium (``apt-get install chromium``) and is written to ``reports/``.
"""

import argparse
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.report.browsing import CHROMIUM

PICTURES = {"example.png": "#answer"}
WIDTH, HEIGHT = 1280, 1180


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a comparison's folder")
    parser.add_argument("--out", type=Path, default=Path("reports"))
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto((arguments.folder / "index.html").resolve().as_uri())
        for name, place in PICTURES.items():
            page.locator(place).evaluate("element => element.scrollIntoView()")
            page.wait_for_timeout(300)
            page.screenshot(path=arguments.out / name)
            print(arguments.out / name)
        browser.close()


if __name__ == "__main__":
    main()
