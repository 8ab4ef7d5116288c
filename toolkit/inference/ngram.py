"""A model that is counted, not trained: n-grams of any tokenizer's events (counts.py)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from toolkit.events.coding import Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Events, Ids, Reserve, Tokenizer, Vocabulary
from toolkit.inference.counts import NOWHERE, Among, EveryOrder, Level, NGrams, count
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, EventBits, document_scores, event_bits

LONGEST = 9  # symbols in the longest n-grams that are tried


class NGramModel(Model):
    """A ``Model``: a tokenizer and the counts of the n-grams of its events."""

    counts = True

    def __init__(self, tokenizer: Tokenizer, ngrams: NGrams) -> None:
        self.tokenizer, self.ngrams = tokenizer, ngrams

    @classmethod
    def fitted(cls, tokenizer: Tokenizer, training: Sequence[Events], valid: Sequence[Events]) -> "NGramModel":
        """The n-grams of training documents, with the order that needs the fewest bits on validation documents."""
        vocabulary = tokenizer.vocabulary
        size, trained = vocabulary.reserve.trained.size, vocabulary.reserve.trained_count
        tables = count([symbols(vocabulary, encoding) for encoding in training], LONGEST, size)
        bits = np.zeros(len(tables))
        every_order = EveryOrder(tables, size, trained)
        for encoding in valid:
            fed = symbols(vocabulary, encoding)
            bits += [vocabulary.reserve.bits(np.log(p), fed[1:]).sum() for p in every_order.probabilities(fed)]
        return cls(tokenizer, NGrams.of(tables, int(np.argmin(bits)) + 1, size, trained))

    @property
    def order(self) -> int:
        """Symbols in the longest n-gram."""
        return len(self.ngrams.levels)

    @property
    def parameters(self) -> int:
        """The number of n-grams counted."""
        return sum(len(keys) for keys, _ in self.ngrams.tables)

    @property
    def embedding_parameters(self) -> int:
        """Zero: ids have no inputs."""
        return 0

    @property
    def multiply_adds(self) -> int:
        """One per level of the chain, and per id."""
        return self.order * len(self.tokenizer.vocabulary)

    def events(self, encodings: Sequence[Events]) -> Iterator[EventBits]:
        """What the model says of each document's events."""
        vocabulary = self.tokenizer.vocabulary
        ending = Among(self.ngrams, vocabulary.ends_words & vocabulary.reserve.trained)
        for encoding in encodings:
            fed = symbols(vocabulary, encoding)
            nodes = list(self.ngrams.nodes(fed))
            logs = np.log(self.ngrams.probabilities(nodes))
            yield event_bits(vocabulary, encoding, fed[1:], logs, ending.probabilities(nodes))

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """What each document pays."""
        pairs = zip(encodings, self.events(encodings), strict=True)
        return [document_scores(self.tokenizer, encoding, events) for encoding, events in pairs]

    def start(self) -> Stepper:
        """The counts at the beginning of a first document."""
        return NGramStepper(self.ngrams, self.tokenizer.vocabulary.reserve)

    def learner(self, rate: float) -> Stepper:  # noqa: ARG002 - counting has no rate
        """The model, counting what it has read: an event that was paid for counts like one in training."""
        return CountingStepper(self.ngrams, self.tokenizer.vocabulary.reserve)

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Keys and counts of each level, as ``restored`` takes them."""
        return {
            f"{name}_{k}": array
            for k, table in enumerate(self.ngrams.tables, 1)
            for name, array in zip(("keys", "counts"), table, strict=True)
        }

    @classmethod
    def restored(cls, tokenizer: Tokenizer, arrays: Mapping[str, npt.NDArray[Any]]) -> "NGramModel":
        """The model of ``arrays``."""
        orders = range(1, len(arrays) // 2 + 1)
        reserve = tokenizer.vocabulary.reserve
        tables = [(arrays[f"keys_{k}"], arrays[f"counts_{k}"]) for k in orders]
        return cls(tokenizer, NGrams(tables, reserve.trained.size, reserve.trained_count))


def symbols(vocabulary: Vocabulary, encoding: Events) -> Ids:
    """The ids (n + 1,) of a document that are counted, with ``<doc>`` before them."""
    return np.concatenate([[DOC], vocabulary.fed(encoding).ids]).astype(np.int32)


class NGramStepper:
    """A ``Stepper``: the chain's distribution after the symbols read so far."""

    def __init__(self, ngrams: NGrams, reserve: Reserve) -> None:
        self._ngrams, self._levels, self._reserve = ngrams, ngrams.levels, reserve
        self._begin()

    def _begin(self) -> None:
        """The beginning of a document."""
        self._nodes = [0]  # of the last 0, 1, … symbols, as far as they occur in training
        self._follow(DOC)

    def _follow(self, id_: int) -> None:
        """Update the contexts with an id."""
        after = [level.find_one(node, id_) for level, node in zip(self._levels, self._nodes, strict=False)]
        known = [node for node in after if node != NOWHERE]
        self._nodes = [0, *known][: len(self._levels)]

    def distribution(self) -> Floats:
        """P (V,) of the next event."""
        probabilities = self._ngrams.unigrams.copy()
        for level, context in zip(self._levels[1:], self._nodes[1:], strict=False):
            level.mix_in(context, probabilities)
        return self._reserve.spread(probabilities[self._reserve.trained])

    def feed(self, id_: int) -> None:
        """Pass an event; what is outside the network is not part of the context."""
        if id_ == DOC:
            self._begin()
        elif id_ not in self._reserve.outside:
            self._follow(id_)


