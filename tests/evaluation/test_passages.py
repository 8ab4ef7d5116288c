"""The passages that are shown, found again by trying every one, and their readings against the ledger."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.passages import LIKELIEST, LONG, SHORT, cuts, expectation, passages, readings
from toolkit.evaluation.passages import candidates as chosen
from toolkit.evaluation.passages import shown_text as shown
from toolkit.events.encoding import Events
from toolkit.inference.scores import DocumentScores, ledger
from toolkit.results.bits import CLASSES, MOST_EVENTS, PARTS, Passage, Why
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import Spaced, SpacyWords
from toolkit.tokenizers.subwords import BytePairs

FILLER = "and so the keeper wrote of it again " * 40
TEXTS = st.lists(st.text("ab '’.\n é漢", min_size=1, max_size=120), min_size=1, max_size=4)


def bits_of(texts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(2, 3, len(text)) for text in texts]


def documents(texts):
    return [Document(f"d{i}", text) for i, text in enumerate(texts)]


def candidates(texts, *columns, long=LONG):
    return chosen(documents(texts), {str(i): bits for i, bits in enumerate(columns)}, long, SHORT)


@given(TEXTS, st.integers(0, 9), st.integers(1, 60))
def test_extremes_have_the_greatest_means_of_all_passages_and_only_extremes_overlap(texts, seed, length):
    ours, theirs = bits_of(texts, seed), bits_of(texts, seed + 1)
    places, spans = [cuts(text).tolist() for text in texts], []
    for number, text in enumerate(texts):
        for start in places[number][:-1]:
            end = max(place for place in places[number] if place <= start + length)
            if end > start and end - start >= min(len(text), length / 2):
                spans.append((number, start, end))
    middle, *later = candidates(texts, ours, theirs, long=length)
    assert (middle.why, {middle.start, middle.end} <= set(places[0])) == ("middle", True)
    for why, sign, bits in ("ahead", 1, theirs), ("behind", -1, theirs), ("worst", 1, None), ("best", -1, None):
        differences = [sign * (bits[i] - ours[i] if bits else ours[i]) for i in range(len(texts))]
        expected = [max(differences[number][start:end].mean() for number, start, end in spans)] if spans else []
        means = [differences[c.document][c.start : c.end].mean() for c in later if c.why == why]
        assert means == pytest.approx(expected)
    for i, passage in enumerate(later):
        assert passage.start < passage.end
        assert {passage.start, passage.end} <= set(places[passage.document])
        for other in [middle, *later[:i]] if passage.why == "word" else []:
            assert other.document != passage.document or other.end <= passage.start or passage.end <= other.start


def test_planted_differences_are_shown_in_both_directions_and_a_word_at_its_most_different_place():
    texts = [f"{FILLER}quincunx {FILLER * 3}sextant {FILLER}sextant", f"{FILLER}orrery {FILLER}"]
    first, second, orrery = texts[0].index("quincunx"), texts[0].index("sextant"), texts[1].index("orrery")
    ours = [np.full(len(text), 2.0) for text in texts]
    ours[0][:450], ours[0][700:1300] = 5.0, 1.0  # the worst and the best passage
    theirs = [bits.copy() for bits in ours]
    for number, start, length, bits in (0, first, 8, 9), (0, second, 7, 7), (1, orrery, 6, -9):
        theirs[number][start : start + length] += bits
    shown = {candidate.about or candidate.why: candidate for candidate in candidates(texts, ours, theirs)}
    for name, number, start in ("ahead", 0, first), ("sextant", 0, second), ("behind", 1, orrery):
        assert shown[name].document == number
        assert shown[name].start <= start < shown[name].end
    assert shown.keys().isdisjoint({"quincunx", "orrery"})  # their places are already shown
    assert all(c.end - c.start <= (SHORT if c.why == "word" else LONG) for c in shown.values())


@pytest.mark.parametrize("columns", [1, 2, 4, 9, 60])
def test_all_kinds_of_passages_fit_on_a_page_of_several_columns(columns):
    """With 60 columns of characters, even a single passage is too large. It is shown all the same."""
    texts = ["".join(f"the keeper of lamp {i} wrote it down again and went to sea. " for i in range(200))] * 10
    ends, nothing = np.append(np.arange(1, len(texts[0]) + 1), len(texts[0])), np.zeros(len(texts[0]) + 1)
    encoding = Events.of(nothing, ends, nothing, {})
    scores = [DocumentScores(nothing, nothing, nothing, nothing, encoding)] * 10
    paid = {f"c{n}": bits_of(texts, n) for n in range(columns)}
    shown = passages(documents(texts), dict.fromkeys(paid, scores), paid)
    kinds = {1: {"middle", "worst", "best"}, 60: {"middle"}}
    assert {passage.why for passage in shown} == kinds.get(columns, set(get_args(Why)))
    assert len(shown) == 1 or sum(len(passage.text) for passage in shown) * columns <= MOST_EVENTS


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_of_equally_likely_ids_the_first_are_listed(weights):
    distribution = np.array(weights, float)
    rank, likeliest, probabilities = expectation(distribution, 0)
    assert rank == 1 + sum(weight > weights[0] for weight in weights)
    assert likeliest == sorted(range(len(weights)), key=lambda id_: (-weights[id_], id_))[:LIKELIEST]
    assert probabilities == distribution[likeliest].tolist()


def read(run, split, start=None, end=None):
    """The scores of each held-out document, the same part of each as a passage, and the readings of these passages."""
    empty = {"bits": {}, "why": "middle", "about": "", "best": "", "other": "", "starts": [0], "readings": {}}
    names = [document.name for document in split.test]
    shown = [Passage(document=d.name, start=start or 0, text=d.text[start:end], **empty) for d in split.test]
    scores = run.model.score([run.model.tokenizer.encode(document) for document in split.test])
    return list(zip(scores, shown, readings(run.model, scores, names, shown), strict=True))


def test_readings_of_whole_documents_add_up_to_the_ledger(run, split):
    parts, read_documents = np.zeros(len(PARTS)), read(run, split)
    for scores, passage, reading in read_documents:
        assert sum(reading.widths) == len(passage.text)
        amounts = np.array(reading.paid())
        np.testing.assert_allclose(amounts.sum(), scores.total - scores.bits[-1], rtol=1e-9)  # without <doc>
        parts += amounts.sum(0)
        for i, (rank, likeliest) in enumerate(zip(reading.ranks, reading.likeliest, strict=True)):
            if rank <= LIKELIEST:
                bits = reading.bits[i] + (reading.outside[i] if reading.outside else 0)
                share = reading.probabilities[i][likeliest.index(reading.ids[i])]
                assert 2.0**-bits == pytest.approx(share, abs=1e-4)
    characters = sum(len(document.text) for document in split.test)
    whole = ledger([scores for scores, _, _ in read_documents], characters)
    assert (parts[0] / characters, parts[CLASSES] / characters) == pytest.approx((whole.words, whole.classes))


def test_an_event_that_a_passage_cuts_is_cut_with_its_bits(run, split):
    for scores, passage, reading in read(run, split, 101, 222):
        bits = scores.by_character()[0][101:222].sum()
        marks = sum(sum(paid) for paid, width in zip(reading.paid(), reading.widths, strict=True) if not width)
        assert np.sum(reading.paid()) == pytest.approx(bits, abs=marks + 1e-6)
        assert sum(reading.widths) == len(passage.text)


def test_every_id_is_shown_in_characters_that_a_page_can_have(split):
    """A letter of word:spell that says "no space" is a lone surrogate, which UTF-8 does not have."""
    for tokenizer in (SpacyWords("spell"), SpacyWords("unk"), Spaced(), BytePairs(), Characters()):
        fitted = tokenizer.fit(split.train, split.valid)
        names = [shown(fitted, id_) for id_ in range(len(fitted.vocabulary))]
        assert all(name and name.encode("utf-8") for name in names)
