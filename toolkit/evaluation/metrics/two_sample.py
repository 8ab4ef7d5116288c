"""The two-sample test: how well a classifier tells texts from the training text (Lopez-Paz & Oquab 2017)."""

from collections.abc import Sequence
from statistics import fmean
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from toolkit.evaluation.metrics.measure import Measure
from toolkit.evaluation.metrics.passages import passages
from toolkit.events.distribution import Floats

CHARACTERS = 200  # of a passage; the rest of a text is not used
BY_CHANCE = 0.5


def two_sample_auc(texts: Sequence[str], documents: Sequence[str]) -> float:
    """Area under the ROC curve of a classifier that tells the texts' passages from the documents'.

    0.5 is guessing, 1 is always right. Logistic regression on TF-IDF weights of character 3- to 5-grams, over equal
    numbers of passages of both kinds, all equally long. Texts are left out one by one, each with its own part of the
    documents, so the classifier is never asked about a text or document that it has read; the result is the mean.
    With fewer than two texts as long as a passage, nothing can be said: 0.5.
    """
    cut = [text_passages for text in texts if (text_passages := whole_passages(text))]
    parts = parted(documents, len(cut))
    real = [passages(part, [CHARACTERS] * len(text_passages)) for part, text_passages in zip(parts, cut, strict=True)]
    if len(cut) < 2 or min(len(passage) for part in real for passage in part) < CHARACTERS:
        return BY_CHANCE
    classifier = new_classifier()
    with threadpool_limits(1):  # ten times faster: with matrices this small, threads only wait for each other
        return fmean(left_out_auc(classifier, cut, real, i) for i in range(len(cut)))


def whole_passages(text: str) -> list[str]:
    """The text in passages of ``CHARACTERS``, without the rest."""
    return [text[start : start + CHARACTERS] for start in range(0, len(text) - CHARACTERS + 1, CHARACTERS)]


def parted(documents: Sequence[str], number: int) -> list[str]:
    """The documents in ``number`` parts: whole documents in turn, or slices of all if there are too few.

    >>> parted(["ab", "cd", "ef"], 2), parted(["abcd"], 2)
    (['ab\\n\\nef', 'cd'], ['ab', 'cd'])
    """
    if len(documents) >= number:
        return ["\n\n".join(documents[i::number]) for i in range(number)]
    text = "\n\n".join(documents)
    return [text[len(text) * i // number : len(text) * (i + 1) // number] for i in range(number)]


def new_classifier() -> Any:
    """Logistic regression on TF-IDF weights of character 3- to 5-grams, not yet fitted."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    weights = TfidfVectorizer(analyzer="char", ngram_range=(3, 5), lowercase=False, sublinear_tf=True)
    return make_pipeline(weights, LogisticRegression(max_iter=1000))


def left_out_auc(classifier: Any, texts: Sequence[Sequence[str]], real: Sequence[Sequence[str]], i: int) -> float:
    """The area for the passages of text i and real part i, by a classifier trained on all the others."""
    others = [j for j in range(len(texts)) if j != i]
    read = [passage for kind in (texts, real) for j in others for passage in kind[j]]
    is_real = [kind is real for kind in (texts, real) for j in others for _ in kind[j]]
    classifier.fit(read, is_real)
    return area(classifier.decision_function(real[i]), classifier.decision_function(texts[i]))


def area(real: Floats, others: Floats) -> float:
    """The area under the ROC curve: the share of pairs in which the real one has the higher value; ties count half.

    >>> area(np.array([3.0, 1.0]), np.array([0.0, 1.0]))
    0.875
    """
    higher = real[:, None] - others  # (real, others)
    return float((np.sign(higher) / 2 + 0.5).mean())


TOLD_APART = Measure(
    lambda texts, reference: two_sample_auc(texts, reference.documents),
    label="Told apart from the author",
    unit="area under the curve",
    definition="how well a classifier tells samples from the training text: 0.5 is guessing, 1 is always right",
    trap="A single habit can give it away, such as a punctuation mark that the author does not use.",
    source="Lopez-Paz & Oquab 2017",
    of_one_sample=False,
)
