"""A model that is counted, not trained: n-grams of any tokenizer's events, smoothed.

With n_c the count of c after a context and n the sum of these counts, the levels from 1 symbol to ``order`` are

    P_k(c | context) = [n_c − d(n_c) + B · P_{k−1}(c | shorter context)] / Z

Kneser–Ney if the counts of counts of a level give discounts d: Z = n and B = Σ d. Otherwise Witten–Bell: d = 0,
Z = n + t and B = t, with t different c. P_0 is uniform over the ids that training shows. Below the highest level n_c is
the number of different symbols before the n-gram. An n-gram that starts a document keeps its count.

Kneser & Ney 1995; Chen & Goodman 1999 (interpolated, discounts from counts of counts); Bell, Cleary & Witten 1990.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.events.coding import Stepper
from toolkit.events.distribution import Arrays, Bools, Floats
from toolkit.events.encoding import DOC, Events, Ids, Reserve, Tokenizer, Vocabulary
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, document_scores, event_bits

MAX_ORDER = 9  # symbols in the longest n-grams that are tried
NOWHERE = -1  # the node of an n-gram that is not in training: arrays by node or context end with its value

Integers = npt.NDArray[np.int64]
Context = tuple[int, ...]  # its symbols


class NGramModel(Model):
    """A tokenizer and the counts of the n-grams of its events, as levels from 1 symbol on."""

    counts = True
    embedding_parameters = 0

    def __init__(self, tokenizer: Tokenizer, ngrams: Sequence["Level"]) -> None:
        self.tokenizer, self.ngrams = tokenizer, ngrams
        self.order = len(ngrams)  # symbols in the longest n-gram
        self.parameters = sum(len(level.keys) for level in ngrams)
        self.multiply_adds = self.order * len(tokenizer.vocabulary)  # one per level and id

    @classmethod
    def fitted(cls, tokenizer: Tokenizer, training: Sequence[Events], valid: Sequence[Events]) -> "NGramModel":
        """Return the n-grams of training documents, of the order with the fewest bits on validation documents."""
        vocabulary, reserve = tokenizer.vocabulary, tokenizer.vocabulary.reserve
        tables = count([symbols(vocabulary, encoding) for encoding in training], MAX_ORDER, len(vocabulary))
        lower = levels_of([(table.keys, table.different) for table in tables], len(vocabulary))
        highest = levels_of([(table.keys, table.counts) for table in tables], len(vocabulary))
        bits = np.zeros(len(tables))
        for encoding in valid:
            fed = symbols(vocabulary, encoding)
            probabilities = np.full(len(fed) - 1, 1 / reserve.trained_count)
            for k, (contexts, ngrams) in enumerate(nodes(lower, fed)):
                softmax = highest[k].mixed(probabilities, contexts, highest[k].discounted[ngrams])
                bits[k] += reserve.bits(np.log(softmax), fed[1:]).sum()
                probabilities = lower[k].mixed(probabilities, contexts, lower[k].discounted[ngrams])
        best = int(np.argmin(bits))
        return cls(tokenizer, [*lower[:best], highest[best]])

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """Return the scores of each document."""
        vocabulary, scores = self.tokenizer.vocabulary, []
        ending, trained = vocabulary.ends_words & vocabulary.reserve.trained, vocabulary.reserve.trained_count
        sums = [level.discounted_sums(ending) for level in self.ngrams]  # by context
        for encoding in encodings:
            fed = symbols(vocabulary, encoding)
            probabilities = np.full(len(fed) - 1, 1 / trained)
            masses = np.full(len(fed) - 1, int(ending.sum()) / trained)
            levels = zip(self.ngrams, sums, nodes(self.ngrams, fed), strict=True)
            for level, of_ending, (contexts, ngrams) in levels:
                probabilities = level.mixed(probabilities, contexts, level.discounted[ngrams])
                masses = level.mixed(masses, contexts, of_ending[contexts])
            bits = event_bits(vocabulary, encoding, np.log(probabilities), masses)
            scores.append(document_scores(self.tokenizer, encoding, *bits))
        return scores

    def at_rate(self, rate: float) -> Stepper:
        """Return the counts. At any rate above 0, each event that was paid for counts as if training had shown it."""
        return NGramStepper(self.ngrams, self.tokenizer.vocabulary.reserve, counting=rate > 0)

    def arrays(self) -> Arrays:
        """Return keys and counts of each level, as ``restored`` takes them."""
        by_level = enumerate(self.ngrams, 1)
        return {f"{name}_{k}": getattr(level, name) for k, level in by_level for name in ("keys", "counts")}

    @classmethod
    def restored(cls, tokenizer: Tokenizer, arrays: Arrays) -> "NGramModel":
        """Return the model with these ``arrays``."""
        tables = [(arrays[f"keys_{k}"], arrays[f"counts_{k}"]) for k in range(1, len(arrays) // 2 + 1)]
        return cls(tokenizer, levels_of(tables, len(tokenizer.vocabulary)))


def symbols(vocabulary: Vocabulary, encoding: Events) -> Ids:
    """Return the ids (n + 1,) of a document that are counted, with ``<doc>`` before them."""
    return np.concatenate([[DOC], vocabulary.fed(encoding).ids]).astype(np.int32)


class Table(NamedTuple):
    """All n-grams of one length k. Each is a node: its index in ``keys``.

    A key is the node of the first k − 1 symbols times V, plus the last symbol.
    """

    keys: Integers  # (nodes,), ascending
    counts: Integers  # (nodes,): how often each occurs
    different: Integers  # (nodes,): how many different symbols precede it; if none can, how often it occurs


def count(documents: Sequence[Ids], longest: int, vocabulary: int) -> list[Table]:
    """Return the tables of all n-grams of up to ``longest`` symbols; documents (n,) begin and end with ``<doc>``."""
    symbols = np.concatenate(documents).astype(np.int64)  # (N,)
    place = np.concatenate([np.arange(len(document)) for document in documents])  # in its document
    nodes = np.zeros(len(symbols), np.int64)  # of the k − 1 symbols that end at each place
    tables: list[Table] = []
    for k in range(1, longest + 1):
        ends = np.flatnonzero(place >= max(k - 1, 1))  # of n-grams of k symbols, without <doc> alone
        if not len(ends):
            break
        contexts = nodes[ends - 1] if k > 1 else np.zeros(len(ends), np.int64)
        by_place = contexts * vocabulary + symbols[ends]
        keys, by_end, counts = np.unique(by_place, return_inverse=True, return_counts=True)
        if tables:  # each n-gram of k symbols puts one more symbol before the k − 1 it ends with
            shorter = tables[-1]
            ending = np.empty(len(keys), np.int64)  # the node of the last k − 1 symbols of each n-gram
            ending[by_end] = nodes[ends]
            different = np.bincount(ending, minlength=len(shorter.keys))
            tables[-1] = shorter._replace(different=np.where(different == 0, shorter.counts, different))
        nodes = np.full(len(symbols), NOWHERE, np.int64)
        nodes[ends] = by_end
        if k == 1:
            nodes[place == 0] = np.searchsorted(keys, DOC)
        tables.append(Table(keys, counts, counts))
    return tables


class Level:
    """A level of the chain: the counts of a table, discounted."""

    def __init__(self, keys: Integers, counts: Integers, contexts: int, vocabulary: int) -> None:
        self.keys, self.counts, self._vocabulary = keys, counts, vocabulary
        self.starts = np.searchsorted(keys, np.arange(contexts + 1) * vocabulary)  # (contexts + 1,)
        context = keys // vocabulary
        n = np.bincount(context, counts, contexts)
        discounts = kneser_ney_discounts(counts)
        self.kneser_ney = discounts is not None
        self.discounts = np.zeros(4) if discounts is None else discounts  # of the counts 0, 1, 2, and higher ones
        discounted = counts - self.discounts[np.minimum(counts, 3)]
        added = 0 if self.kneser_ney else np.diff(self.starts)  # Witten–Bell counts the different symbols
        backoff = n - np.bincount(context, discounted, contexts) + added
        total = n + added  # 0 after a document's end, which has no next symbol
        self.discounted = np.append(discounted, 0.0)  # n_c − d(n_c)
        self.backoff, self.total = np.append(backoff, 1.0), np.append(total, 1.0)  # B and Z

    @cached_property
    def symbols(self) -> Ids:
        """The last symbol of each node (nodes,)."""
        return (self.keys % self._vocabulary).astype(np.int32)

    def find(self, contexts: Integers, symbols: Ids) -> Integers:
        """Return the nodes (n,) of contexts (n,) with one more symbol each (n,), NOWHERE if there is no such node."""
        keys = contexts * self._vocabulary + symbols
        places = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[places] == keys, places, NOWHERE)

    def find_one(self, context: int, symbol: int) -> int:
        """Return what ``find`` does for a single context and symbol."""
        if context == NOWHERE:
            return NOWHERE
        key = context * self._vocabulary + symbol
        place = int(self.keys.searchsorted(key))  # np.searchsorted takes twice as long for one key
        return place if place < len(self.keys) and self.keys[place] == key else NOWHERE

    def discounted_sums(self, ids: Bools) -> Floats:
        """Return, for each context (contexts + 1,), the discounted counts of a set of ids (V,) after it, summed."""
        counts = self.discounted[:-1] * ids[self.symbols]
        return np.bincount(self.keys // self._vocabulary, counts, len(self.total)).astype(np.float64)

    def mixed(self, lower: Floats, contexts: Integers, discounted: Floats) -> Floats:
        """Return P (n,) after contexts (n,), given P (n,) of the level below and the discounted counts (n,)."""
        probabilities: Floats = (discounted + self.backoff[contexts] * lower) / self.total[contexts]
        return probabilities


def levels_of(tables: Sequence[tuple[Integers, Integers]], vocabulary: int) -> list[Level]:
    """Return the levels with these keys and counts, from 1 symbol on."""
    contexts = [1, *(len(keys) for keys, _ in tables)]
    return [Level(*table, n, vocabulary) for table, n in zip(tables, contexts, strict=False)]


def nodes(levels: Sequence[Level], symbols: Ids) -> Iterator[tuple[Integers, Integers]]:
    """Yield, per level, the nodes of the context of each symbol of a document but the first, and of its n-gram."""
    contexts = np.zeros(len(symbols), np.int64)
    for k, level in enumerate(levels):
        ngrams = level.find(np.concatenate([[NOWHERE if k else 0], contexts[:-1]]), symbols)
        yield contexts[:-1], ngrams[1:]
        contexts = ngrams


def kneser_ney_discounts(counts: Integers) -> Floats | None:
    """Return d of the counts 0, 1, 2 and of all higher ones (4,); None if the counts of counts give none.

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


