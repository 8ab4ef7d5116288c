"""n-grams of symbols, counted and smoothed: what an n-gram model knows.

With n_c the count of c after a context and n the sum of these counts, the levels from 1 symbol to ``order`` are

    P_k(c | context) = [n_c − d(n_c) + B · P_{k−1}(c | shorter context)] / Z

Kneser–Ney if a level's counts of counts give discounts d: Z = n and B = Σ d. Otherwise (with placeholders no word may
be counted once) Witten–Bell: d = 0, Z = n + t and B = t, with t different c. P_0 is uniform over the ids that
training shows. Below the highest level n_c is the number of different symbols before the n-gram; an n-gram that starts
a document has none before it and keeps its count.

Kneser & Ney 1995; Chen & Goodman 1999 (interpolated, discounts from counts of counts); Bell, Cleary & Witten 1990.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Ids

NOWHERE = -1  # the node of an n-gram that is not in training

Nodes = npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64]


class Table(NamedTuple):
    """All n-grams of one length k. Each is a node: its index in ``keys``.

    A key is the node of the first k − 1 symbols times V, plus the last symbol: n-grams with the same context are
    neighbours.
    """

    keys: Nodes  # (nodes,), ascending
    counts: Counts  # (nodes,): how often each occurs
    different: Counts  # (nodes,): how many different symbols precede it; if none can, how often it occurs


class Level:
    """A table as one level of the chain: its counts, discounted."""

    def __init__(self, keys: Nodes, counts: Counts, contexts: int, vocabulary: int) -> None:
        self.keys, self.counts, self._vocabulary = keys, counts, vocabulary
        self.starts = np.searchsorted(keys, np.arange(contexts + 1) * vocabulary)  # (contexts + 1,)
        context = keys // vocabulary
        n = np.bincount(context, counts, contexts)
        different = np.diff(self.starts).astype(float)
        discounts = kneser_ney_discounts(counts)
        self.kneser_ney = discounts is not None
        self.discounts = np.zeros(4) if discounts is None else discounts  # of the counts 0, 1, 2, and all higher ones
        self.discounted = counts - self.discounts[np.minimum(counts, 3)]  # n_c − d(n_c)
        self.backoff = different if discounts is None else n - np.bincount(context, self.discounted, contexts)  # B
        self.total = n + (0 if self.kneser_ney else different)  # Z; 0 after a document's end, where nothing is asked

    def find(self, contexts: Nodes, symbols: Ids) -> Nodes:
        """The nodes (n,) of contexts (n,) with one more symbol each (n,); ``NOWHERE`` if there is no such node."""
        keys = contexts * self._vocabulary + symbols
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where((contexts != NOWHERE) & (self.keys[places] == keys), places, NOWHERE)

    def find_one(self, context: int, symbol: int) -> int:
        """``find`` for a single context and symbol."""
        if context == NOWHERE:
            return NOWHERE
        key = context * self._vocabulary + symbol
        place = int(self.keys.searchsorted(key))  # np.searchsorted takes twice as long for one key
        return place if place < len(self.keys) and self.keys[place] == key else NOWHERE

    def above(self, lower: Floats, contexts: Nodes, ngrams: Nodes) -> Floats:
        """The chain's P (n,) of a symbol, given that of the level below, and the nodes of context and n-gram (n,)."""
        ngram = ngrams[contexts != NOWHERE]
        return self.backed_off(lower, contexts, np.where(ngram == NOWHERE, 0.0, self.discounted[ngram]))

    def backed_off(self, lower: Floats, contexts: Nodes, counted: Floats) -> Floats:
        """The chain's P (n,), given that of the level below and, for each context that is in training, what is counted
        after it of what is asked for, discounted.
        """
        probabilities, known = lower.copy(), contexts != NOWHERE
        context = contexts[known]
        probabilities[known] = (counted + self.backoff[context] * lower[known]) / self.total[context]
        return probabilities

    def after(self, context: int) -> slice:
        """The nodes that extend a context."""
        return slice(self.starts[context], self.starts[context + 1])

    def mix_in(self, context: int, lower: Floats) -> None:
        """Turn the level below's P (V,) of every symbol after a context into this level's, in place."""
        nodes, total = self.after(context), self.total[context]
        lower *= self.backoff[context] / total
        lower[self.symbols[nodes]] += self.discounted[nodes] / total

    def discounted_among(self, among: npt.NDArray[np.bool_]) -> Floats:
        """After each context (contexts,), the discounted counts of the symbols ``among`` (V,), summed."""
        counted = self.discounted * among[self.keys % self._vocabulary]
        return np.bincount(self.keys // self._vocabulary, counted, len(self.total)).astype(np.float64)

    @cached_property
    def symbols(self) -> Ids:
        """The last symbol of each node (nodes,)."""
        return (self.keys % self._vocabulary).astype(np.int32)


def kneser_ney_discounts(counts: Counts) -> Floats | None:
    """d of the counts 0, 1, 2 and of all higher ones (4,); None if the counts of counts give none.

    With N_i n-grams that have count i and Y = N_1 / (N_1 + 2 · N_2): d(i) = i − (i + 1) · Y · N_{i+1} / N_i.

    >>> kneser_ney_discounts(np.array([1] * 8 + [2] * 4 + [3] * 3 + [4] * 2)).round(3).tolist()
    [0.0, 0.5, 0.875, 1.667]
    >>> kneser_ney_discounts(np.array([2, 2, 5])) is None
    True
    """
    N = np.bincount(np.minimum(counts, 5), minlength=6)[1:5].astype(float)  # N_1 … N_4
    if not N.all():
        return None
    Y = N[0] / (N[0] + 2 * N[1])
    discounts = np.array([0.0, *(i - (i + 1) * Y * N[i] / N[i - 1] for i in (1, 2, 3))])
    return discounts if (discounts[1:] > 0).all() else None


def count(documents: Sequence[Ids], longest: int, vocabulary: int) -> list[Table]:
    """The tables of all n-grams of up to ``longest`` symbols; documents (n,) begin and end with ``<doc>``."""
    symbols = np.concatenate(documents).astype(np.int64)  # (N,)
    place = np.concatenate([np.arange(len(document)) for document in documents])  # in its document
    nodes = np.zeros(len(symbols), np.int64)  # of the k − 1 symbols that end at each place
    tables: list[Table] = []
    for k in range(1, longest + 1):
        ends = np.flatnonzero(place >= max(k - 1, 1))  # where an n-gram of k symbols can end; <doc> alone is not one
        if not len(ends):
            break
        before = nodes[ends - 1] if k > 1 else np.zeros(len(ends), np.int64)
        keys, here, counts = np.unique(before * vocabulary + symbols[ends], return_inverse=True, return_counts=True)
        if tables:  # each n-gram of k symbols puts one more symbol before the k − 1 it ends with
            shorter = tables[-1]
            ended = np.empty(len(keys), np.int64)  # with which node of k − 1 symbols each of k symbols ends
            ended[here] = nodes[ends]
            different = np.bincount(ended, minlength=len(shorter.keys))
            tables[-1] = shorter._replace(different=np.where(different == 0, shorter.counts, different))
        nodes = np.full(len(symbols), NOWHERE, np.int64)
        nodes[ends] = here
        if k == 1:
            nodes[place == 0] = np.searchsorted(keys, DOC)
        tables.append(Table(keys, counts, counts))
    return tables


class NGrams:
    """The chain of levels up to an order."""

    def __init__(self, tables: Sequence[tuple[Nodes, Counts]], vocabulary: int, trained: int) -> None:
        """Keys and counts of each level; ``trained`` of the V ids are shown by training."""
        self.tables, self.trained, self._vocabulary = tables, trained, vocabulary
        contexts = [1, *(len(keys) for keys, _ in tables)]
        self.levels = [Level(*table, n, vocabulary) for table, n in zip(tables, contexts, strict=False)]

    @classmethod
    def of(cls, tables: Sequence[Table], order: int, vocabulary: int, trained: int) -> "NGrams":
        """The chain of the first ``order`` tables."""
        shorter = [(table.keys, table.different) for table in tables[: order - 1]]
        highest = tables[min(order, len(tables)) - 1]
        return cls([*shorter, (highest.keys, highest.counts)], vocabulary, trained)

    @cached_property
    def unigrams(self) -> Floats:
        """P_1 (V,) of every symbol, whatever is before it."""
        probabilities = np.full(self._vocabulary, 1 / self.trained)
        self.levels[0].mix_in(0, probabilities)
        return probabilities

    def nodes(self, symbols: Ids) -> Iterator[Nodes]:
        """For k = 0, 1, …, the node (n,) of the k symbols that end at each place of a document (n,)."""
        nodes = np.zeros(len(symbols), np.int64)
        yield nodes
        for k, level in enumerate(self.levels):
            before = np.concatenate([[NOWHERE if k else 0], nodes[:-1]])
            nodes = level.find(before, symbols)
            yield nodes

    def probabilities(self, nodes: Sequence[Nodes]) -> Floats:
        """P (n − 1,) of each symbol of a document after its first, given those before it; ``nodes`` are its own."""
        probabilities = np.full(len(nodes[0]) - 1, 1 / self.trained)
        for level, contexts, ngrams in zip(self.levels, nodes[:-1], nodes[1:], strict=True):
            probabilities = level.above(probabilities, contexts[:-1], ngrams[1:])
        return probabilities


class EveryOrder:
    """The chains of all orders up to the longest, which have all levels but their highest in common."""

    def __init__(self, tables: Sequence[Table], vocabulary: int, trained: int) -> None:
        self._lower = NGrams([(table.keys, table.different) for table in tables], vocabulary, trained)
        self._highest = NGrams([(table.keys, table.counts) for table in tables], vocabulary, trained).levels

    def probabilities(self, symbols: Ids) -> Iterator[Floats]:
        """For each order from 1, what ``NGrams.of`` that order gives as ``probabilities``."""
        nodes = list(self._lower.nodes(symbols))
        lower = np.full(len(symbols) - 1, 1 / self._lower.trained)
        for level, highest, before, after in zip(self._lower.levels, self._highest, nodes[:-1], nodes[1:], strict=True):
            yield highest.above(lower, before[:-1], after[1:])
            lower = level.above(lower, before[:-1], after[1:])


class Among:
    """The chain's probability of a set of trained ids together: ``among`` (V,), without what is not trained."""

    def __init__(self, ngrams: NGrams, among: npt.NDArray[np.bool_]) -> None:
        self._ngrams = ngrams
        self._share = int(among.sum()) / ngrams.trained
        self._discounted = [level.discounted_among(among) for level in ngrams.levels]

    def probabilities(self, nodes: Sequence[Nodes]) -> Floats:
        """P (n − 1,) before each symbol of a document after its first, given those before it; ``nodes`` are its own."""
        probabilities = np.full(len(nodes[0]) - 1, self._share)
        levels = zip(self._ngrams.levels, self._discounted, nodes, strict=False)
        for level, discounted, contexts in levels:
            before = contexts[:-1]
            probabilities = level.backed_off(probabilities, before, discounted[before[before != NOWHERE]])
        return probabilities
