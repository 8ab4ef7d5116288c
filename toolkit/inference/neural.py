"""A trained network as a model, and as a model that learns from the text that it has read.

Learning is dynamic evaluation (Krause, Kahembwe, Murray & Renals 2018). As in their RMS rule, a gradient is divided by
the root of its mean square. Theirs is the mean over the training text; here it is the mean over the text read so far,
so that a run needs nothing but its weights to learn.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from itertools import count
from pathlib import Path

import numpy as np

from toolkit.config import NetworkSettings
from toolkit.events.coding import Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC, Events, Ids, Reserve, Tokenizer
from toolkit.inference.combined import LEARNING_EVENTS, RATE_UNIT
from toolkit.inference.generation import ALL, Likeliest
from toolkit.inference.graphs import (
    CHUNK,
    WINDOW,
    chunk_graph,
    fastest_layout,
    hidden,
    prompt_state,
    read_windows,
    score_network,
    target_scores,
)
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, document_scores
from toolkit.network.backend import State, Tensor, tf
from toolkit.network.export import write
from toolkit.network.network import RecurrentNetwork
from toolkit.network.stepper import NumpyStepper


def network_for(tokenizer: Tokenizer, settings: NetworkSettings, seed: int = 0) -> RecurrentNetwork:
    """Return a new network for the tokenizer's events, with weights drawn by seed."""
    return RecurrentNetwork(settings, tokenizer.vocabulary.reserve.trained, one_hot=tokenizer.one_hot, seed=seed)


class NeuralModel(Model):
    """A tokenizer and the network that was trained on its events."""

    def __init__(self, tokenizer: Tokenizer, network: RecurrentNetwork) -> None:
        self.tokenizer, self.network = tokenizer, network
        self.parameters, self.embedding_parameters = network.parameters, network.embedding_parameters
        self.multiply_adds = network.multiply_adds

    def export(self, file: str | Path) -> None:
        """Write the network and its reserve as a ``.keras`` file of Keras' own layers."""
        vocabulary = self.tokenizer.vocabulary
        write(self.network, vocabulary.reserve, vocabulary.tokens, Path(file))

    def score(self, encodings: Sequence[Events]) -> list[DocumentScores]:
        """Return the scores of each document, the documents batched together."""
        bits = score_network(self.network, self.tokenizer.vocabulary, encodings)
        return [
            document_scores(self.tokenizer, encoding, *of_document)
            for encoding, of_document in zip(encodings, bits, strict=True)
        ]

    def distributions(
        self, encodings: Sequence[Events], places: Sequence[Collection[int]]
    ) -> Iterator[tuple[int, int, Floats]]:
        """Yield distributions at some places of documents, the documents batched together."""
        if not any(places):
            return
        vocabulary, layer = self.tokenizer.vocabulary, self.network.output_layer()
        documents = [vocabulary.fed(encoding).ids for encoding in encodings]
        layout, by_window = fastest_layout(documents), defaultdict(list)
        for number, (row, start) in enumerate(layout.places):
            inside = vocabulary.reserve.inside(encodings[number].ids)
            for place in places[number]:
                window, step = divmod(start + int(inside[:place].sum()), WINDOW)
                by_window[window].append((number, place, (row, step)))
        for window, ((outputs,), _) in enumerate(read_windows(self.network, documents, layout, hidden)):
            if window in by_window:
                logits = layer.logits(tf.gather_nd(outputs, [step for *_, step in by_window[window]])).numpy()
                for (number, place, _), of_place in zip(by_window[window], logits, strict=True):
                    yield number, place, vocabulary.reserve.distribution(of_place)

    def sample(
        self, prompt: Ids, seeds: Sequence[int], temperature: float, likeliest: Likeliest = ALL
    ) -> Iterator[Ids]:
        """Yield ids that are drawn in one graph, all streams at once, unless only the likeliest may be drawn."""
        if likeliest != ALL:
            yield from super().sample(prompt, seeds, temperature, likeliest)
        last, state = np.full(len(seeds), prompt[-1], np.int32), prompt_state(self.network, prompt, len(seeds))
        for start in count(0, CHUNK):
            arguments = np.array(seeds, np.int64), np.int64(start), np.float32(temperature)
            chunk, *state = chunk_graph(self.network, len(seeds))(last, state, *arguments)
            last = chunk[:, -1]
            yield chunk.numpy()

    def at_rate(self, rate: float) -> Stepper:
        """Return the network in numpy; at a rate above 0, a copy that updates its weights after each window."""
        return LearningStepper(self.network.copy(), self.tokenizer.vocabulary.reserve, rate) if rate else self.outlook()

    def outlook(self) -> NumpyStepper:
        """Return the network in numpy, whose last recurrent outputs are compared."""
        return NumpyStepper(self.network, self.tokenizer.vocabulary.reserve)


