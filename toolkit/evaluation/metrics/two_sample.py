"""The two-sample test: how well a classifier separates texts from the training text (Lopez-Paz & Oquab 2017).

Each text is a block. As many training documents give one passage each, and these are blocks of the same length. All
blocks are cut into short passages. The classifier is logistic regression on TF-IDF weights of character 3- to 5-grams.
One block of each kind is left out at a time, so the classifier is never tested on a text or document that it has read.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import combinations
from math import comb
from statistics import fmean
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.evaluation.metrics import built_in
from toolkit.evaluation.metrics.reference import by_document
from toolkit.events.distribution import Floats
from toolkit.results.generated import TellingNgram, ToldApart

PASSAGE_CHARACTERS = 200
NGRAM_CHARACTERS = (3, 5)
WHITE_SPACE = re.compile(r"\s\s+")  # scikit-learn makes it a single space, so blank lines are no evidence
CHANCE_AREA = 0.5
MAX_TEXTS = 20  # the time rises faster than with the square of their number
MAX_LABELLINGS = 200
TELLING_NGRAMS = 10  # of each kind


def told_apart(texts: Sequence[str], documents: Sequence[str]) -> ToldApart | None:
    """Return how well a classifier separates texts from documents, with p and the n-grams that it goes by.

    The area under its ROC curve is the mean over the pairs of blocks that are left out. p is the share of labellings
    with at least this area: each calls as many blocks texts, and if texts and documents are alike, all are equally
    probable. Returns None if fewer than two texts or the documents are as long as a passage.
    """
    from sklearn import config_context
    from sklearn.feature_extraction.text import TfidfVectorizer

    blocks = _blocks(texts, documents)
    passages = [passage for block in blocks for passage in block]
    if max(map(len, passages), default=0) < NGRAM_CHARACTERS[0]:
        return None
    count, sizes = len(blocks) // 2, list(map(len, blocks))
    weights = TfidfVectorizer(analyzer="char", ngram_range=NGRAM_CHARACTERS, lowercase=False, sublinear_tf=True)
    vectors = weights.fit_transform(passages)  # (passages, n-grams)
    # Points with the scalar products of the vectors give the same regression with as few dimensions as passages.
    squares, directions = np.linalg.eigh((vectors @ vectors.T).toarray())
    positive = squares > 1e-9 * squares.max()
    scales, directions = np.sqrt(squares[positive]), directions[:, positive]
    points = np.split(directions * scales, np.cumsum(sizes)[:-1])  # of each block (passages, dimensions)
    # Hundreds of small regressions: threads would wait for each other, and checks would take most of the time.
    with threadpool_limits(1), config_context(assume_finite=True, skip_parameter_validation=True):
        area, *areas = (_area(points, labelling) for labelling in _labellings(count))
        classifier = _classifier(points, [(block, block + count) for block in range(count)])
    by_ngram = vectors.T @ (directions / scales) @ classifier.coef_[0]  # positive weights speak for the documents
    order, ngrams = np.argsort(by_ngram, kind="stable").tolist(), weights.get_feature_names_out().tolist()
    return ToldApart(
        area=area,
        p=(1 + sum(other >= area - 1e-9 for other in areas)) / (1 + len(areas)),
        labellings=1 + len(areas),
        passages=sum(sizes[:count]),
        samples=_telling((ngrams[i] for i in order if by_ngram[i] < 0), blocks),
        author=_telling((ngrams[i] for i in reversed(order) if by_ngram[i] > 0), blocks),
    )


def _blocks(texts: Sequence[str], documents: Sequence[str]) -> list[list[str]]:
    """The passages of each text, then of as many documents; no blocks if texts or documents are too short."""

    def cut(text: str) -> list[str]:
        starts = range(0, len(text) - PASSAGE_CHARACTERS + 1, PASSAGE_CHARACTERS)
        return [text[start : start + PASSAGE_CHARACTERS] for start in starts]

    ours = [passages for text in texts if (passages := cut(text))][:MAX_TEXTS]
    length = PASSAGE_CHARACTERS * max(map(len, ours), default=0)
    theirs = list(map(cut, by_document(documents, len(ours), length)))
    if len(ours) < 2 or len(theirs) < len(ours):
        return []
    blocks = [*ours, *(block[: len(passages)] for block, passages in zip(theirs, ours, strict=True))]
    return [[WHITE_SPACE.sub(" ", passage) for passage in block] for block in blocks]


def _labellings(texts: int) -> Iterator[Collection[int]]:
    """The blocks that are called texts, of twice as many: first the texts, then all other choices or random ones.

    Block 0 is always among them, because a choice and its complement have the same area. Random choices may repeat,
    which makes p no smaller (Phipson & Smyth 2010).
    """
    later = range(1, 2 * texts)
    if comb(2 * texts - 1, texts - 1) <= MAX_LABELLINGS:
        yield from ((0, *choice) for choice in combinations(later, texts - 1))
        return
    yield range(texts)
    rng = np.random.default_rng(0)
    for _ in range(MAX_LABELLINGS - 1):
        yield (0, *sorted(rng.choice(later, texts - 1, replace=False).tolist()))


def _area(points: Sequence[Floats], labelling: Collection[int]) -> float:
    """The mean area under the curve over pairs of blocks, for a classifier trained on all pairs but one."""
    from sklearn.metrics import roc_auc_score

    documents = [block for block in range(len(points)) if block not in labelling]
    pairs = list(zip(labelling, documents, strict=True))
    areas = []
    for i, pair in enumerate(pairs):
        classifier = _classifier(points, pairs[:i] + pairs[i + 1 :])
        scores = [classifier.decision_function(points[block]) for block in pair]
        areas.append(float(roc_auc_score(np.repeat([0, 1], list(map(len, scores))), np.concatenate(scores))))
    return fmean(areas)


def _classifier(points: Sequence[Floats], pairs: Sequence[tuple[int, int]]) -> Any:
    from sklearn.linear_model import LogisticRegression

    kinds = np.concatenate([np.full(len(points[block]), kind) for pair in pairs for kind, block in enumerate(pair)])
    return LogisticRegression(max_iter=1000).fit(np.vstack([points[block] for pair in pairs for block in pair]), kinds)


def _telling(ngrams: Iterator[str], blocks: Sequence[Sequence[str]]) -> list[TellingNgram]:
    """The first n-grams with their counts in both kinds of blocks.

    An n-gram that contains another one, or is contained in it, is left out. White space at its ends is ignored.
    """
    distinct: list[str] = []
    while len(distinct) < TELLING_NGRAMS and (ngram := next(ngrams, None)):
        inner = ngram.strip() or ngram
        if not any(inner in other or (other.strip() or other) in ngram for other in distinct):
            distinct.append(ngram)
    half = len(blocks) // 2
    ours, theirs = ([passage for block in side for passage in block] for side in (blocks[:half], blocks[half:]))

    def count(ngram: str, passages: Sequence[str]) -> int:
        return sum(passage.count(ngram) for passage in passages)

    return [TellingNgram(text=n, samples=count(n, ours), author=count(n, theirs)) for n in distinct]


TWO_SAMPLE_AUC = built_in(
    "two_sample_auc",
    lambda texts, reference: CHANCE_AREA if (test := told_apart(texts, reference.documents)) is None else test.area,
    of_one_sample=False,
)
