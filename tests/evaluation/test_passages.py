"""The passages that are shown, found again by trying every one, and their readings against the ledger."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation.passages import LIKELIEST, cuts, expectation, parts, passages, readings
from toolkit.evaluation.passages import shown_text as shown
from toolkit.results.bits import Passage
from toolkit.text.corpus import Document
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.cut import Spaced, SpacyWords
from toolkit.tokenizers.subwords import BytePairs

TEXTS = st.lists(st.text("ab '’.\n é漢", min_size=1, max_size=120), min_size=1, max_size=4)


def bits_of(texts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(2, 3, len(text)) for text in texts]


def documents(texts):
    return [Document(f"d{i}", text) for i, text in enumerate(texts)]


@given(TEXTS, st.integers(0, 9), st.integers(1, 60))
def test_extremes_have_the_greatest_means_of_all_passages(texts, seed, length):
    ours, theirs = bits_of(texts, seed), bits_of(texts, seed + 1)
    places, spans = [cuts(text).tolist() for text in texts], []
    for number, text in enumerate(texts):
        for start in places[number][:-1]:
            end = max(place for place in places[number] if place <= start + length)
            if end > start and end - start >= min(len(text), length / 2):
                spans.append((number, start, end))
    (number, start, end, why), *later = parts(documents(texts), {"a": ours, "b": theirs}, length)
    assert (number, why, {start, end} <= set(places[0])) == (0, "middle", True)
    assert [why for *_, why in later] == (["ahead", "behind"] if spans else [])
    for (number, start, end, _), sign in zip(later, (1, -1), strict=False):
        assert start < end
        assert {start, end} <= set(places[number])
        differences = [sign * (b - a) for a, b in zip(ours, theirs, strict=True)]
        expected = max(differences[n][first:last].mean() for n, first, last in spans)
        assert differences[number][start:end].mean() == pytest.approx(expected)


@pytest.mark.parametrize(("columns", "length"), [(1, 500), (2, 500), (9, 370), (60, 200)])
def test_passages_of_many_columns_are_shorter(columns, length):
    texts = ["".join(f"the keeper of lamp {i} wrote it down again and went to sea. " for i in range(200))] * 10
    paid = {f"c{n}": bits_of(texts, n) for n in range(columns)}
    shown = passages(documents(texts), paid)
    assert [passage.why for passage in shown] == ["middle", "ahead", "behind"][: 1 if columns == 1 else 3]
    assert all(length / 2 <= len(passage.text) <= length for passage in shown)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_of_equally_likely_ids_the_first_are_listed(weights):
    distribution = np.array(weights, float)
    rank, likeliest, probabilities = expectation(distribution, 0)
    assert rank == 1 + sum(weight > weights[0] for weight in weights)
    assert likeliest == sorted(range(len(weights)), key=lambda id_: (-weights[id_], id_))[:LIKELIEST]
    assert probabilities == distribution[likeliest].tolist()


def read(run, split, start=None, end=None):
    """The scores of each held-out document, the same part of each as a passage, and the readings of these passages."""
    empty = {"bits": {}, "why": "middle", "best": "", "other": "", "starts": [0], "readings": {}}
    names = [document.name for document in split.test]
    shown = [Passage(document=d.name, start=start or 0, text=d.text[start:end], **empty) for d in split.test]
    scores = run.model.score([run.model.tokenizer.encode(document) for document in split.test])
    return list(zip(scores, shown, readings(run.model, scores, names, shown), strict=True))


def test_readings_of_whole_documents_add_up_to_the_bits(run, split):
    for scores, passage, reading in read(run, split):
        assert sum(reading.widths) == len(passage.text)
        np.testing.assert_allclose(sum(reading.bits), scores.total - scores.bits[-1], rtol=1e-9)  # without <doc>
        inside = scores.network_bits + scores.outside_bits
        for i, (rank, likeliest) in enumerate(zip(reading.ranks, reading.likeliest, strict=True)):
            if rank <= LIKELIEST:
                share = reading.probabilities[i][likeliest.index(reading.ids[i])]
                assert 2.0 ** -inside[i] == pytest.approx(share, abs=1e-4)


def test_an_event_that_a_passage_cuts_is_cut_with_its_bits(run, split):
    for scores, passage, reading in read(run, split, 101, 222):
        bits = scores.by_character()[0][101:222].sum()
        marks = sum(paid for paid, width in zip(reading.bits, reading.widths, strict=True) if not width)
        assert sum(reading.bits) == pytest.approx(bits, abs=marks + 1e-6)
        assert sum(reading.widths) == len(passage.text)


def test_every_id_is_shown_in_characters_that_a_page_can_have(split):
    """A letter of word:spell that says "no space" is a lone surrogate, which UTF-8 does not have."""
    for tokenizer in (SpacyWords("spell"), SpacyWords("unk"), Spaced(), BytePairs(), Characters()):
        fitted = tokenizer.fit(split.train, split.valid)
        names = [shown(fitted, id_) for id_ in range(len(fitted.vocabulary))]
        assert all(name and name.encode("utf-8") for name in names)
