from difflib import SequenceMatcher

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.config import SampleSettings
from toolkit.evaluation.evaluator import EvaluationData
from toolkit.evaluation.metrics import Reference, novelty
from toolkit.text.catalogue import find_corpus
from toolkit.text.splits import split


def reference(*documents: str) -> Reference:
    return Reference(documents)


@given(st.text(alphabet="abc", max_size=40), st.text(alphabet="abcd", max_size=80))
@example("bbaa", "babb")
@example("abcd", "")
@settings(max_examples=300)
def test_the_longest_copy_is_the_longest_common_substring(text: str, training: str) -> None:
    expected = SequenceMatcher(None, text, training, autojunk=False).find_longest_match().size
    assert novelty.longest_copy(text, reference(training)) == expected


def test_a_copy_stays_within_a_document_and_is_more_than_white_space() -> None:
    tales = reference("A cold wind; the lamp went out.", "Chapter one\nThe second tale began.")
    texts = {"and the lamp went out.\n\nChapter one\nThe second": 22, "unwind; the lamps": 14, "\n": 0}
    assert {text: novelty.longest_copy(text, tales) for text in texts} == texts


def test_novel_ngrams_are_in_no_document() -> None:
    documents = reference("the old bell rang out", "bell rang")
    assert novelty.novel_ngrams("the old bell rang out bell rang", documents) == [False, True, True]
    assert novelty.NOVELTY_5(["the old bell rang out again", "bell rang"], documents) == 1 / 2


@pytest.fixture(scope="module")
def tales() -> Reference:
    """The bundled tales."""
    return EvaluationData(split(find_corpus("weird-tales")), "en", SampleSettings()).author.reference


def test_words_are_known_real_or_invented(tales: Reference) -> None:
    words = "the Handwriting 1852 orange Schooling sandering Wintersby leat ttats quwaiar xqzvk".split()  # noqa: SIM905
    kinds = ["known"] * 3 + ["real"] * 2 + ["invented"] * 6
    assert [novelty.word_kind(word, tales) for word in words] == kinds
    excerpt = Reference(("xqzvk",), known=frozenset({"Vorshal"}))  # of a training text with this word
    assert [novelty.word_kind(word, excerpt) for word in ("vorshal", "xqzvk")] == ["known", "invented"]
    # the most frequent new words, without the first and the last word of a text, which may be cut
    texts = ["zzqx the ttats and sandering ttats of Wintersby ttats Wintersby qqx"]
    assert novelty.new_words(texts, tales, 5) == {"real": [], "invented": ["ttats", "Wintersby", "sandering"]}
    assert novelty.new_words(texts, tales, 1) == {"real": [], "invented": ["ttats"]}


@pytest.mark.parametrize(
    ("language", "text", "rate"),
    [
        ("en", "The BLETHWICK lighthouse qxzvorl", 3 / 4),
        ("en", "don’t leat dodecagon’s", 2 / 3),  # both parts of the last are listed, but English does not elide
        ("en", "?!", 0),
        ("tlh", "The Blethwick", 1 / 2),  # no list: only training has words
        ("fr", "L’homme qu’il voit, d’un pas; aujourd’hui l'heure, l’zorblatt.", 7 / 8),
        ("tr", "İki ışık, IŞIK; İlk ışıklar.", 1),
    ],
)
def test_a_word_is_real_if_training_or_a_list_of_the_language_has_it(language, text, rate) -> None:
    assert novelty.REAL_WORD_RATE([text], Reference(("Blethwick rang.",), language)) == pytest.approx(rate)
