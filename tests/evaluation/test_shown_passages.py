"""Which passages are shown: found again by trying every one, without overlap, within what a page can hold."""

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.evaluation import shown_passages as module
from toolkit.evaluation.reading import LIKELIEST, expectation, readings, shown
from toolkit.evaluation.shown_passages import LONG, SHORT, Free, Window, candidates, cuts, overlap, passages
from toolkit.events.encoding import Encoding
from toolkit.inference.scores import DocumentScores, ledger, scores_of
from toolkit.results.bits import PARTS
from toolkit.results.words import CLASSES, Why
from toolkit.runs.folder import load_scores
from toolkit.text.corpus import Document
from toolkit.text.neutral import word_spans
from toolkit.tokenizers.characters import Characters
from toolkit.tokenizers.spaced import Spaced
from toolkit.tokenizers.subwords import BytePairs
from toolkit.tokenizers.words import Words

TEXTS = st.lists(st.text("ab '’.\n é漢", min_size=1, max_size=120), min_size=1, max_size=4)


def bits_of(texts, seed):
    rng = np.random.default_rng(seed)
    return [rng.normal(2, 3, len(text)) for text in texts]


@given(TEXTS, st.integers(0, 9), st.integers(1, 60))
def test_the_extreme_is_the_highest_mean_of_all_passages(texts, seed, length):
    values = bits_of(texts, seed)
    window = Free(texts).extreme(values, length)
    means = {}
    for number, text in enumerate(texts):
        places = cuts(text).tolist()
        for start in places[:-1]:
            end = max(place for place in places if place <= start + length)
            if end > start and end - start >= min(len(text), length / 2):
                means[Window(number, start, end)] = values[number][start:end].mean()
    if window is None:
        assert not means
    else:
        assert means[window] == pytest.approx(max(means.values()))


@given(TEXTS, st.integers(0, 9))
def test_passages_of_words_and_documents_overlap_none_and_all_begin_and_end_where_words_do(texts, seed):
    test = [Document(f"d{i}", text) for i, text in enumerate(texts)]
    found = list(candidates(test, {"a": bits_of(texts, seed), "b": bits_of(texts, seed + 1)}))
    assert [one.why for one in found][:1] == ["middle"]
    for i, one in enumerate(found):
        if one.why in ("word", "document"):
            assert not any(overlap(one.window, other.window) for other in found[:i])
        assert one.window.start < one.window.end
        assert {one.window.start, one.window.end} <= set(cuts(texts[one.window.document]).tolist())


def test_a_planted_difference_is_found_in_both_directions_and_by_its_word():
    filler = "and so the keeper wrote of it again " * 40
    texts = [filler * 2 + "quincunx " + filler, filler + "orrery " + filler]
    ours = [np.full(len(text), 2.0) for text in texts]
    theirs = [bits.copy() for bits in ours]
    theirs[0][texts[0].index("quincunx") : texts[0].index("quincunx") + 8] += 9  # dear for the next column
    theirs[1][texts[1].index("orrery") : texts[1].index("orrery") + 6] -= 9
    test = [Document(name, text) for name, text in zip(("one", "two"), texts, strict=True)]
    found = {(one.why, one.about): one.window for one in candidates(test, {"a": ours, "b": theirs})}
    shown = {key: texts[window.document][window.start : window.end] for key, window in found.items()}
    assert "quincunx" in shown["ahead", ""]
    assert "orrery" in shown["behind", ""]
    assert len(shown["ahead", ""]) <= LONG
    words = [about for why, about in found if why == "word"]
    assert not {"quincunx", "orrery"} & set(words)  # their only places are in the passages before
    assert {about for why, about in found if why == "document"} == {"one", "two"}
    assert all(len(text) <= SHORT for (why, _), text in shown.items() if why in ("word", "document"))


def test_one_column_has_no_differences():
    text = "the lamp burned low " * 200
    found = candidates([Document("a", text)], {"char": bits_of([text], 1)})
    assert [one.why for one in found] == ["middle", "worst", "best"]


