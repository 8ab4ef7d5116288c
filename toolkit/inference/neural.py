"""A trained network as a model, also one that learns from the text that it has read, and its graphs.

Learning is dynamic evaluation (Krause, Kahembwe, Murray & Renals 2018). As in their RMS rule, a gradient is divided by
the root of its mean square. Theirs is the mean over the training text; here it is the mean over the text read so far,
so that a run needs nothing but its weights to learn.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from heapq import heapreplace
from itertools import count
from pathlib import Path
from typing import NamedTuple

import numpy as np

from toolkit.config import NetworkSettings, typed
from toolkit.errors import InputError
from toolkit.events.coding import Stepper
from toolkit.events.distribution import FastMatrix, Floats
from toolkit.events.encoding import DOC, Events, Ids, Reserve, Tokenizer, Vocabulary
from toolkit.inference.combined import LEARNING_EVENTS, RATE_UNIT
from toolkit.inference.generation import ALL, Likeliest
from toolkit.inference.model import Model
from toolkit.inference.scores import DocumentScores, document_scores, event_bits
from toolkit.network.backend import State, Tensor, Tensors, tf
from toolkit.network.dense import Dense
from toolkit.network.forms import NumpyStepper, write
from toolkit.network.network import NEVER, Network
from toolkit.network.recurrent import looped

MAX_ROWS = 32  # of a part: the rows are cut into independent parts, and each runs in one thread
MIN_PARTS, MAX_PARTS = 2, 8  # the number of parts must not depend on the machine, because it affects rounding
TILE_ROWS = 8  # a product of 1 row takes as long as of 8
STEP_ROWS = 6  # the fixed time of a step, in rows of 256 units
WINDOW = 128  # steps: a network has one graph for a number of rows
CHUNK = 128  # tokens drawn by one call of the graph

Head = Callable[..., Tensor]  # (rows, WINDOW, …) of a network, outputs, targets and arguments


def network_for(tokenizer: Tokenizer, settings: NetworkSettings, seed: int = 0) -> Network:
    """Return a new network for the tokenizer's events, with weights drawn by seed."""
    return Network(settings, tokenizer.vocabulary.reserve.trained, one_hot=tokenizer.one_hot, seed=seed)


class NeuralModel(Model):
    """A tokenizer and the network that was trained on its events."""

    def __init__(self, tokenizer: Tokenizer, network: Network) -> None:
        self.tokenizer, self.network = tokenizer, network
        self.parameters, self.embedding_parameters, self.multiply_adds = network.size

    @typed
    def export(self, file: str | Path) -> None:
        """Write the network and its reserve as a ``.keras`` file of Keras' own layers."""
        if self.network.settings.cell == "transformer":
            raise InputError("Keras has no layer for ALiBi, which a transformer has. Export an LSTM or a GRU.")
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
        vocabulary, layer = self.tokenizer.vocabulary, self.network.output_layer()
        documents = [vocabulary.fed(encoding).ids for encoding in encodings]
        layout, by_window = fastest_layout(documents), defaultdict(list)
        for number, (row, start) in enumerate(layout.places):
            inside = vocabulary.reserve.inside(encodings[number].ids)
            for place in places[number]:
                window, step = divmod(start + int(inside[:place].sum()), WINDOW)
                by_window[window].append((number, place, (row, step)))
        for window, (outputs, _) in enumerate(read_windows(self.network, documents, layout, hidden)):
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
            return
        before = np.pad(
            prompt[1:], (-(len(prompt) - 1) % WINDOW, 0), constant_values=DOC
        )  # <doc> resets the state
        states: Sequence[State] = [self.network.initial(1)]
        for _, after in read_windows(self.network, [before], fastest_layout([before]), hidden):
            states = after
        streams = len(seeds)
        state = [tf.repeat(array, streams, 0) for array in tf.nest.flatten(states[0])]
        last = np.full(streams, prompt[-1], np.int32)
        layer = sampling_layer(self.network, temperature)
        for start in count(0, CHUNK):
            arguments = last, state, np.array(seeds, np.int64), np.int64(start), layer
            chunk, *state = chunk_graph(self.network, streams)(*arguments)
            last = chunk[:, -1]
            yield chunk.numpy()

    def at_rate(self, rate: float) -> Stepper:
        """Return the network in numpy; at a rate above 0, a copy that updates its weights after each window."""
        if not rate:
            return NumpyStepper(self.network, self.tokenizer.vocabulary.reserve)
        without = dict.fromkeys(("dropout", "input_dropout", "recurrent_dropout"), 0.0)
        network = network_for(self.tokenizer, self.network.settings.model_copy(update=without))
        network.assign(self.network.arrays())
        return LearningStepper(network, self.tokenizer.vocabulary.reserve, rate)


