"""French through everything that knows of words: nothing in it is made for English.

The texts are of this project; they have guillemets, elisions, both apostrophes, both no-break spaces, œ, dashes and
numbers, and three quarters of their different words occur once.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import TINY
from toolkit.rare_words import RARE_WORDS
from toolkit.text.corpus import Document, canonical
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.text.tagging import Tagger
from toolkit.text.words import joined_text, segments
from toolkit.tokenizers.cut import SpacyWords

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[1] / "data" / "french"
STRANGE = [
    "l'homme, aujourd’hui ! « Qu'est-ce ? » — 1\u202f204 œufs…",
    "«\u00a0Non\u00a0»\u202f; «oui»\u202f!\u00a0\u00a0\n\u202f",
    " 12,50\u00a0F l’ ' « »\u00a0 d'œ — – -\n\nÀ-côté",
    "«", "\u202f", "\u00a0 \u00a0", "",
]  # fmt: skip


@pytest.fixture(scope="module")
def french():
    return read_corpus(FOLDER, "french", "fr")


@pytest.fixture(scope="module")
def parts(french):
    return split(french)


@pytest.fixture(scope="module", params=list(RARE_WORDS))
def words(request, parts):
    """The tokenizer with each strategy there is, fitted."""
    return SpacyWords(request.param, language="fr").fit(parts.train, parts.valid)


def test_the_texts_have_what_they_are_there_for(french):
    text = "".join(document.text for document in french.documents)
    assert len(french.documents) == 6
    assert set("«»'’œÀéêç—…;0\u00a0\u202f") <= set(text)
    assert text == canonical(text)


def test_every_text_comes_back(words, french):
    for document in [*french.documents, *(Document("strange", text) for text in STRANGE)]:
        encoding = words.encode(document)
        assert words.decode(encoding.ids.tolist(), encoding.surfaces) == document.text
        assert encoding.ends[-1] == len(document.text)


def test_a_restored_tokenizer_says_the_same(words, parts):
    again = SpacyWords(words.strategy_name, language="fr").restore(json.loads(json.dumps(words.state())))
    for document in parts.test:
        a, b = words.encode(document), again.encode(document)
        assert (a.ids.tolist(), a.surfaces) == (b.ids.tolist(), b.surfaces)


def test_the_languages_own_model_gives_the_tags(parts):
    words = SpacyWords("pos", language="fr").fit(parts.train, parts.valid)
    assert words.spacy_model == "fr_core_news_sm"
    assert {"NOUN", "VERB", "ADJ"} <= set(words._fillings.counts)
    assert "OTHER" not in words._fillings.counts


@given(st.text(st.sampled_from("aéœL1’'«»—-–.,;!?… \n\u00a0\u202f"), max_size=40))
def test_the_cut_into_words_loses_nothing(text):
    words = segments(Document("d", text), list(BLANK.tag_anew(text)))
    assert joined_text([(segment.word.marks, segment.word.text) for segment in words]) == text


BLANK = Tagger(language="fr", tags=False)


def test_elisions_are_words_and_no_break_spaces_are_white_space():
    text = "«\u00a0L’homme d’aujourd’hui\u202f!\u00a0»"
    words = [segment.word.text for segment in segments(Document("d", text), list(BLANK.tag_anew(text)))]
    assert words == ["«", "\u00a0", "L’", "homme", "d’", "aujourd’hui", "\u202f", "!", "\u00a0", "»"]


def test_a_comparison_is_made_and_proven(french, tmp_path):
    from toolkit.comparison.compare import compute
    from toolkit.comparison.progress import Reporter
    from toolkit.comparison.request import Request
    from toolkit.runs.spec import parse_columns

    columns = parse_columns(["char@ngram", "word:pos@ngram", "word:unk@ngram"], {})
    whole = compute(Request(french, columns, TINY, verify=True), tmp_path / "out", Reporter())
    assert [cell.column for cell in whole.done] == ["char@ngram", "word:pos@ngram", "word:unk@ngram"]
    for cell in whole.done:
        assert cell.verified
        assert cell.verified.characters == whole.corpus.test_characters
        assert cell.verified.bytes == pytest.approx(cell.verified.bits / 8, abs=16)
    author = whole.done[0].generated.measures["real_word_rate"].author
    assert author > 0.9  # of French words
    assert "«" in (tmp_path / "out" / "index.html").read_text("utf-8")
