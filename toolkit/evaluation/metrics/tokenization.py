"""How finely a tokenizer cuts words, and how evenly it uses its vocabulary."""

import math
from collections.abc import Iterable, Sequence

import numpy as np

from toolkit.events.encoding import CLASSES, SPELLING, Encoding, Ids
from toolkit.text.corpus import Document
from toolkit.text.neutral import word_spans

ORDER = 2.5  # of Rényi's entropy: the one that went best with translation quality (Zouhar et al. 2023)


def renyi_efficiency(documents: Iterable[Ids], vocabulary_size: int) -> float:
    """Rényi's entropy of the tokens' frequencies, of order 2.5, divided by its most, log2 of the vocabulary's size.

    H(p) = log2(Σ p^α) / (1 − α). Low where a few tokens make up most of a text, or many are hardly ever used.
    Zouhar et al. 2023, "Tokenization and the noiseless channel". 1 for a vocabulary of one token.

    >>> round(renyi_efficiency([np.array([0, 1, 2, 3])], 4), 6)
    1.0
    """
    if vocabulary_size < 2:
        return 1.0
    counts = np.zeros(vocabulary_size, np.int64)
    for ids in documents:
        counts += np.bincount(ids, minlength=vocabulary_size)
    shares = counts / counts.sum()
    entropy = math.log2(float((shares**ORDER).sum())) / (1 - ORDER)
    return entropy / math.log2(vocabulary_size)


def whole_words(document: Document, encoding: Encoding) -> tuple[int, int]:
    """How many neutral words of a document are one token, and how many there are.

    One token covers all their characters, whatever else it covers, and neither a class nor spelling stands for them.

    >>> encoding = Encoding(np.array([3, 1, 2, 0]), np.array([0, 1, 3, 4, 4]), np.array([0, 0, 0, 4]), {})
    >>> whole_words(Document("a", "a be"), encoding)
    (1, 2)
    """
    spans = [(end - len(word), end) for _, end, word in word_spans(document.text)]
    if not spans:
        return 0, 0
    starts, ends = np.array(spans).T
    covering = np.flatnonzero(np.diff(encoding.offsets))  # events that cover characters
    event = covering[np.searchsorted(encoding.offsets[1:][covering], starts, "right")]  # of each word's first character
    kept = ~np.isin(encoding.parts[event], (CLASSES, SPELLING))
    return int((kept & (encoding.offsets[1:][event] >= ends)).sum()), len(spans)


def whole_word_share(encoded: Sequence[tuple[Document, Encoding]]) -> float:
    """The share of the documents' neutral words that are one token; 0 if there are none."""
    whole, words = map(sum, zip(*(whole_words(*pair) for pair in encoded), strict=True))
    return whole / words if words else 0.0
