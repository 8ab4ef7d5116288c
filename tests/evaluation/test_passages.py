"""The passages that are shown, found again by trying every one, and their readings against the ledger."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.passages import LIKELIEST, LONG, SHORT, candidates, cuts, expectation, passages, readings
from toolkit.evaluation.passages import shown_text as shown
from toolkit.events.encoding import Encoding
from toolkit.inference.scores import DocumentScores, ledger
from toolkit.results.bits import PARTS
from toolkit.results.words import CLASSES, MOST_EVENTS, Passage, Why
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.spaced import Spaced
from toolkit.tokenizers.subwords import BytePairs
from toolkit.tokenizers.words import Words

FILLER = "and so the keeper wrote of it again " * 40
TEXTS = st.lists(st.text("ab '’.\n é漢", min_size=1, max_size=120), min_size=1, max_size=4)


def bits_of(texts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(2, 3, len(text)) for text in texts]


def documents(texts):
    return [Document(f"d{i}", text) for i, text in enumerate(texts)]


def chosen(texts, *paid, long=LONG, short=SHORT):
    return list(candidates(documents(texts), {str(i): bits for i, bits in enumerate(paid)}, long, short))


@given(TEXTS, st.integers(0, 9), st.integers(1, 60))
def test_extremes_have_the_highest_and_lowest_means_of_all_passages(texts, seed, length):
    bits, means = bits_of(texts, seed), []
    for number, text in enumerate(texts):
        places = cuts(text).tolist()
        for start in places[:-1]:
            end = max(place for place in places if place <= start + length)
            if end > start and end - start >= min(len(text), length / 2):
                means.append(bits[number][start:end].mean())
    shown = chosen(texts, bits, long=length)
    extremes = {passage.why: bits[passage.document][passage.start : passage.end].mean() for passage in shown}
    assert extremes.keys() == ({"middle", "worst", "best"} if means else {"middle"})
    if means:
        assert (extremes["worst"], extremes["best"]) == (pytest.approx(max(means)), pytest.approx(min(means)))


@given(TEXTS, st.integers(0, 9))
def test_passages_begin_and_end_at_words_and_only_extremes_overlap(texts, seed):
    shown = chosen(texts, bits_of(texts, seed), bits_of(texts, seed + 1))
    assert shown[0].why == "middle"
    for i, passage in enumerate(shown):
        assert passage.start < passage.end
        assert {passage.start, passage.end} <= set(cuts(texts[passage.document]).tolist())
        if passage.why in ("word", "document"):
            for other in shown[:i]:
                assert other.document != passage.document or other.end <= passage.start or passage.end <= other.start


def test_a_planted_difference_is_shown_in_both_directions():
    texts = [FILLER * 2 + "quincunx " + FILLER, FILLER + "orrery " + FILLER]
    ours = [np.full(len(text), 2.0) for text in texts]
    theirs = [bits.copy() for bits in ours]
    theirs[0][texts[0].index("quincunx") :][:8] += 9
    theirs[1][texts[1].index("orrery") :][:6] -= 9
    shown = {(why, about): texts[number][start:end] for number, start, end, why, about in chosen(texts, ours, theirs)}
    assert "quincunx" in shown["ahead", ""]
    assert "orrery" in shown["behind", ""]
    assert not {("word", "quincunx"), ("word", "orrery")} & shown.keys()  # their only places are already shown
    assert {about for why, about in shown if why == "document"} == {"d0", "d1"}
    assert all(len(text) <= (SHORT if why in ("word", "document") else LONG) for (why, _), text in shown.items())


def test_a_word_whose_best_place_is_shown_already_is_shown_at_the_next():
    text = FILLER + "quincunx " + FILLER * 3 + "quincunx " + FILLER
    ours = np.full(len(text), 2.0)
    ours[:450], ours[700:1300] = 5.0, 1.0  # the extremes are elsewhere
    theirs = ours.copy()
    theirs[5_000] -= 1
    first, second = text.index("quincunx"), text.rindex("quincunx")
    theirs[first : first + 8] += 9
    theirs[second : second + 8] += 7
    shown = {passage.about or passage.why: passage for passage in chosen([text], [ours], [theirs])}
    assert shown["ahead"].start <= first < shown["ahead"].end
    assert shown["quincunx"].start <= second < shown["quincunx"].end


@pytest.mark.parametrize("columns", [1, 2, 4, 9, 60])
def test_all_kinds_of_passages_fit_on_a_page_of_several_columns(columns):
    """Columns of characters, which have the most events. With 60, a single passage is too large, and shown."""
    text = "".join(f"the keeper of lamp {i} wrote it down again and went to sea. " for i in range(200))
    places, nothing = np.append(np.arange(len(text) + 1), len(text)), np.zeros(len(text) + 1)
    encoding = Encoding(nothing.astype(np.int32), places, nothing.astype(np.int8), {})
    scores = [DocumentScores(nothing, nothing, nothing, nothing, encoding)] * 10
    paid = {f"c{n}": bits_of([text] * 10, n) for n in range(columns)}
    shown = passages(documents([text] * 10), dict.fromkeys(paid, scores), paid)
    kinds = {1: {"middle", "worst", "best"}, 60: {"middle"}}
    assert {passage.why for passage in shown} == kinds.get(columns, set(get_args(Why)))
    assert len(shown) == 1 or sum(len(passage.text) for passage in shown) * columns <= MOST_EVENTS


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_of_equally_likely_ids_the_first_are_listed(weights):
    distribution = np.array(weights, float)
    _, likeliest, probabilities = expectation(distribution, 0)
    assert likeliest == sorted(range(len(weights)), key=lambda id_: (-weights[id_], id_))[:LIKELIEST]
    assert probabilities == distribution[likeliest].tolist()


@pytest.fixture(scope="module")
def scored(run, split):
    return run.model.score([run.model.tokenizer.encode(document) for document in split.test])


def read(run, split, scores, part):
    """The passages that a function of a text cuts out of the held-out documents, and their readings."""
    empty = {"bits": {}, "why": "middle", "about": "", "best": "", "other": "", "starts": [0], "readings": {}}
    shown = []
    for document in split.test:
        start, end = part(document.text)
        shown.append(Passage(document=document.name, start=start, text=document.text[start:end], **empty))
    return shown, readings(run.model, scores, [document.name for document in split.test], shown)


def test_readings_of_whole_documents_add_up_to_the_ledger(run, split, scored):
    parts = np.zeros(len(PARTS))
    for scores, passage, reading in zip(scored, *read(run, split, scored, lambda text: (0, len(text))), strict=True):
        assert sum(reading.widths) == len(passage.text)
        amounts = np.array(reading.paid())
        np.testing.assert_allclose(amounts.sum(), scores.total - scores.bits[-1], rtol=1e-9)  # without <doc>
        parts += amounts.sum(0)
        for i, (rank, likeliest) in enumerate(zip(reading.ranks, reading.likeliest, strict=True)):
            shares = reading.probabilities[i]
            assert (rank <= LIKELIEST) == (reading.ids[i] in likeliest)
            assert shares == sorted(shares, reverse=True)
            if rank <= LIKELIEST:
                bits = reading.bits[i] + (reading.outside[i] if reading.outside else 0)
                assert 2.0**-bits == pytest.approx(shares[likeliest.index(reading.ids[i])], abs=1e-4)
    characters = sum(len(document.text) for document in split.test)
    whole = ledger(scored, characters)
    assert (parts[0] / characters, parts[CLASSES] / characters) == pytest.approx((whole.words, whole.classes))


def test_an_event_that_a_passage_cuts_is_cut_with_its_bits(run, split, scored):
    for scores, passage, reading in zip(scored, *read(run, split, scored, lambda _: (101, 222)), strict=True):
        bits = scores.by_character()[0][101:222].sum()
        marks = sum(sum(paid) for paid, width in zip(reading.paid(), reading.widths, strict=True) if not width)
        assert np.sum(reading.paid()) == pytest.approx(bits, abs=marks + 1e-6)
        assert sum(reading.widths) == len(passage.text)


def test_every_id_is_shown_in_characters_that_a_page_can_have(split):
    """A letter of word:spell that says "no space" is a lone surrogate, which UTF-8 does not have."""
    for tokenizer in (Words("spell"), Words("unk", case="mark"), Spaced(), BytePairs(), Characters()):
        fitted = tokenizer.fit(split.train, split.valid)
        names = [shown(fitted, id_) for id_ in range(len(fitted.vocabulary))]
        assert all(name and name.encode("utf-8") for name in names)
