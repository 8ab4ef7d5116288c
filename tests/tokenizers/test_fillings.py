"""The words that fill placeholders, from the bundled tales: telegrams in capitals, beginnings of sentences, names."""

import numpy as np
import pytest

from toolkit.inference.generation import Continuation
from toolkit.text.corpus import Document
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.text.words import JOINER
from toolkit.tokenizers.cut import SpacyWords
from toolkit.tokenizers.fillings import Fillings, with_case


@pytest.fixture(scope="module")
def unk(request):
    """One placeholder for the rare words of the bundled tales."""
    tales = split(read_corpus(request.config.rootpath / "corpora" / "weird-tales", "weird-tales"))
    return SpacyWords("unk").fit(tales.train, tales.valid)


@pytest.mark.parametrize(
    ("surface", "resting"),
    [
        ("BUSHROPE", "bushrope"),  # in a telegram
        ("Above", "above"),  # at the beginning of a sentence
        ("Amsterdam", "Amsterdam"),  # a name, elsewhere
        ("fumbling", "fumbling"),
    ],
)
def test_words_of_training_rest_without_the_capitals_of_their_place(unk, surface, resting):
    assert surface in unk.state()["fillings"]["UNK"]
    assert unk.at_rest("UNK", surface) == resting


def test_nearly_nothing_shouts_in_running_text(unk):
    resting = [unk.at_rest("UNK", surface) for surface in unk.state()["fillings"]["UNK"]]
    shouting = [word for word in resting if len(word.replace(JOINER, "")) > 1 and word.isupper()]
    assert len(shouting) < 0.005 * len(resting)
    assert sum(word[:1].isupper() for word in resting) > 0.1 * len(resting)  # names keep their capital


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
def test_a_fill_has_the_case_that_its_place_asks_for(unk, prompt, drawn, beyond, text, source):
    placeholder = next(id_ for id_, name in unk.vocabulary.spelled.items() if name == "UNK")
    writing = Continuation(unk, prompt, unk.prompt(prompt), source, 0, len(text))
    writing._word = lambda _: drawn
    writing.extend([placeholder, *(unk.vocabulary.tokens.index(token) for token in beyond)])
    assert writing.is_complete
    filled = writing.filled()
    assert filled.text == text
    assert [(fill.start, fill.end) for fill in filled.fills] == [(1, len(text))]


def test_a_new_word_gets_the_case_that_words_like_it_mostly_have():
    words = [("NOUN", "OAR", "oar"), ("NOUN", "FEN", "fen"), ("NOUN", "BBC", "BBC"), ("NAME", "Tull", "Tull")]
    fillings = Fillings.of(((name, surface), resting) for name, surface, resting in words)
    assert fillings.at_rest("NOUN", "MARSH") == "marsh"
    assert fillings.at_rest("NAME", "Coote") == "Coote"
    assert fillings.at_rest("NAME", "COOTE") == "coote"  # no word of its class is like it
    assert fillings.at_rest("OTHER", "McLeod") == "McLeod"
    documents = ["He works for the NASA of old.", "He works for the BBC of old and the old of."]
    shape = SpacyWords("shape").fit([Document(text, text) for text in documents])
    assert shape.at_rest("ALLC", "NASA") == "NASA"
    assert shape.at_rest("ALLC", "XYZ") == "XYZ"  # a class of capitals keeps them


def test_marks_stay():
    assert with_case(JOINER + "FEN" + JOINER, "capital") == JOINER + "Fen" + JOINER
    assert with_case(f"Fe{JOINER}n", "lower").replace(JOINER, "") == "fen"  # a joiner within a surface is no mark


def test_fillings_are_drawn_by_their_frequency():
    fillings, rng = Fillings({"NOUN": {"fen": 99, "quincunx": 1}}, {}), np.random.default_rng(0)
    drawn = [fillings.draw("NOUN", rng) for _ in range(400)]
    assert 0 < drawn.count("quincunx") < 20
