"""How much of the held-out text the k most frequent words, byte pairs or characters of the training text cover."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from toolkit.evaluation.metrics.coverage import coverage_curve
from toolkit.events.encoding import DOC
from toolkit.results.inspection import Curve
from toolkit.text.corpus import Split
from toolkit.text.neutral import tokens
from toolkit.tokenizers.subwords import BytePairs


def word_curve(split: Split) -> Curve:
    """The curve of words and punctuation marks; white space is in none of them and does not count."""
    train, test = (Counter(t for d in part for t in tokens(d.text)) for part in (split.train, split.test))
    return Curve(unit="words", points=by_characters(train, test))


def character_curve(split: Split) -> Curve:
    """The curve of characters."""
    train, test = (Counter(c for d in part for c in d.text) for part in (split.train, split.test))
    return Curve(unit="characters", points=by_characters(train, test))


def byte_pair_curve(split: Split) -> Curve:
    """The curve of the byte pairs that ``bpe`` learns by default; each covers the space before its word."""
    tokenizer = BytePairs().fit(split.train)
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
