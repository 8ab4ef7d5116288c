"""The two-sample test: how well a classifier tells texts from the training text (Lopez-Paz & Oquab 2017).

Each text is a block, and so is a passage of the same length from each of as many training documents, if there are so
many: blocks of both kinds are alike in all but who wrote them. Of many texts the first are read, since the time rises
faster than with the square of their number. All are cut into short passages. The classifier is logistic regression on
TF-IDF weights of character 3- to 5-grams, to which two or more white spaces in a row are one space: blank lines tell it
nothing. Blocks are left out in pairs, one of each kind, so it is never asked about a text or document that it has read.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from math import comb
from statistics import fmean
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.evaluation.metrics import Measure
from toolkit.evaluation.metrics.reference import by_document
from toolkit.events.distribution import Floats
from toolkit.results.generated import TellingNgram, ToldApart

CHARACTERS = 200  # of a passage; the rest of a text is not used
SHORTEST, LONGEST = 3, 5  # characters of an n-gram
WHITE_SPACE = re.compile(r"\s\s+")  # a run, which scikit-learn reads as one space
BY_CHANCE = 0.5
MOST_TEXTS = 20  # that are read
MOST_LABELLINGS = 200  # tried; all there are, if there are fewer: with five texts 126
TELLING = 10  # n-grams of each kind that are kept


@contextmanager
def many_small_fits() -> Iterator[None]:
    """What makes hundreds of regressions with small matrices fast, and changes no number.

    Threads would only wait for each other, ten times as long; scikit-learn need not look for what is not finite.
    """
    from sklearn import config_context

    with threadpool_limits(1), config_context(assume_finite=True, skip_parameter_validation=True):
        yield


def two_sample_auc(texts: Sequence[str], documents: Sequence[str]) -> float:
    """Area under the ROC curve of a classifier that tells the texts' passages from the documents'.

    0.5 is guessing, 1 is always right: the mean over the pairs of blocks that are left out. With fewer than two texts
    as long as a passage, nothing can be said: 0.5.
    """
    blocks = Blocks.of(texts, documents)
    if blocks is None:
        return BY_CHANCE
    with many_small_fits():
        return blocks.area(range(blocks.texts))


def told_apart(texts: Sequence[str], documents: Sequence[str]) -> ToldApart | None:
    """What tells the texts from the documents, and how probable that is by chance; None if nothing can be said.

    p is the share of labellings, which call as many other blocks texts, that are told apart at least as well: if texts
    and documents are alike, all are equally probable. Of very many labellings some are drawn, the same every time.
    """
    blocks = Blocks.of(texts, documents)
    if blocks is None:
        return None
    with many_small_fits():
        given = blocks.area(range(blocks.texts))
        others = [blocks.area(labelling) for labelling in labellings(blocks.texts)]
        samples, author = blocks.telling()
    as_good = 1 + sum(other >= given - 1e-9 for other in others)
    return ToldApart(
        area=given,
        p=as_good / (1 + len(others)),
        labellings=1 + len(others),
        passages=sum(map(len, blocks.passages[: blocks.texts])),
        samples=blocks.counted(unnested(samples)),
        author=blocks.counted(unnested(author)),
    )


def labellings(texts: int) -> Iterator[tuple[int, ...]]:
    """Which of twice as many blocks are called texts: all but the first ones or, if there are many, random choices.

    Among random choices the first ones, and others, may come again, which makes p no smaller (Phipson & Smyth 2010).
    To call all others texts is the same choice, so block 0 is always one.

    >>> list(labellings(2))
    [(0, 2), (0, 3)]
    """
    rest = range(1, 2 * texts)
    if comb(2 * texts - 1, texts - 1) <= MOST_LABELLINGS:
        yield from [(0, *others) for others in combinations(rest, texts - 1)][1:]
        return
    rng = np.random.default_rng(0)
    for _ in range(MOST_LABELLINGS - 1):
        yield (0, *sorted(rng.choice(rest, texts - 1, replace=False).tolist()))


@dataclass(frozen=True)
class Blocks:
    """Passages by block, as they are read, those of the texts first, and each passage as a point.

    The points have the scalar products of the TF-IDF vectors, so regression gives the same for them, but they have no
    more dimensions than there are passages: it can be repeated for many labellings. ``turned`` (n-grams, dimensions)
    turns weights of the dimensions into those of n-grams.
    """

    texts: int
    passages: Sequence[Sequence[str]]
    points: Sequence[Floats]  # of each block (passages, dimensions)
    turned: Floats
    ngrams: Sequence[str]

    @classmethod
    def of(cls, texts: Sequence[str], documents: Sequence[str]) -> "Blocks | None":
        """The blocks, or None if fewer than two texts are as long as a passage, or the documents are too short.

        None, too, if there is nothing but white space.
        """
        cut = [text_passages for text in texts if (text_passages := whole_passages(text))][:MOST_TEXTS]
        if len(cut) < 2:
            return None
        real = [whole_passages(text) for text in by_document(documents, len(cut), CHARACTERS * max(map(len, cut)))]
        if len(real) < len(cut):
            return None
        real = [block[: len(own)] for block, own in zip(real, cut, strict=True)]
        blocks = [[as_read(passage) for passage in block] for block in (*cut, *real)]
        passages = [passage for block in blocks for passage in block]
        if max(map(len, passages)) < SHORTEST:
            return None
        from sklearn.feature_extraction.text import TfidfVectorizer

        weights = TfidfVectorizer(analyzer="char", ngram_range=(SHORTEST, LONGEST), lowercase=False, sublinear_tf=True)
        vectors = weights.fit_transform(passages)
        squares, directions = np.linalg.eigh((vectors @ vectors.T).toarray())
        kept = squares > 1e-9 * squares.max()
        scales, directions = np.sqrt(squares[kept]), directions[:, kept]
        ends = np.cumsum(list(map(len, blocks)))[:-1]
        return cls(
            texts=len(cut),
            passages=blocks,
            points=np.split(directions * scales, ends),
            turned=vectors.T @ (directions / scales),
            ngrams=weights.get_feature_names_out().tolist(),
        )

    def area(self, called: Collection[int]) -> float:
        """The mean area under the curve if the blocks ``called`` so are the texts and all others are not."""
        others = [block for block in range(len(self.points)) if block not in called]
        pairs = list(zip(called, others, strict=True))
        return fmean(self._left_out_area(pairs, i) for i in range(len(pairs)))

    def _left_out_area(self, pairs: Sequence[tuple[int, int]], i: int) -> float:
        """The area for the passages of one pair of blocks, by a classifier trained on all the others."""
        from sklearn.metrics import roc_auc_score

        classifier = self._fitted([pair for j, pair in enumerate(pairs) if j != i])
        values = [classifier.decision_function(self.points[block]) for block in pairs[i]]
        return float(roc_auc_score(np.repeat([0, 1], list(map(len, values))), np.concatenate(values)))

    def _fitted(self, pairs: Sequence[tuple[int, int]]) -> Any:
        """The classifier, trained on pairs of blocks: a text's, and one of another kind."""
        from sklearn.linear_model import LogisticRegression

        read = [(kind, self.points[block]) for pair in pairs for kind, block in enumerate(pair)]
        kinds = np.repeat([kind for kind, _ in read], [len(points) for _, points in read])
        return LogisticRegression(max_iter=1000).fit(np.vstack([points for _, points in read]), kinds)

    def telling(self) -> tuple[list[str], list[str]]:
        """The n-grams that speak for the texts, and those that speak for the documents, the most telling first."""
        classifier = self._fitted([(block, block + self.texts) for block in range(self.texts)])
        weights = self.turned @ classifier.coef_[0]  # of n-grams: positive ones speak for the documents
        order = np.argsort(weights, kind="stable").tolist()
        texts = [self.ngrams[i] for i in order if weights[i] < 0]
        return texts, [self.ngrams[i] for i in reversed(order) if weights[i] > 0]

    def counted(self, ngrams: Iterable[str]) -> list[TellingNgram]:
        """The n-grams with how often each occurs in the passages of the texts and of the documents."""
        own, real = self.passages[: self.texts], self.passages[self.texts :]
        return [
            TellingNgram(text=ngram, samples=occurrences(ngram, own), author=occurrences(ngram, real))
            for ngram in ngrams
        ]


