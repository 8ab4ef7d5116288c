"""How much of the held-out text a vocabulary from the training text covers. No model is involved.

Tokens are neutral words and single punctuation marks, with their case. N tokens, V types and V1 hapaxes (types seen
once) are counted in the training documents, unseen tokens in the test documents. Validation documents are not used.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from toolkit.results.corpus import Coverage, FractionFacts
from toolkit.text.census import Census, census
from toolkit.text.corpus import Split

CURVE_POINTS = 60  # at most, besides powers of ten: as many as a line a few hundred pixels wide can show


def share(part: int, whole: int) -> float:
    """part / whole, or 0 if the whole is 0."""
    return part / whole if whole else 0.0


def corpus_coverage(split: Split) -> Coverage:
    """Facts about the corpus's own words.

    - ``hapax_type_share`` V1/V; ``hapax_token_share`` V1/N: "words that appear only once" can mean either
    - ``good_turing`` V1/N, the forecast of the unseen share of tokens (Good 1953)
    - ``leave_one_out``: the same forecast by documents, the share of training tokens whose type occurs in only one
      training document (with a single training document it is 1 and says nothing)
    - ``unseen_token_share``: the true value, the share of test tokens whose type is not in the training documents
    - ``unseen_character_share``: the share of test characters, white space included, that lie in such tokens
    - ``curve``: see ``coverage_curve``
    """
    return coverage_of(census(split.train), census(split.test))


def coverage_of(train: Census, test: Census) -> Coverage:
    """The same facts, from the census of each part."""
    tokens, types, hapaxes = train.tokens, train.types, train.hapaxes
    unseen_characters = sum(len(token) * n for token, n in test.counts.items() if token not in train.counts)
    return Coverage(
        tokens=tokens,
        types=types,
        hapax_types=hapaxes,
        hapax_type_share=share(hapaxes, types),
        hapax_token_share=share(hapaxes, tokens),
        good_turing=share(hapaxes, tokens),
        leave_one_out=share(sum(train.in_one_document), tokens),
        test_tokens=test.tokens,
        unseen_token_share=unseen_share(test.counts, train.counts),
        unseen_character_share=share(unseen_characters, test.characters),
        curve=coverage_curve(train.counts, test.counts),
    )


def fraction_facts(splits: Mapping[float, Split], recipes: Mapping[float, str]) -> list[FractionFacts]:
    """How far each fraction of the training documents covers the held-out text, which all share, and its recipe."""
    test = census(splits[1.0].test)
    return [
        FractionFacts(
            fraction=fraction,
            documents=train.documents,
            characters=train.characters,
            tokens=train.tokens,
            types=train.types,
            unseen_token_share=unseen_share(test.counts, train.counts),
            recipe=recipes[fraction],
        )
        for fraction, train in ((fraction, census(split.train)) for fraction, split in splits.items())
    ]


def unseen_share(test: Counter[str], counts: Mapping[str, int]) -> float:
    """The share of test items whose type does not occur in training.

    >>> unseen_share(Counter("abba!"), Counter("ab"))
    0.2
    """
    return share(sum(n for item, n in test.items() if item not in counts), test.total())


def coverage_curve(counts: Mapping[str, int], test: Counter[str]) -> list[tuple[int, float]]:
    """(k, share of test tokens among the k most frequent training types), k log-spaced from 1 to all types.

    Powers of ten are among the k. Ties in frequency are broken alphabetically, so the curve depends only on the counts.

    >>> coverage_curve({"the": 3, "of": 1, "a": 1}, Counter({"the": 2, "a": 1, "moon": 1}))
    [(1, 0.5), (2, 0.75), (3, 0.75)]
    """
    ranked: Sequence[str] = sorted(counts, key=lambda token: (-counts[token], token))
    if not ranked:
        return []
    covered = np.cumsum([test[token] for token in ranked])  # (V,)
    spaced = np.geomspace(1, len(ranked), CURVE_POINTS).round().astype(int)
    places = np.union1d(spaced, [10**i for i in range(len(str(len(ranked))))])
    return [(int(k), share(int(covered[k - 1]), test.total())) for k in places]
