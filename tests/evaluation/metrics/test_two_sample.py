import random
from itertools import combinations

import numpy as np
import pytest

from toolkit.evaluation.metrics.two_sample import (
    CHARACTERS,
    MOST_TEXTS,
    Blocks,
    labellings,
    told_apart,
    two_sample_auc,
    unnested,
    whole_passages,
)

WORDS = "harbour keeper lamp stair water stone moon gull book ship autumn oar tide bell fen mill".split()  # noqa: SIM905


def text(seed: int, words: list[str], length: int = 3000) -> str:
    rng = random.Random(seed)
    return " ".join(rng.choices(words, k=length // 5))[:length]


REAL = [text(seed, WORDS) for seed in range(6)]


def test_text_of_the_same_source_is_told_by_chance_only() -> None:
    auc = two_sample_auc([text(seed, WORDS) for seed in range(100, 105)], REAL)
    assert 0.35 < auc < 0.65


def test_of_many_texts_the_first_are_read() -> None:
    """The time rises faster than with the square of their number, of which 500 can be asked for."""
    few = [text(seed, WORDS, 600) for seed in range(100, 100 + MOST_TEXTS)]
    real = [text(seed, WORDS, 600) for seed in range(30)]
    blocks, of_more = Blocks.of(few, real), Blocks.of([*few, *few], real)
    assert blocks.texts == of_more.texts == MOST_TEXTS
    assert blocks.passages == of_more.passages


def test_other_words_are_always_told() -> None:
    auc = two_sample_auc([text(seed, [word[::-1] for word in WORDS]) for seed in range(5)], REAL)
    assert auc == 1.0


def test_what_only_one_text_has_does_not_tell_the_others() -> None:
    """Each text has a word of its own in every passage: a classifier that had read its other passages would know it."""
    own = [text(seed, [*WORDS, *["abcdefghij"[seed] * 7] * 4]) for seed in range(5)]
    real = [text(seed + 50, [*WORDS, *["klmnopqrst"[seed] * 7] * 4]) for seed in range(5)]
    assert two_sample_auc(own, real) < 0.8


def test_with_less_than_two_texts_of_a_passages_length_nothing_is_told() -> None:
    for texts in ([], [""], [REAL[0]], [REAL[0], "x" * (CHARACTERS - 1)]):
        assert two_sample_auc(texts, REAL) == 0.5
    assert two_sample_auc(REAL[:2], ["short"]) == 0.5


def test_passages_are_equally_long_and_the_rest_is_left() -> None:
    passages = whole_passages("x" * (3 * CHARACTERS + 7))
    assert [len(passage) for passage in passages] == [CHARACTERS] * 3
    assert whole_passages("x" * (CHARACTERS - 1)) == []


def test_labellings_are_all_other_halves_of_the_blocks():
    """With three texts there are C(6, 3) / 2 = 10 ways to halve six blocks; to call the others texts is no other."""
    halves = {frozenset((half, tuple(sorted(set(range(6)) - set(half))))) for half in combinations(range(6), 3)}
    tried = [tuple(labelling) for labelling in labellings(3)]
    assert len(halves) == 10
    assert len(tried) == len(set(tried)) == 9
    assert all(labelling[0] == 0 and len(labelling) == 3 for labelling in tried)
    assert (0, 1, 2) not in tried
    drawn = list(labellings(12))
    assert len(drawn) == 199
    assert all(labelling[0] == 0 and len(set(labelling)) == 12 for labelling in drawn)


def test_documents_are_cut_as_long_as_the_texts_beside_them() -> None:
    blocks = Blocks.of([text(0, WORDS, 2000), text(1, WORDS, 700), text(2, WORDS, 1400)], REAL)
    lengths = list(map(len, blocks.passages))
    assert lengths[:3] == lengths[3:] == [2000 // CHARACTERS, 700 // CHARACTERS, 1400 // CHARACTERS]


def test_what_is_in_a_more_telling_ngram_without_its_white_space_is_not_told_again() -> None:
    assert unnested(["the ", "bathe", " he", "moon"]) == ["the ", "moon"]
    assert unnested([" th", "moth", "  "]) == [" th", "  "]


@pytest.mark.slow
def test_p_is_small_for_other_words_and_large_for_the_same():
    other = told_apart([text(seed, [word[::-1] for word in WORDS]) for seed in range(5)], REAL)
    same = told_apart([text(seed, WORDS) for seed in range(100, 105)], REAL)
    assert (other.area, other.labellings, other.p) == (1.0, 126, 1 / 126)
    assert same.p > 0.05


@pytest.mark.slow
def test_p_is_even_for_texts_of_the_same_source():
    """Of twenty pairs of sets of texts by one source, about one in twenty may have p ≤ 0.05; five would be a wonder."""
    ps = [
        told_apart(
            [text(1000 * i + k, WORDS, 600) for k in range(3)], [text(500 + 1000 * i + k, WORDS, 600) for k in range(3)]
        ).p
        for i in range(20)
    ]
    assert sum(p <= 0.2 for p in ps) <= 9
    assert min(ps) >= 0.1


def test_what_tells_most_is_what_only_one_side_has():
    told = told_apart([text(seed, [*WORDS, "zyzzyx"]) for seed in range(4)], REAL)
    assert "z" in told.samples[0].text
    assert (told.samples[0].author, told.samples[0].samples > 20) == (0, True)
    assert "z" not in "".join(ngram.text for ngram in told.author)


def test_an_ngram_is_counted_where_the_classifier_reads_it():
    """It reads a run of white space as one space: of what tells most, each side has some."""
    quoted = [f'"{sentence}"\n\n' * 30 for sentence in ("Stone moon", "Gull oar", "Tide bell")]
    told = told_apart(quoted, REAL)
    assert '" "' in [ngram.text for ngram in told.samples]
    assert all(ngram.samples for ngram in told.samples)
    assert all(ngram.author for ngram in told.author)


def test_white_space_has_no_ngrams_and_tells_nothing():
    blank = ["\n" * 400] * 2
    assert (two_sample_auc(blank, blank), told_apart(blank, blank)) == (0.5, None)
    told = told_apart(blank, REAL)
    assert told.area == 1.0
    assert not told.samples
    assert told.author


def test_the_points_have_the_products_of_the_vectors_and_weights_turn_back():
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    blocks = Blocks.of([text(seed, WORDS, 600) for seed in range(2)], REAL)
    passages = [passage for block in blocks.passages for passage in block]
    vectors = TfidfVectorizer(analyzer="char", ngram_range=(3, 5), lowercase=False, sublinear_tf=True)
    matrix = vectors.fit_transform(passages)
    points = np.vstack(blocks.points)
    np.testing.assert_allclose(points @ points.T, (matrix @ matrix.T).toarray(), atol=1e-9)
    kinds = [0] * 6 + [1] * 6
    there, here = (LogisticRegression(max_iter=1000, tol=1e-8).fit(x, kinds) for x in (matrix, points))
    np.testing.assert_allclose(blocks.turned @ here.coef_[0], there.coef_[0], atol=1e-3)
