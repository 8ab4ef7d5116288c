"""The pictures of the documents: parts of a report, and a notebook.

    toolkit compare --tokenizers char,word
    python -m tests.benchmarks.screenshots reports/weird-tales--char-word-pos

It needs Chromium (``apt-get install chromium``) and ``pip install nbconvert ipykernel``.
"""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from playwright.sync_api import Page, sync_playwright

from tests.report.browsing import CHROMIUM

PICTURES = Path(__file__).parents[2] / "toolkit" / "docs" / "pictures"
WIDTH = 1280
HEIGHTS = {"answer": 1180, "text": 850, "coverage": 590, "explorer": 900}  # of the sections of a report
MARGIN = 100  # above a section that was scrolled to
NOTEBOOK = """import toolkit

comparison = toolkit.Comparison.load("{folder}/comparison.json")
comparison"""


def notebook(folder: Path) -> str:
    """The page of a notebook that shows the comparison."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK.format(folder=folder))])
    ExecutePreprocessor().preprocess(book, {"metadata": {"path": "."}})
    return str(HTMLExporter().from_notebook_node(book)[0])


def take(page: Page, place: str, name: str, height: int, top: int = 0) -> None:
    """Write a picture of the page from a place on."""
    page.set_viewport_size({"width": WIDTH, "height": height + top})
    page.locator(place).evaluate("element => element.scrollIntoView()")
    page.wait_for_timeout(500)
    page.screenshot(path=PICTURES / f"{name}.png", clip={"x": 0, "y": top, "width": WIDTH, "height": height})


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="a comparison's folder")
    folder = parser.parse_args().folder
    with sync_playwright() as playwright, TemporaryDirectory() as work:
        page = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]).new_page()
        page.goto((folder / "index.html").resolve().as_uri())
        for section, height in HEIGHTS.items():
            take(page, f"#{section}", section, height, 0 if section == "answer" else MARGIN)
        cells = Path(work) / "notebook.html"
        cells.write_text(notebook(folder), "utf-8")
        page.goto(cells.as_uri())
        take(page, "body", "notebook", 330)


if __name__ == "__main__":
    main()