class LearningStepper:
    """A ``Stepper``: a network that learns after LEARNING_EVENTS events and at the end of a document.

    A thread computes an update while the next events are read with the weights before it. The update changes the
    weights of the network, so the network must be a copy.
    """

    def __init__(self, network: Network, reserve: Reserve, rate: float) -> None:
        self._network, self._reserve, self._rate = network, reserve, tf.constant(rate, tf.float32)
        self._stepper = NumpyStepper(network, reserve, FastMatrix)
        self.distribution = self._stepper.distribution
        self._inputs: list[int] = [DOC]  # of the window so far, and of the next event
        self._windows, self._at_start = 0, True  # of a document
        nothing = network.initial(1), [tf.zeros_like(weight) for weight in network.named_weights.values()]
        self._thread = ThreadPoolExecutor(1)
        self.update = self._thread.submit(lambda: nothing)  # the last one, perhaps not finished

    @property
    def outputs(self) -> Floats:
        """The last layer's outputs (H,)."""
        return self._stepper.outputs

    def feed(self, id_: int) -> None:
        """Pass an event, and learn if it ends a window. Ids outside the network are ignored."""
        if id_ in self._reserve.outside:
            return
        self._inputs.append(id_)
        if len(self._inputs) > LEARNING_EVENTS or id_ == DOC:
            self._learn()
        self._stepper.feed(id_)

    def _learn(self) -> None:
        """Take over the last update, and begin one with the events since. A shorter window is padded with ``<doc>``."""
        state, means = self.update.result()
        self._stepper.refresh()
        if self._at_start:
            state = self._network.initial(1)
        events, self._windows = len(self._inputs) - 1, self._windows + 1
        ids = np.array(self._inputs + [DOC] * (LEARNING_EVENTS - events), np.int32)
        trained = (np.arange(LEARNING_EVENTS) < events) & self._reserve.trained[ids[1:]]
        learn = _learning_graph(self._network)
        self.update = self._thread.submit(
            learn, ids, trained, self._rate, np.float32(self._windows), state, means
        )
        self._inputs = self._inputs[-1:]
        self._at_start = self._inputs == [DOC]


def _learning_graph(network: Network) -> Tensor:
    """Return the graph that updates a network's weights after a window of events, made once per network.

    g is the gradient of the mean loss of the n trained events. m is the mean of g² in all windows so far, with this
    one, and M the mean of m in its matrix. A weight decreases by
    rate · RATE_UNIT · n / LEARNING_EVENTS · g / (√m + √M).
    """
    weights = list(network.named_weights.values())
    no_ids = tf.zeros((network.vocabulary_size,), tf.float64)

    def learn(
        ids: Tensor, trained: Tensor, rate: Tensor, windows: Tensor, state: State, means: Sequence[Tensor]
    ) -> tuple[State, list[Tensor]]:
        with tf.GradientTape() as tape:
            forward = network.forward(draw=(0, tf.constant(0)))  # no dropout: the compiled loop of training
            outputs, after = forward.window(ids[:-1, None], state)
            logs = target_scores(network, outputs, ids[None, 1:], no_ids)[0, :, 0]  # (LEARNING_EVENTS,)
            number = tf.reduce_sum(tf.cast(trained, tf.float32))
            nats = -tf.reduce_sum(tf.where(trained, logs, 0.0))
            loss = nats / tf.cast(tf.maximum(number, 1.0), logs.dtype)
        later_means = []
        for weight, gradient, mean in zip(weights, tape.gradient(loss, weights), means, strict=True):
            dense = tf.convert_to_tensor(gradient)
            mean += (dense**2 - mean) / windows
            scale = tf.sqrt(mean) + tf.sqrt(tf.reduce_mean(mean))
            direction = tf.math.divide_no_nan(dense, scale)
            weight.assign_sub(rate * RATE_UNIT * number / LEARNING_EVENTS * direction)
            later_means.append(mean)
        return after, later_means

    return network.graph("learn", learn)