class Added:
    """What has been counted after one context since training: for each symbol, its count in training and the increase.

    ``total`` and ``backoff`` are the increases of the context's Z and B.
    """

    def __init__(self) -> None:
        self.counts: dict[int, tuple[int, int]] = {}
        self.total = self.backoff = 0.0

    def add(self, level: Level, symbol: int, before: int) -> bool:
        """Count a symbol that training has ``before`` times; returns whether it is new after this context."""
        before, added = self.counts.get(symbol, (before, 0))
        self.counts[symbol] = before, added + 1
        n = before + added
        self.total += 1 if level.kneser_ney else 1 + (n == 0)
        self.backoff += discount(level, n + 1) - discount(level, n) if level.kneser_ney else float(n == 0)
        return n == 0

    def symbols(self) -> npt.NDArray[np.int64]:
        """The counted symbols."""
        return np.fromiter(self.counts, np.int64, len(self.counts))

    def grown(self, level: Level) -> Floats:
        """The increase of the discounted count of each of the symbols."""
        before, added = np.array(list(self.counts.values())).T
        after = before + added
        growth: Floats = added - level.discounts[np.minimum(after, 3)] + level.discounts[np.minimum(before, 3)]
        return growth


def discount(level: Level, n: int) -> float:
    """d of a count."""
    return float(level.discounts[min(n, 3)])


class CountingStepper(NGramStepper):
    """A ``Stepper`` that counts what it has read as training did: below the highest level, only what is new above."""

    def __init__(self, ngrams: NGrams, reserve: Reserve) -> None:
        self._added: list[defaultdict[tuple[int, ...], Added]] = [defaultdict(Added) for _ in ngrams.levels]
        super().__init__(ngrams, reserve)

    def _begin(self) -> None:
        """The beginning of a document."""
        super()._begin()
        self._history = [DOC]

    def _contexts(self) -> Iterator[tuple[Level, int, dict[tuple[int, ...], Added], tuple[int, ...]]]:
        """Per level: its node in training or ``NOWHERE``, what was added, and the symbols of the context."""
        for k, (level, added) in enumerate(zip(self._levels, self._added, strict=True)):
            if k > len(self._history):
                return
            context = tuple(self._history[len(self._history) - k :])
            yield level, self._nodes[k] if k < len(self._nodes) else NOWHERE, added, context

    def distribution(self) -> Floats:
        """P (V,) of the next event."""
        probabilities = np.full(self._reserve.trained.size, 1 / self._reserve.trained_count)
        for level, node, by_context, context in self._contexts():
            added = by_context.get(context)
            if node == NOWHERE and added is None:
                break
            total = added.total if added else 0.0
            backoff = added.backoff if added else 0.0
            if node != NOWHERE:
                total += level.total[node]
                backoff += level.backoff[node]
            probabilities *= backoff / total
            if node != NOWHERE:
                nodes = level.after(node)
                probabilities[level.symbols[nodes]] += level.discounted[nodes] / total
            if added:
                probabilities[added.symbols()] += added.grown(level) / total
        return self._reserve.spread(probabilities[self._reserve.trained])

    def feed(self, id_: int) -> None:
        """Pass an event and count it, unless it is outside the network or training never showed it."""
        if id_ in self._reserve.outside:
            return
        if self._reserve.trained[id_]:
            self._count(id_)
        if id_ == DOC:
            self._begin()
            return
        self._history = [*self._history, id_][-len(self._levels) :]
        self._follow(id_)

    def _count(self, id_: int) -> None:
        """Count an event after its longest context, and after each shorter one as long as it is new there."""
        for level, node, by_context, context in reversed(list(self._contexts())):
            place = level.find_one(node, id_)
            if not by_context[context].add(level, id_, 0 if place == NOWHERE else int(level.counts[place])):
                return
