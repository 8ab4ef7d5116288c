"""The sentences of pages, reviewed as a diff of one file: run ``pytest tests/report --rendered`` to write it anew."""

import re
from pathlib import Path

from toolkit.report import render
from toolkit.report.page import SECTIONS

from .comparison_example import FAILED, NINE, TWO, comparison
from .pages import Page
from .test_charts import SIZES, in_folds, of_fractions, swept_by

RENDERED = Path(__file__).with_name("sentences.txt")
PAGES = {
    "two columns": (lambda: comparison(TWO), ["head", *SECTIONS]),
    "nine columns": (lambda: comparison(NINE, failed=(FAILED,)), ["head", "verdict", "documents", "ledger"]),
    "folds": (lambda: in_folds(comparison(TWO)), ["head", "folds"]),
    "fractions": (lambda: of_fractions(comparison(TWO)), ["scaling"]),
    "a sweep": (lambda: swept_by("bpe-k-1024", SIZES), ["sweep"]),
}


def paragraphs(html: str, section: str) -> list[str]:
    """The paragraphs and captions of a section, or of the head of the page."""
    pattern = r"<header>.*?</header>" if section == "head" else rf'<section id="{section}">.*?</section>'
    texts = [
        Page(text).text
        for part in re.findall(pattern, html, re.S)
        for text in re.findall(r"(?s)<(?:p|figcaption)\b.*?</(?:p|figcaption)>", part)
    ]
    return [text for text in texts if text.endswith(".") and text.count(" ") > 3 and not text.startswith("Copied:")]


def test_the_sentences_are_those_that_were_reviewed(request) -> None:
    lines: list[str] = []
    for name, (make, sections) in PAGES.items():
        html = render(make())
        texts = [text for section in sections for text in paragraphs(html, section)]
        lines += [f"# {name}", *(text for text in dict.fromkeys(texts) if text not in lines), ""]
    text = "\n".join(lines)
    if request.config.getoption("--rendered", default=False):
        RENDERED.write_text(text, "utf-8")
    assert text == RENDERED.read_text("utf-8")