class LearningStepper:
    """A ``Stepper``: a network that learns after LEARNING_EVENTS events and at the end of a document.

    It changes the weights of its network, so it needs a copy.
    """

    def __init__(self, network: RecurrentNetwork, reserve: Reserve, rate: float) -> None:
        self._network, self._reserve, self._rate = network, reserve, tf.constant(rate, tf.float32)
        self._windows, self._means = 0, [tf.zeros_like(weight) for weight in network.named_weights.values()]
        self._stepper = NumpyStepper(network, reserve)
        self.distribution = self._stepper.distribution
        self._begin_document()

    def _begin_document(self) -> None:
        self._state = self._network.initial(1)  # before the window
        self._inputs: list[int] = [DOC]  # of the window so far, and of the next event

    def feed(self, id_: int) -> None:
        """Pass an event, and learn if it ends a window. Ids outside the network are ignored."""
        if id_ in self._reserve.outside:
            return
        self._inputs.append(id_)
        if len(self._inputs) > LEARNING_EVENTS or id_ == DOC:
            self._learn()
        if id_ == DOC:
            self._begin_document()
        self._stepper.feed(id_)

    def _learn(self) -> None:
        """Update the weights with the events since the last update; a shorter window is padded with ``<doc>``."""
        events, self._windows = len(self._inputs) - 1, self._windows + 1
        ids = np.array(self._inputs + [DOC] * (LEARNING_EVENTS - events), np.int32)
        trained = (np.arange(LEARNING_EVENTS) < events) & self._reserve.trained[ids[1:]]
        arguments = ids, trained, self._rate, np.float32(self._windows), self._state, self._means
        self._state, self._means = _learning_graph(self._network)(*arguments)
        self._inputs = self._inputs[-1:]
        self._stepper.refresh()


def _learning_graph(network: RecurrentNetwork) -> Tensor:
    """Return the graph that updates a network's weights after a window of events, made once per network.

    g is the gradient of the mean loss of the n trained events. m is the mean of g² in all windows so far, with this
    one, and M the mean of m in its matrix. A weight decreases by
    rate · RATE_UNIT · n / LEARNING_EVENTS · g / (√m + √M). Most weights move by less than rate · RATE_UNIT at a time.
    Rows that are seldom read may move further, at most √windows times as far; a limit there would cost words a third of
    the gain.
    """
    if "learn" not in network.graphs:
        weights, no_ids = list(network.named_weights.values()), tf.zeros((network.vocabulary_size,), tf.float64)

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def learn(
            ids: Tensor, trained: Tensor, rate: Tensor, windows: Tensor, state: State, means: Sequence[Tensor]
        ) -> tuple[State, list[Tensor]]:
            with tf.GradientTape() as tape:
                outputs, after = network.forward().window(ids[:-1, None], state)
                logs, _ = target_scores(network, outputs, ids[None, 1:], no_ids)  # (1, LEARNING_EVENTS)
                number = tf.reduce_sum(tf.cast(trained, tf.float32))
                loss = -tf.reduce_sum(tf.where(trained, logs[0], 0.0)) / tf.cast(tf.maximum(number, 1.0), logs.dtype)
            later_means = []
            for weight, gradient, mean in zip(weights, tape.gradient(loss, weights), means, strict=True):
                dense = tf.convert_to_tensor(gradient)
                mean += (dense**2 - mean) / windows
                scale = tf.sqrt(mean) + tf.sqrt(tf.reduce_mean(mean))
                weight.assign_sub(rate * RATE_UNIT * number / LEARNING_EVENTS * tf.math.divide_no_nan(dense, scale))
                later_means.append(mean)
            return after, later_means

        network.graphs["learn"] = learn
    return network.graphs["learn"]