def test_what_a_page_cannot_hold_is_left_out(monkeypatch, comparison_folder, split):
    runs = {name: comparison_folder / "runs" / f"{name}-seed0" for name in ("char", "word-pos")}
    scores = {name: scores_of(load_scores(folder)) for name, folder in runs.items()}
    paid = {name: [of.by_character()[0] for of in documents] for name, documents in scores.items()}
    everything = passages(split.test, scores, paid)
    assert {"middle", "ahead", "behind", "worst", "best", "word", "document"} >= {one.why for one in everything}
    number = {document.name: i for i, document in enumerate(split.test)}

    def events(passage):
        window = Window(number[passage.document], passage.start, passage.start + len(passage.text))
        return sum(module.events_in(scores[name][window.document], window) for name in scores)

    sizes = [events(passage) for passage in everything]
    assert min(sizes) > 50
    assert sum(sizes) <= module.MOST_EVENTS
    for most in (1, sizes[0] + sizes[1], sum(sizes) - 1):
        monkeypatch.setattr(module, "MOST_EVENTS", most)
        some = passages(split.test, scores, paid)
        assert len(some) == 1 or sum(map(events, some)) <= most
        assert len(some) >= 1  # one is always shown


@pytest.mark.parametrize("columns", [1, 2, 4, 9])
def test_all_kinds_of_passages_fit_however_many_columns_there_are(columns):
    """Columns of characters, which have the most events, on ten long documents."""
    text = "".join(f"the keeper of lamp {i} wrote it down again and went to sea. " for i in range(200))
    test = [Document(f"d{i}", text) for i in range(10)]
    encoding = Encoding(
        np.zeros(len(text) + 1, np.int32),
        np.append(np.arange(len(text) + 1), len(text)),
        np.zeros(len(text) + 1, np.int8),
        {},
    )
    nothing = np.zeros(len(text) + 1)
    scored = DocumentScores(nothing, nothing, nothing, nothing, encoding)
    paid = {f"c{n}": bits_of([text] * 10, n) for n in range(columns)}
    chosen = passages(test, {name: [scored] * 10 for name in paid}, paid)
    kinds = {one.why for one in chosen}
    assert kinds == ({"middle", "worst", "best"} if columns == 1 else set(get_args(Why)))
    assert sum(len(one.text) for one in chosen) * columns <= module.MOST_EVENTS


def test_a_word_whose_worst_place_is_taken_is_shown_at_the_next():
    filler = "and so the keeper wrote of it again " * 40
    text = filler + "quincunx " + filler * 3 + "quincunx " + filler
    ours = np.full(len(text), 2.0)
    ours[:450], ours[700:1300] = 5.0, 1.0  # its hardest and its easiest passage are elsewhere
    theirs = ours.copy()
    theirs[5_000] -= 1  # and so is where it is behind
    first, second = text.index("quincunx"), text.rindex("quincunx")
    theirs[first : first + 8] += 9
    theirs[second : second + 8] += 7
    found = list(candidates([Document("a", text)], {"a": [ours], "b": [theirs]}))
    ahead = next(one.window for one in found if one.why == "ahead")
    word = next(one.window for one in found if one.about == "quincunx")
    assert ahead.start <= first < ahead.end
    assert word.start <= second < word.end


def test_bits_of_a_cut_event_are_cut_with_it(run, split):
    document = max(split.test, key=lambda one: len(one.text))
    scores = run.model.score([run.model.tokenizer.encode(document)])
    start, end = 101, 222  # anywhere, within words
    bits = scores[0].by_character()[0]
    passage = module.passage_of(document, module.Candidate(Window(0, start, end), "middle"), {"a": [bits]})
    (reading,) = readings(run.model, scores, [document.name], [passage.model_copy(update={"starts": []})])
    marks = sum(of for of, width in zip(np.sum(reading.paid(), 1), reading.widths, strict=True) if not width)
    assert np.sum(reading.paid()) == pytest.approx(bits[start:end].sum(), abs=marks + 1e-6)
    assert reading.widths[0] <= start + sum(reading.widths)


