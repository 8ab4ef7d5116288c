"""The sentences of pages, reviewed as a diff of one file: run ``pytest tests/report --rendered`` to write it anew."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

from tests.helpers.comparison_example import COMPARISONS, FAILED, TWO, comparison, contrast, interval
from toolkit.report import render
from toolkit.results.conclusions import Answer, Step, Warning
from toolkit.results.inspection import Shortfall
from toolkit.results.record import say

from .pages import Page

RENDERED = Path(__file__).with_name("sentences.txt")
PAIR = ("char", "word:pos")
BETTER, WORSE, OPEN = contrast(*PAIR, -0.25), contrast(*PAIR, 0.25, p=0.00004), contrast(*PAIR, 0.02)
SEGMENTS = {"unit": "segment", "limit": "units"}
LATE = contrast(*PAIR, -0.25, undertrained=["word:pos"])
FEW = contrast(*PAIR, 0.25, outcome="too few units", units=4)
LEADS = [interval(*PAIR, lead, 0.03, over="fraction", at=at) for lead, at in ((-0.1, 0.5), (0.1, 1.0))]
WARNINGS = (
    ("failed", FAILED.reason), ("near_duplicates", 2), ("one_document", None), ("few_units", 4),
    ("short_training", 0.012), ("short_training", None), ("overfitting", 0.4), ("budget_ended", 90),
    ("no_tagger", "la"), ("language", "en"), ("characters_as_words", 1.2),
    ("unequal_sizes", 0.031), ("foreign_code", None),
)  # fmt: skip


def answered(compared, seconds=None, quick=False, **answer):
    """The facts of a comparison that its headline is made from."""
    facts = {"answer_contrast": compared, "answering": ({"char": 2.51},), "unsettled_seconds": seconds}
    return (SimpleNamespace(answer=Answer(**answer), quick=quick, **facts),)


# By macro of sentences.j2, the arguments of each call: every form of every sentence, of invented records.
CALLS = {
    "verdict": [
        (BETTER,), (WORSE,), (LATE,), (OPEN,),
        (contrast(*PAIR, 0.0, outcome="equal"),), (FEW,),
    ],
    "headline": [
        answered(BETTER, column="char", runner_up="word:pos"),
        answered(BETTER, column="char", tied=["bpe"], runner_up="a"),
        answered(LATE, column="char", runner_up="word:pos", seconds=5.0),
        answered(BETTER, column="char", runner_up="word:pos", seconds=9.0, quick=True),
        answered(OPEN, tied=["word:pos", "char", "bpe"]), answered(OPEN, tied=["word:pos", "char"], next="seeds"),
        answered(OPEN, tied=["word:pos", "char"], seconds=9.0, quick=True),
        answered(FEW, tied=["word:pos", "char"]), answered(None, tied=["char"]), answered(None),
    ],
    "remedy": [
        (contrast(*PAIR, 0.02, limit="both"),),
        *((contrast(*PAIR, 0.02, limit="seeds", needed=needed),) for needed in (None, 3)),
        *((contrast(*PAIR, 0.02, limit="units", needed=needed),) for needed in (None, 1, 14)),
        *((contrast(*PAIR, 0.02, **SEGMENTS, needed=needed),) for needed in (None, 1.8)),
    ],
    "step": [(step,) for step in get_args(Step)],
    "warning": [
        *((Warning(kind=kind, columns=["char"], value=value),) for kind, value in WARNINGS),
        (Warning(kind="characters_as_words", columns=[], value="pip install pkuseg"),),
    ],
    "fractions": [(LEADS,)],
    "verified": [(comparison(TWO).done,)],
    "shortfall": [
        ("bpe", Shortfall(target=target, seen=900, unseen=unseen))
        for target, unseen in ((9000, 60), (9000, 0), (960, 60))
    ],
}  # fmt: skip


def paragraphs(html: str) -> list[str]:
    """Return the paragraphs, headings, captions and terms of a page's sections."""
    (main,) = re.findall(r"(?s)<main>.*?</main>", re.sub("<button.*?</button>", "", html))
    tags = "p|h1|figcaption|small|li|dd"
    texts = [Page(text).text for text in re.findall(rf"(?s)<(?:{tags})\b.*?</(?:{tags})>", main)]
    return [text for text in texts if text.count(" ") > 3]


def test_the_sentences_are_those_that_were_reviewed(request) -> None:
    lines = ["# sentences.j2", *(say(macro, *call) for macro, calls in CALLS.items() for call in calls), ""]
    for name, make in COMPARISONS.items():
        texts = dict.fromkeys(paragraphs(render(make())))
        lines += [f"# {name}", *(text for text in texts if text not in lines), ""]
    text = "\n".join(lines)
    if request.config.getoption("--rendered", default=False):
        RENDERED.write_text(text, "utf-8")
    assert text == RENDERED.read_text("utf-8")