class Layout(NamedTuple):
    """Documents in rows, one after another; the rows are cut into parts."""

    rows: int
    parts: int
    steps: int  # of the longest row
    places: list[tuple[int, int]]  # of each document: its row, and the step where it starts


def score_network(
    network: Network, vocabulary: Vocabulary, encodings: Sequence[Events]
) -> list[tuple[Floats, Floats]]:
    """Return the network and ending bits, each (n,), of the events of each document, batched together."""
    if not encodings:
        return []
    documents = [vocabulary.fed(encoding).ids for encoding in encodings]
    layout = fastest_layout(documents)
    ending = tf.constant(vocabulary.ends_words, tf.float64)
    windows = [scores for scores, _ in read_windows(network, documents, layout, target_scores, ending)]
    logs, masses = np.concatenate(windows, 1).transpose(2, 0, 1).copy()  # (rows, steps)
    bits = []
    for encoding, ids, (row, start) in zip(encodings, documents, layout.places, strict=True):
        steps = row, slice(start, start + len(ids))
        bits.append(event_bits(vocabulary, encoding, logs[steps], masses[steps]))
    return bits


def fastest_layout(documents: Sequence[Ids]) -> Layout:
    """Return the layout that takes the least time: many documents are wide, few are long.

    >>> fastest_layout([np.zeros(700), np.zeros(700)])
    Layout(rows=2, parts=2, steps=700, places=[(0, 0), (1, 0)])
    """
    parts = max(MIN_PARTS, min(MAX_PARTS, len(documents) // MAX_ROWS))
    longest_first = sorted(range(len(documents)), key=lambda number: -len(documents[number]))

    def packed(rows: int) -> Layout:
        loads = [(0, row) for row in range(parts * rows)]  # loads are a heap
        places = [(0, 0)] * len(documents)
        for number in longest_first:
            load, row = loads[0]
            places[number] = row, load
            heapreplace(loads, (load + len(documents[number]), row))
        return Layout(parts * rows, parts, max(loads)[0], places)

    def time(layout: Layout) -> int:
        return layout.steps * (TILE_ROWS * -(-layout.rows // (parts * TILE_ROWS)) + STEP_ROWS)

    return min(map(packed, range(1, MAX_ROWS + 1)), key=time)


def read_windows(
    network: Network, documents: Sequence[Ids], layout: Layout, head: Head, *arguments: Tensor
) -> Iterator[tuple[Tensor, Sequence[State]]]:
    """Yield the tensor that the head gives for each window, and the state of each part of the rows after it.

    The inputs of a document are ``<doc>`` and its ids but the last. Rows are padded with ``<doc>``.
    """
    rows, parts, steps, places = layout
    targets = np.full((rows, steps + -steps % WINDOW), DOC, np.int32)
    for ids, (row, start) in zip(documents, places, strict=True):
        targets[row, start : start + len(ids)] = ids
    inputs = np.roll(targets, 1, 1)
    inputs[:, :1] = DOC

    def read(
        inputs: Tensor, targets: Tensor, states: Sequence[State], *arguments: Tensor
    ) -> tuple[Tensor, Sequence[State]]:
        results, after = [], []
        for *ids, state in zip(tf.split(inputs, parts), tf.split(targets, parts), states, strict=True):
            outputs, state = network.forward().window(tf.transpose(ids[0]), state)
            results.append(head(network, outputs, ids[1], *arguments))
            after.append(state)
        return tf.concat(results, 0), after

    graph = network.graph((head, rows, parts), read)
    states: Sequence[State] = [network.initial(rows // parts) for _ in range(parts)]
    for start in range(0, steps, WINDOW):
        window = slice(start, start + WINDOW)
        results, states = graph(inputs[:, window], targets[:, window], states, *arguments)
        yield results, states


def hidden(network: Network, outputs: Tensor, targets: Tensor) -> Tensor:  # noqa: ARG001
    """Return the outputs (rows, steps, H): a head without an output layer."""
    return tf.transpose(outputs, (1, 0, 2))


def target_scores(network: Network, outputs: Tensor, targets: Tensor, ending: Tensor) -> Tensor:
    """Return ``Dense.scores`` (rows, steps, 2) of the targets (rows, steps): a head."""
    rows, steps = targets.shape
    flat = tf.reshape(outputs, (-1, outputs.shape[-1]))
    scores = network.output_layer().scores(flat, tf.reshape(tf.transpose(targets), (-1,)), ending)
    return tf.transpose(tf.reshape(scores, (2, steps, rows)))


def chunk_graph(network: Network, streams: int) -> Tensor:
    """Return the graph that draws CHUNK tokens in each stream, made once per network and number of streams.

    ``layer`` is ``sampling_layer``. It returns the ids (streams, CHUNK) and the arrays of the state. The streams are
    cut into independent parts.
    """
    parts = max(min(2, streams), streams // MAX_ROWS)
    sizes = [streams * (k + 1) // parts - streams * k // parts for k in range(parts)]

    def draw_chunk(
        last: Tensor, state: Sequence[Tensor], seeds: Tensor, start: Tensor, layer: Tensors
    ) -> list[Tensor]:
        keys = [tf.stack([seed, start]) for seed in tf.unstack(seeds)]
        draws = [tf.random.stateless_uniform((CHUNK,), key, dtype=tf.float64) for key in keys]
        split = [tf.split(tensor, sizes) for tensor in (tf.stack(draws), last, *state)]
        by_part = [_draw_steps(network, layer, *part) for part in zip(*split, strict=True)]
        return [tf.concat(arrays, 0) for arrays in zip(*by_part, strict=True)]

    return network.graph(("sample", streams), draw_chunk)


def _draw_steps(network: Network, layer: Tensors, draws: Tensor, last: Tensor, *state: Tensor) -> list[Tensor]:
    """Return CHUNK tokens in each stream (streams, CHUNK), and the state after them, as a flat list.

    ``draws`` (streams, CHUNK) are in [0, 1).
    """
    forward, dense = network.forward(), Dense(layer[0], layer[1], tied=False)
    zeros, by_step = network.initial(last.shape[0]), tf.transpose(draws)

    def step(t: Tensor, out: Tensor, last: Tensor, *flat: Tensor) -> tuple[Tensor, ...]:
        outputs, after = forward.window(last[None], tf.nest.pack_sequence_as(zeros, flat))  # (1, streams, H)
        last = draw(dense.logits(outputs[0]), by_step[t])
        return (out.write(t, last), last, *tf.nest.flatten(after))

    out = tf.TensorArray(tf.int32, CHUNK, element_shape=last.shape)
    out, _, *flat = looped(CHUNK, step, (out, last, *state))
    return [tf.transpose(out.stack()), *flat]


def sampling_layer(network: Network, temperature: float) -> Tensors:
    """Return the weights (H, V) and biases (V,) of the output layer, made once for many steps.

    It never gives ``<doc>``, and has the temperature in its weights: a step would copy the logits for either.
    """
    layer = network.output_layer()
    matrix = tf.transpose(layer.matrix) if layer.tied else layer.matrix  # (H, V)
    bias = tf.where(tf.range(network.vocabulary_size) == DOC, NEVER, layer.bias)
    return matrix / temperature, bias / temperature


def draw(logits: Tensor, uniform: Tensor) -> Tensor:
    """Return ids (streams,) drawn from the softmax of logits (streams, V) by a number in [0, 1) for each.

    An id without probability is never drawn.
    """
    sums = tf.cumsum(tf.cast(tf.nn.softmax(logits), tf.float64), 1)
    return tf.raw_ops.UpperBound(sorted_inputs=sums, values=uniform[:, None] * sums[:, -1:])[:, 0]
