"""A placeholder per cluster of rare words with similar spelling and similar neighbours."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack
from threadpoolctl import threadpool_limits

from toolkit.errors import whole_number
from toolkit.rare_words import OTHER, RareWords
from toolkit.text.words import Word

Array = npt.NDArray[np.float64]

SIDES = ("left", "right")
NGRAMS = (1, 4)  # lengths of character n-grams, with the ends of the word marked
MAX_NGRAMS = 3000  # the most frequent
MAX_NEIGHBOURS = 300  # on each side, the most frequent
NEIGHBOUR_WEIGHT = 0.1  # of each neighbour, against 1 for spelling, chosen by the bits of validation documents
DIMENSIONS = 24
DECIMALS = 4  # of the learnt arrays, to keep runs small; assignment uses the rounded values from the start


class Cluster(RareWords):
    """The strategy ``cluster``: a placeholder per cluster of rare words, by letters and neighbours.

    k-means finds the clusters, after a truncated SVD of the types' character n-grams (tf–idf) and the shares of their
    left and right neighbours. Each occurrence of a word is assigned to the nearest centre by its own letters and
    neighbours. By default, ``k`` is half the cube root of the number of rare types, at least 2.
    """

    def __init__(self, *, k: int | None = None) -> None:
        self.k = None if k is None else whole_number("k", k, 1)

    @threadpool_limits.wrap(limits=1, user_api="blas")  # type: ignore[untyped-decorator]  # the same sums every time
    def fit(self, rare: Sequence[Word], kept: Sequence[Word]) -> Self:  # noqa: ARG002 - rare words only
        """Learn the n-grams and neighbours to use, their projection and the centres."""
        from sklearn.cluster import MiniBatchKMeans
        from sklearn.decomposition import TruncatedSVD

        words = [word.text for word in rare]
        texts = sorted(set(words))
        if len(texts) < 2:  # nothing to distinguish
            return self._set([], [[], []], np.zeros(0), np.zeros((2, 1)), np.zeros((len(texts), 1)))
        neighbours = [most_frequent((getattr(word, side) for word in rare), MAX_NEIGHBOURS) for side in SIDES]
        ngrams_of = vectorizer().build_analyzer()
        ngrams = most_frequent((ngram for text in texts for ngram in ngrams_of(text)), MAX_NGRAMS)
        spelling = vectorizer(sorted(ngrams)).fit(texts)
        occurrences = Counter(words)
        places = np.searchsorted(texts, words), np.arange(len(words))
        means = csr_array(([1 / occurrences[word] for word in words], places))  # (types, words)
        features = hstack([spelling.transform(texts), means @ beside(rare, neighbours)], "csr")
        features.sort_indices()
        reduction = TruncatedSVD(min(DIMENSIONS, *(size - 1 for size in features.shape)), random_state=0)
        points = reduction.fit_transform(features)
        k = self.k or max(2, round(math.cbrt(len(texts)) / 2))
        means = MiniBatchKMeans(min(k, len(texts)), random_state=0, n_init=5, batch_size=2048).fit(points)
        names = spelling.get_feature_names_out().tolist()
        return self._set(names, neighbours, spelling.idf_, reduction.components_.T, means.cluster_centers_)

    def _set(
        self,
        ngrams: Sequence[str],
        neighbours: Sequence[Sequence[str]],
        idf: Array,
        projection: Array,
        centres: Array,
    ) -> Self:
        self._ngrams, self._neighbours = list(ngrams), [list(side) for side in neighbours]
        self._idf, self._projection, self._centres = (np.round(a, DECIMALS) for a in (idf, projection, centres))
        digits = len(str(max(0, len(centres) - 1)))
        self.classes = tuple(f"C{number:0{digits}}" for number in range(len(centres)))
        return self

    def class_of(self, word: Word) -> str:
        """Return the cluster whose centre is nearest to the word."""
        return self.classes_of([word])[0]

    def classes_of(self, words: Sequence[Word]) -> list[str]:
        """Return the cluster of each word."""
        if len(self.classes) < 2 or not words:
            return [*self.classes, OTHER][:1] * len(words)
        texts, places = np.unique(np.array([word.text for word in words], object), return_inverse=True)
        spelling = vectorizer(self._ngrams)
        spelling.idf_ = self._idf
        features = hstack([spelling.transform(texts)[places], beside(words, self._neighbours)], "csr")
        points = features @ self._projection
        distances = (self._centres**2).sum(1) - 2 * points @ self._centres.T  # without the point's own square
        return [self.classes[number] for number in distances.argmin(1)]

    def state(self) -> dict[str, Any]:
        """Return everything that assignment needs."""
        return {
            "ngrams": self._ngrams,
            "neighbours": self._neighbours,
            "idf": self._idf.tolist(),
            "projection": self._projection.tolist(),
            "centres": self._centres.tolist(),
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Load what ``state`` gave."""
        arrays = (np.array(state[name]) for name in ("idf", "projection", "centres"))
        return self._set(state["ngrams"], state["neighbours"], *arrays)


def vectorizer(ngrams: Sequence[str] | None = None) -> Any:
    """Return tf–idf vectors, of length 1, of character n-grams; by default of all."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    ends = "\x02{}\x03".format
    options = {"analyzer": "char", "ngram_range": NGRAMS, "lowercase": False}
    return TfidfVectorizer(**options, preprocessor=ends, vocabulary=ngrams)


def most_frequent(words: Iterable[str], most: int) -> list[str]:
    """Return the most frequent words; equally frequent ones in alphabetical order."""
    counts = Counter(words)
    return sorted(counts, key=lambda word: (-counts[word], word))[:most]


def beside(words: Sequence[Word], neighbours: Sequence[Sequence[str]]) -> csr_array:
    """Return the weight (words, neighbours) of the known neighbours on the left and then on the right of each word."""
    known = [(side, name) for side, names in zip(SIDES, neighbours, strict=True) for name in names]
    column = {neighbour: place for place, neighbour in enumerate(known)}
    pairs = ((row, column.get((side, getattr(word, side)))) for row, word in enumerate(words) for side in SIDES)
    rows, columns = np.array([pair for pair in pairs if pair[1] is not None], int).reshape(-1, 2).T
    return csr_array((np.full(len(rows), NEIGHBOUR_WEIGHT), (rows, columns)), (len(words), len(known)))
