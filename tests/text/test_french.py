"""French through everything that knows of words: nothing in it is made for English."""

import json
from pathlib import Path

import pytest

from tests.conftest import TINY
from toolkit.rare_words import RARE_WORDS
from toolkit.text.corpus import Document
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split
from toolkit.tokenizers.cut import SpacyWords

pytestmark = pytest.mark.slow

FRENCH = read_corpus(Path(__file__).parents[1] / "data" / "french", "french", "fr")
STRANGE = [
    "l'homme, aujourd’hui ! « Qu'est-ce ? » — 1\u202f204 œufs…",
    "«\u00a0Non\u00a0»\u202f; «oui»\u202f!\u00a0\u00a0\n\u202f",
    " 12,50\u00a0F l’ ' « »\u00a0 d'œ — – -\n\nÀ-côté",
    "\u00a0 \u00a0",
]


@pytest.mark.parametrize("strategy", list(RARE_WORDS))
def test_every_text_comes_back_also_from_a_restored_tokenizer(strategy):
    parts = split(FRENCH)
    words = SpacyWords(strategy, language="fr").fit(parts.train, parts.valid)
    copy = SpacyWords(strategy, language="fr").restore(json.loads(json.dumps(words.state())))
    for document in [*FRENCH.documents, *(Document("strange", text) for text in STRANGE)]:
        encoding, other = words.encode(document), copy.encode(document)
        assert (encoding.ids.tolist(), encoding.surfaces) == (other.ids.tolist(), other.surfaces)
        assert copy.decode(encoding.ids.tolist(), encoding.surfaces) == document.text


def test_elisions_are_words_and_no_break_spaces_are_white_space():
    text = "«\u00a0L’homme d’aujourd’hui\u202f!\u00a0»"
    words = SpacyWords("unk", language="fr").cut(Document("d", text)).texts
    assert words == ["«", "\u00a0", "L’", "homme", "d’", "aujourd’hui", "\u202f", "!", "\u00a0", "»"]


def test_a_comparison_is_made_and_proven(tmp_path):
    from toolkit.comparison.compare import compute
    from toolkit.comparison.progress import Reporter
    from toolkit.comparison.request import Request
    from toolkit.runs.spec import parse_columns

    columns = parse_columns(["char@ngram", "word:pos@ngram", "word:unk@ngram"], {})
    whole = compute(Request(FRENCH, columns, TINY, verify=True), tmp_path / "out", Reporter())
    assert [cell.column for cell in whole.done] == ["char@ngram", "word:pos@ngram", "word:unk@ngram"]
    for cell in whole.done:
        assert cell.verified.characters == whole.corpus.test_characters
        assert cell.verified.bytes == pytest.approx(cell.verified.bits / 8, abs=16)
    assert whole.done[0].generated.measures["real_word_rate"].author > 0.9  # of French words
    assert "«" in (tmp_path / "out" / "index.html").read_text("utf-8")