def occurrences(ngram: str, blocks: Sequence[Sequence[str]]) -> int:
    """How often an n-gram occurs in passages."""
    return sum(passage.count(ngram) for block in blocks for passage in block)


def unnested(ngrams: Iterable[str]) -> list[str]:
    """The first n-grams of which none contains another, with or without their white space.

    >>> unnested([" the", "the ", "and", " the "])
    [' the', 'and']
    """
    chosen: list[str] = []
    for ngram in ngrams:
        inner = ngram.strip() or ngram
        if not any(inner in one or (one.strip() or one) in ngram for one in chosen):
            chosen.append(ngram)
        if len(chosen) == TELLING:
            break
    return chosen


def as_read(passage: str) -> str:
    r"""The passage as the classifier reads it: two or more white spaces, as at a blank line, are one space.

    >>> as_read("Stay.\n\nHe went\nout")
    'Stay. He went\nout'
    """
    return WHITE_SPACE.sub(" ", passage)


def whole_passages(text: str) -> list[str]:
    """The text in passages of ``CHARACTERS``, without the rest."""
    return [text[start : start + CHARACTERS] for start in range(0, len(text) - CHARACTERS + 1, CHARACTERS)]


TOLD_APART = Measure(
    lambda texts, reference: two_sample_auc(texts, reference.documents),
    label="Told apart from the author",
    unit="area under the curve",
    definition="how well a classifier tells 20 samples at most from the training text: 0.5 is guessing, 1 always right",
    trap="A single habit can give it away, such as a punctuation mark that the author does not use.",
    source="Lopez-Paz & Oquab 2017",
    of_one_sample=False,
)