def test_units_are_neutral_words_and_what_is_between():
    text = "“Don’t stop,” she said;\n\n  sea"
    spans = {(start, end) for start, end, _ in word_spans(text)}
    places = cuts(text).tolist()
    assert spans <= set(pairwise(places))


def test_readings_pay_what_the_passage_does_and_add_up_to_the_ledger(run, split):
    scores = run.model.score([run.model.tokenizer.encode(document) for document in split.test])
    names = [document.name for document in split.test]
    paid = {"a": [of.by_character()[0] for of in scores]}
    whole = [
        module.passage_of(document, module.Candidate(Window(i, 0, len(document.text)), "middle"), paid)
        for i, document in enumerate(split.test)
    ]
    parts = np.zeros(len(PARTS))
    for document, of_document, passage, reading in zip(
        split.test, scores, whole, readings(run.model, scores, names, whole), strict=True
    ):
        assert sum(reading.widths) == len(document.text)
        amounts = np.array(reading.paid())
        ends = of_document.bits[-1]  # <doc> stands after the last character
        np.testing.assert_allclose(amounts.sum(), of_document.total - ends, rtol=1e-9)
        np.testing.assert_allclose(sum(passage.bits["a"]), of_document.total - ends, rtol=1e-9)
        parts += amounts.sum(0)
        for i, (rank, likeliest, shares) in enumerate(
            zip(reading.ranks, reading.likeliest, reading.probabilities, strict=True)
        ):
            assert (rank <= 5) == (reading.ids[i] in likeliest)
            assert shares == sorted(shares, reverse=True)
            assert sum(shares) <= 1 + 1e-3
            if rank <= 5:
                share = shares[likeliest.index(reading.ids[i])]
                assert 2.0 ** -(reading.bits[i] + (reading.outside[i] if reading.outside else 0)) == pytest.approx(
                    share, abs=1e-4
                )
    characters = sum(len(document.text) for document in split.test)
    whole_ledger = ledger(scores, characters)
    assert parts[CLASSES] / characters == pytest.approx(whole_ledger.classes)
    assert parts[0] / characters == pytest.approx(whole_ledger.words)


@given(st.lists(st.integers(0, 3), min_size=1, max_size=200))
def test_of_equally_likely_ids_the_first_are_listed_whatever_the_processor(weights):
    """Which of them a partition puts first depends on the processor's instructions; an order by id does not."""
    distribution = np.array(weights, float)
    _, likeliest, probabilities = expectation(distribution, 0)
    assert likeliest == sorted(range(len(weights)), key=lambda id_: (-weights[id_], id_))[:LIKELIEST]
    assert probabilities == distribution[likeliest].tolist()


def test_a_passage_within_a_text_has_the_events_of_its_characters(run, split):
    document = max(split.test, key=lambda one: len(one.text))
    scores = run.model.score([run.model.tokenizer.encode(document)])
    places = cuts(document.text)
    start, end = int(places[len(places) // 3]), int(places[len(places) // 2])
    passage = module.passage_of(
        document, module.Candidate(Window(0, start, end), "middle"), {"a": [scores[0].by_character()[0]]}
    )
    (reading,) = readings(run.model, scores, [document.name], [passage])
    assert sum(reading.widths) == len(passage.text)
    place = 0
    for width, name in zip(reading.widths, [reading.tokens[i] for i in reading.ids], strict=True):
        covered = passage.text[place : place + width]
        if not name.startswith("<") and covered.isalpha() and covered.islower() and name.isalpha():
            assert name == covered
        place += width


def test_every_id_is_shown_in_characters_that_a_page_can_have(split):
    """A letter of word:spell says that no space stands there: a lone surrogate, which UTF-8 does not have."""
    for tokenizer in (Words("spell"), Words("unk", case="mark"), Spaced(), BytePairs(), Characters()):
        fitted = tokenizer.fit(split.train, split.valid)
        names = [shown(fitted, id_) for id_ in range(len(fitted.vocabulary))]
        assert all(name and name.encode("utf-8") for name in names)