class NGramStepper:
    """A ``Stepper``: the distribution after the symbols read. If ``counting``, it counts them as training did."""

    def __init__(self, levels: Sequence[Level], reserve: Reserve, *, counting: bool) -> None:
        self._levels, self._reserve, self._counting = levels, reserve, counting
        self._increases = defaultdict[Context, _Increase](_Increase)
        first, self._uniform = levels[0], np.full(reserve.trained.size, 1 / reserve.trained_count)
        self._unigrams = self._uniform * (first.backoff[0] / first.total[0])  # until something is counted
        self._unigrams[first.symbols] += first.discounted[:-1] / first.total[0]
        self._read(DOC)

    def _read(self, id_: int) -> None:
        """Read a symbol, and find the contexts of the next one; ``<doc>`` begins a document."""
        history, nodes = ((), [0]) if id_ == DOC else (self._history, [node for _, node, _ in self._contexts])
        after = [level.find_one(node, id_) for level, node in zip(self._levels, nodes, strict=False)]
        self._history: Context = (*history, id_)[-len(self._levels) :]
        contexts = [self._history[len(self._history) - k :] for k in range(len(after) + 1)]
        # Each level, the node of the context in training, and the symbols of the context.
        self._contexts: list[tuple[Level, int, Context]] = list(
            zip(self._levels, [0, *after], contexts, strict=False)
        )

    def distribution(self) -> Floats:
        """Return P (V,) of the next event."""
        first = 0 if () in self._increases else 1
        probabilities = (self._unigrams if first else self._uniform).copy()
        for level, node, context in self._contexts[first:]:
            increase = self._increases.get(context)
            if node == NOWHERE and increase is None:
                break
            total, backoff = (0.0, 0.0) if node == NOWHERE else (level.total[node], level.backoff[node])
            if increase is not None:
                total, backoff = total + increase.total, backoff + increase.backoff
            probabilities *= backoff / total
            if node != NOWHERE:
                after = slice(level.starts[node], level.starts[node + 1])
                probabilities[level.symbols[after]] += level.discounted[after] / total
            if increase is not None:
                ids, growth = increase.discounted(level)
                probabilities[ids] += growth / total
        return self._reserve.spread(probabilities[self._reserve.trained])

    def feed(self, id_: int) -> None:
        """Pass an event. Ids outside the network are no part of the context, and untrained ids are not counted."""
        if id_ in self._reserve.outside:
            return
        if self._counting and self._reserve.trained[id_]:
            for level, node, context in reversed(self._contexts):
                place = level.find_one(node, id_)
                if not self._increases[context].add(
                    level, id_, 0 if place == NOWHERE else int(level.counts[place])
                ):
                    break  # not new after this context, so the shorter ones do not count it
        self._read(id_)


class _Increase:
    """The counts after one context since training, and the increases of the context's Z and B."""

    def __init__(self) -> None:
        self._counts: dict[int, tuple[int, int]] = {}  # of each symbol: in training, and since
        self.total = self.backoff = 0.0

    def add(self, level: Level, symbol: int, in_training: int) -> bool:
        """Count a symbol, and return whether it is new after this context."""
        in_training, since = self._counts.get(symbol, (in_training, 0))
        self._counts[symbol] = in_training, since + 1
        n, d = in_training + since, level.discounts
        added = n == 0 and not level.kneser_ney
        self.total += 1 + added
        self.backoff += float(d[min(n + 1, 3)] - d[min(n, 3)]) + added
        return n == 0

    def discounted(self, level: Level) -> tuple[Integers, Floats]:
        """Return the counted symbols (n,), and the increase of the discounted count of each (n,)."""
        in_training, since = np.array(list(self._counts.values())).T
        d = level.discounts
        growth: Floats = since - d[np.minimum(in_training + since, 3)] + d[np.minimum(in_training, 3)]
        return np.fromiter(self._counts, np.int64, len(self._counts)), growth
