import pytest

from toolkit.evaluation.metrics.counts import odd_capitals_per_10k
from toolkit.evaluation.metrics.distributions import jensen_shannon_divergence, letter_pairs
from toolkit.evaluation.metrics.marks import longest_copies
from toolkit.evaluation.metrics.novelty import longest_copy
from toolkit.evaluation.metrics.realness import kind, new_words
from toolkit.evaluation.metrics.reference import Reference
from toolkit.text.sources import read_corpus
from toolkit.text.splits import split


@pytest.fixture(scope="module")
def tales(request):
    """The bundled tales, split."""
    return split(read_corpus(request.config.rootpath / "corpora" / "weird-tales", "weird-tales"))


@pytest.fixture(scope="module")
def reference(tales):
    training, valid = (tuple(document.text for document in part) for part in (tales.train, tales.valid))
    return Reference(training, others=valid, names=tuple(document.name for document in tales.train))


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("the", "known"), ("Handwriting", "known"), ("1852", "known"), ("orange", "real"), ("Schooling", "real"),
        ("sandering", "plausible"), ("Wintersby", "plausible"), ("ttats", "broken"), ("quwaiar", "broken"),
        ("xqzvk", "broken"),
    ],
)  # fmt: skip
def test_words_are_known_real_plausible_or_broken(reference, word, expected):
    assert kind(word, reference) == expected


def test_nineteen_in_twenty_new_words_of_the_author_are_plausible(reference):
    unseen = reference.other_words - reference.training_words
    assert len(unseen) > 300
    assert sum(map(reference.spelt.plausible, unseen)) / len(unseen) == pytest.approx(0.95, abs=0.01)


def test_words_cut_by_the_ends_of_a_text_are_not_listed(reference):
    listed = new_words(["zzqx the ttats and sandering ttats of qqx"], reference, 5)
    assert listed == {"real": [], "plausible": ["sandering"], "broken": ["ttats"]}


def copies(texts, reference):
    """The longest copies of texts, the longest first."""
    return longest_copies(texts, [longest_copy(text, reference.training) for text in texts], reference, 3)


def test_a_copy_says_where_it_is_from(tales, reference):
    source = tales.train[3].text
    samples = ["x9 " + source[1000:1090] + "#", "nothing here"]
    first, *rest = copies(samples, reference)
    assert (first.sample, first.document) == (0, tales.train[3].name)
    assert (
        source[first.place : first.place + first.characters]
        == first.text
        == samples[0][first.start :][: first.characters]
    )
    assert first.characters >= 90
    assert source[: first.place].endswith(first.before)
    assert source[first.place + first.characters :].startswith(first.after)
    assert [copy.characters for copy in rest] == sorted((copy.characters for copy in rest), reverse=True)


def test_a_copy_stays_within_a_document_and_counts_whole_words():
    """The end of one document and the beginning of the next are no copy, and what surrounds one is of its document."""
    reference = Reference(("A cold wind; the lamp went out.", "Chapter one\nThe second tale began."), names=("a", "b"))
    (copy,) = copies(["and the lamp went out.\n\nChapter one\nThe second"], reference)
    assert (copy.document, copy.place, copy.text) == ("b", 0, "Chapter one\nThe second")
    assert (copy.before, copy.after, copy.words) == ("", " tale began.", 4)
    (copy,) = copies(["tolz; the lamp went out.\n\nChap"], reference)
    assert (copy.document, copy.text, copy.before, copy.after) == ("a", "; the lamp went out.", "A cold wind", "")
    assert copy.words == 4
    (copy,) = copies(["unwind; the lamps"], reference)
    assert (copy.text, copy.words) == ("wind; the lamp", 1)


def test_capitals_after_something_else_than_a_space_are_counted():
    """“Mc|Leod” has one, “NASA” three, “(He)” one; a first letter and one after a space or line end have none."""
    assert odd_capitals_per_10k(["Then McLeod\nOf NASA (He) said"]) == pytest.approx(10_000 * 5 / 6)


def test_letter_pairs_tell_letters_in_another_order():
    scipy = pytest.importorskip("scipy.spatial.distance")
    a, b = letter_pairs(["the sea"]), letter_pairs(["eth aes"])
    pairs = sorted(a | b)
    p, q = ([counts[pair] / counts.total() for pair in pairs] for counts in (a, b))
    assert jensen_shannon_divergence(a, b) == pytest.approx(scipy.jensenshannon(p, q, base=2) ** 2)
    assert jensen_shannon_divergence(a, b) > 0.4
