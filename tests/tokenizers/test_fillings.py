"""The words that fill placeholders, from the bundled tales."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from toolkit.inference.generation import Continuation
from toolkit.text.corpus import Document
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.tokenizers.cut import SpacyWords


@pytest.fixture(scope="module")
def unk():
    parts = split(read_corpus(Path(__file__).parents[2] / "corpora" / "weird-tales"))
    return SpacyWords("unk").fit(parts.train, parts.valid)


def test_nearly_nothing_shouts_in_running_text(unk):
    surfaces = unk.state()["fillings"]["UNK"]
    assert sum(len(word) > 2 and word.isupper() for word in surfaces) < 0.01 * len(surfaces)
    assert sum(word[:1].isupper() for word in surfaces) > 0.1 * len(surfaces)  # names keep their capital


@pytest.mark.parametrize(
    ("prompt", "drawn", "beyond", "text"),
    [
        ("The man was", "Amsterdam", [], " Amsterdam"),
        ("The man was here.", "paddled", [], " Paddled"),
        ("SEND SPECIMENS OF", "handwriting", [], " HANDWRITING"),
        ("THE LAMP OF THE", "walked", ["the", "old"], " WALKED"),  # ids beyond the text decide nothing
    ],
)
@pytest.mark.parametrize("source", ["seen", "spelled"])
def test_a_fill_has_the_capitals_that_its_place_asks_for(unk, prompt, drawn, beyond, text, source):
    placeholder = next(id_ for id_, name in unk.vocabulary.spelled.items() if name == "UNK")
    writing = Continuation(unk, prompt, unk.prompt(prompt), source, 0, len(text))
    writing._word = lambda _: drawn
    writing.extend([placeholder, *(unk.vocabulary.tokens.index(token) for token in beyond)])
    assert writing.is_complete
    filled = writing.filled()
    assert filled.text == text
    assert [(fill.start, fill.end) for fill in filled.fills] == [(1, len(text))]


def test_fillings_are_drawn_by_their_frequency():
    texts = ["the quincunx and the fen by the fen", "a fen of a fen and a fen of a fen by the moon"]
    tokenizer = SpacyWords("unk", rare_max_count=6).fit([Document(text, text) for text in texts])
    counts = tokenizer.state()["fillings"]["UNK"]
    rng = np.random.default_rng(0)
    drawn = Counter(tokenizer.fill("UNK", rng) for _ in range(2_000))
    assert drawn.keys() == counts.keys()
    shares = np.array([drawn[surface] / 2_000 for surface in counts])
    np.testing.assert_allclose(shares, np.array(list(counts.values())) / sum(counts.values()), atol=0.04)
