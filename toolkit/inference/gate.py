"""How several models' distributions become one, with weights that are learnt from what has been paid for."""

from collections import defaultdict
from collections.abc import Hashable, Iterable

import numpy as np

from toolkit.events.distribution import Floats

FIRST_SUM = 1.1  # of the weights before anything is learnt
RATE, CONTEXT_RATE = 0.1, 0.005  # of the weights that always count, and of those that count in a context
STEEPEST = 5.0  # nats: a gradient is clipped
LEAST = 1e-9  # of a model's probability


class Gate:
    """The geometric mixture of K distributions: P(x) is proportional to Π_k P_k(x)^w_k.

    A weight is the sum of one that always counts and of one for each context that the event stands in. After an event
    they go down the gradient of its bits, by Adagrad: w_k += rate · g_k / sqrt(1 + Σ g_k²), with
    g_k = log P_k(event) − Σ_x P(x)·log P_k(x).

    The weight that always counts learns faster: it soon finds out which models know more; those of contexts learn where
    that does not hold.

    Mixing logarithms is what compressors do with single bits (Mahoney 2005, "Adaptive Weighing of Context Models for
    Lossless Data Compression"; Mattern 2012, of several symbols); Adagrad: Duchi, Hazan & Singer 2011.
    """

    def __init__(self, models: int) -> None:
        self._weights = defaultdict[Hashable, Floats](lambda: np.zeros(models))
        self._squares = defaultdict[Hashable, Floats](lambda: np.zeros(models))
        self._weights[None] += FIRST_SUM / models

    def mixed(self, distributions: Floats, contexts: Iterable[Hashable]) -> Floats:
        """The mixture (n,) of distributions (K, n) of an event that stands in these contexts."""
        self._contexts = (None, *contexts)
        self._logs = np.log(np.maximum(distributions, LEAST))
        weighted: Floats = np.sum([self._weights[context] for context in self._contexts], 0) @ self._logs
        mixed: Floats = np.exp(weighted - weighted.max())
        mixed /= mixed.sum()
        self._mixed = mixed
        return mixed

    def learn(self, outcome: int) -> None:
        """Learn from the outcome of the event that was mixed last."""
        gradient = np.clip(self._logs[:, outcome] - self._logs @ self._mixed, -STEEPEST, STEEPEST)
        for context in self._contexts:
            self._squares[context] += gradient**2
            rate = RATE if context is None else CONTEXT_RATE
            self._weights[context] += rate * gradient / np.sqrt(1 + self._squares[context])
