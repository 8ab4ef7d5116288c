"""How much of the held-out text the k most frequent words, byte pairs or characters of the training text cover."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from toolkit.evaluation.metrics.coverage import coverage_curve
from toolkit.events.encoding import DOC
from toolkit.results.inspection import Curve
from toolkit.text.census import Census, characters_in
from toolkit.text.corpus import Split
from toolkit.text.excerpt import fitting
from toolkit.tokenizers.subwords import BytePairs


def word_curve(train: Census, test: Census) -> Curve:
    """The curve of words and punctuation marks; white space is in none of them and does not count."""
    return Curve(unit="words", points=by_characters(train.counts, test.counts))


def character_curve(split: Split) -> Curve:
    """The curve of characters."""
    return Curve(unit="characters", points=by_characters(characters_in(split.train), characters_in(split.test)))


def byte_pair_curve(split: Split) -> Curve:
    """The curve of the byte pairs that ``bpe`` learns by default; each covers the space before its word.

    They are learned from an excerpt of a training text that does not fit into memory.
    """
    tokenizer = BytePairs().fit(fitting(split.train))
    tokens, reserve = tokenizer.vocabulary.tokens, tokenizer.vocabulary.reserve
    ranks = {tokens[id_]: len(tokens) - id_ for id_ in np.flatnonzero(reserve.trained).tolist() if id_ != DOC}
    covered: Counter[str] = Counter()
    for document in split.test:
        encoding = tokenizer.encode(document)
        for id_, width in zip(encoding.ids.tolist(), np.diff(encoding.offsets).tolist(), strict=True):
            covered[tokens[id_]] += width
    return Curve(unit="byte pairs", points=coverage_curve(ranks, covered))  # ids are numbered by frequency


def by_characters(train: Mapping[str, int], test: Mapping[str, int]) -> list[tuple[int, float]]:
    """(k, the share of held-out characters that lie in the k most frequent training types).

    >>> by_characters({"the": 3, "a": 1}, {"the": 2, "a": 1, "moon": 1})
    [(1, 0.5454545454545454), (2, 0.6363636363636364)]
    """
    return coverage_curve(train, Counter({unit: n * len(unit) for unit, n in test.items()}))
