"""All measures of texts, and a test of samples against the author's text.

It is a classifier's (Lopez-Paz & Oquab 2017): logistic regression on TF-IDF weights of character 3- to 5-grams.
Each text is a block, as is one passage of the same length from each of as many training documents. One block of each
kind is left out at a time, so the classifier is never tested on a text or document that it has read.
"""

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.evaluation.estimate import t_quantile
from toolkit.evaluation.metrics import Reference, built_in, by_document, measures
from toolkit.events.distribution import Floats
from toolkit.results.generated import MeasureValue, TwoSampleTest
from toolkit.results.text import ALPHA

PASSAGE_CHARACTERS = 200
NGRAM_CHARACTERS = (3, 5)
WHITE_SPACE = re.compile(r"\s\s+")  # scikit-learn makes it a single space, so blank lines are no evidence
CHANCE_AREA = 0.5
CLASSIFIER = "two_sample_auc"  # the measure that the classifier gives
MAX_TEXTS = 20  # of the two-sample test, whose time rises faster than with the square of their number
MAX_BLOCK_LABELLINGS = 200


@dataclass(frozen=True)
class Measurements:
    """All measures of texts.

    ``values`` are of all texts together, ``by_text`` of each text, or empty for a measure that compares texts.
    """

    values: dict[str, float]
    by_text: dict[str, list[float]]
    two_sample_test: TwoSampleTest | None

    def beside(self, author: "Measurements") -> dict[str, MeasureValue]:
        """Return the measures and intervals beside the measures of as many passages by the author."""
        by_name, known = {}, measures()
        for name, value in self.values.items():
            low, high = interval(self.by_text[name], value, known[name].least, known[name].most)
            by_name[name] = MeasureValue(value=value, low=low, high=high, author=author.values[name])
        return by_name


def measurements(texts: Sequence[str], reference: Reference) -> Measurements:
    """Apply every measure that has a meaning in the language of the texts, and for which there is a tagger."""
    test = two_sample_test(texts, reference.documents)
    values, by_text = dict[str, float](), dict[str, list[float]]()
    for name, measure in measures().items():
        if name == CLASSIFIER:
            values[name], by_text[name] = test.area if test else CHANCE_AREA, []
        elif measure.applies(reference):
            by_text[name] = [measure([text], reference) for text in texts]
            values[name] = measure(texts, reference)
    return Measurements(values, by_text, test)


def interval(
    by_text: Sequence[float], value: float, least: float, most: float | None
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % interval ``value`` ± t·s/√n, within a range, with s over the n texts.

    ``value`` is of all texts together, which is not the mean over them if a measure depends on the length of a text.
    None with fewer than two texts, or if they do not differ: then they say nothing about others.
    """
    if len({round(value, ndigits=9) for value in by_text}) < 2:
        return None, None
    half = float(t_quantile(1 - ALPHA / 2, len(by_text) - 1) * np.std(by_text, ddof=1) / np.sqrt(len(by_text)))
    return max(value - half, least), min(value + half, math.inf if most is None else most)


def two_sample_test(texts: Sequence[str], documents: Sequence[str]) -> TwoSampleTest | None:
    """Return how well a classifier separates texts from documents, with p.

    The area under its ROC curve is the mean over the pairs of blocks that are left out. p is the share of labellings
    with at least this area: each calls as many blocks texts, and if texts and documents are alike, all are equally
    probable. Returns None unless two texts are as long as a passage and the documents have as many blocks.
    """
    from sklearn import config_context
    from sklearn.feature_extraction.text import TfidfVectorizer

    blocks = _blocks(texts, documents)
    passages = [passage for block in blocks for passage in block]
    if max(map(len, passages), default=0) < NGRAM_CHARACTERS[0]:
        return None
    count = len(blocks) // 2
    ends = np.cumsum(list(map(len, blocks))).tolist()
    weights = TfidfVectorizer(analyzer="char", ngram_range=NGRAM_CHARACTERS, lowercase=False, sublinear_tf=True)
    vectors = weights.fit_transform(passages)  # (passages, n-grams)
    # Points with the scalar products of the vectors give the same regression with as few dimensions as passages.
    squares, directions = np.linalg.eigh((vectors @ vectors.T).toarray())
    positive = squares > 1e-9 * squares.max()
    # (passages, dimensions) each.
    points = np.split(directions[:, positive] * np.sqrt(squares[positive]), ends[:-1])
    # Hundreds of small regressions: threads would wait for each other, and checks would take most of the time.
    with threadpool_limits(1), config_context(assume_finite=True, skip_parameter_validation=True):
        areas = [_area(points, labelling) for labelling in _block_labellings(count)]
    p = sum(area >= areas[0] - 1e-9 for area in areas) / len(areas)
    return TwoSampleTest(area=areas[0], p=p, labellings=len(areas), passages=ends[count - 1])


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


def _block_labellings(texts: int) -> Iterator[Collection[int]]:
    """The blocks that are called texts, of twice as many: first the texts, then all other choices or random ones.

    Random choices may repeat, which makes p no smaller (Phipson & Smyth 2010).
    """
    later = range(1, 2 * texts)  # besides block 0: a choice and its complement have the same area
    if math.comb(2 * texts - 1, texts - 1) <= MAX_BLOCK_LABELLINGS:
        yield from ((0, *choice) for choice in combinations(later, texts - 1))
        return
    yield range(texts)
    rng = np.random.default_rng(0)
    for _ in range(MAX_BLOCK_LABELLINGS - 1):
        yield (0, *sorted(rng.choice(later, texts - 1, replace=False).tolist()))


def _area(points: Sequence[Floats], labelling: Collection[int]) -> float:
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    documents = [block for block in range(len(points)) if block not in labelling]
    pairs = list(zip(labelling, documents, strict=True))
    areas = []
    for pair in pairs:
        learned = [block for other in pairs if other != pair for block in other]
        kinds = np.concatenate([np.full(len(points[block]), block in documents) for block in learned])
        vectors = np.vstack([points[block] for block in learned])
        classifier = LogisticRegression(max_iter=1000).fit(vectors, kinds)
        scores = [classifier.decision_function(points[block]) for block in pair]
        areas.append(float(roc_auc_score(np.repeat([0, 1], list(map(len, scores))), np.concatenate(scores))))
    return fmean(areas)


def _separability(texts: Sequence[str], reference: Reference) -> float:
    test = two_sample_test(texts, reference.documents)
    return test.area if test else CHANCE_AREA


TWO_SAMPLE_AUC = built_in("two_sample_auc", _separability)
