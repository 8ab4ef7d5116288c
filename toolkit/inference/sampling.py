"""Ids drawn from a network: many tokens per graph call, all streams at once, with the state carried along."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

from toolkit.events.encoding import DOC, Ids
from toolkit.inference.drawing import Likeliest
from toolkit.network.backend import State, Tensor, tf
from toolkit.network.network import NEVER, RecurrentNetwork
from toolkit.network.recurrent import looped

CHUNK = 128  # tokens drawn by one call of the graph
BLOCK = 128  # ids whose probabilities are summed before one is drawn
SMALL = 4096  # up to this many ids, a product with the output matrix is too small to split
ROWS, COLUMNS = 32, 16_384  # of an independent part, which runs in one thread: streams, or ids for a single stream


def sample(
    network: RecurrentNetwork, prompt: Ids, seeds: Sequence[int], temperature: float, likeliest: Likeliest
) -> Iterator[Ids]:
    """``Model.sample`` for a network."""
    state, last = read_prompt(network, prompt, len(seeds)), np.full(len(seeds), prompt[-1], np.int32)
    sampler, layer = graph(network, len(seeds), likeliest), output(network, temperature, len(seeds))
    for drawn in count(0, CHUNK):
        chunk, state = sampler(last, state, np.array(seeds, np.int64), np.int32(drawn), layer)
        last = chunk[:, -1]
        yield chunk.numpy()


def read_prompt(network: RecurrentNetwork, fed: Ids, streams: int) -> State:
    """The state before the last of the ids ``fed``, in every stream."""
    state = prompt_reader(network)(np.asarray(fed[:-1], np.int32))
    in_all: State = tf.nest.map_structure(lambda of_one: tf.repeat(of_one, streams, 0), state)
    return in_all


def prompt_reader(network: RecurrentNetwork) -> Tensor:
    """The graph that gives the state after ids (n,), for any n; made once per network."""
    key = "prompt"
    if key not in network.graphs:

        @tf.function(autograph=False, input_signature=[tf.TensorSpec((None,), tf.int32)])  # type: ignore[untyped-decorator]
        def read(ids: Tensor) -> Tensor:
            forward, begin = network.forward(), network.initial(1)

            def step(t: Tensor, *flat: Tensor) -> tuple[Tensor, ...]:
                _, after = forward.step(ids[t][None], tf.nest.pack_sequence_as(begin, flat))
                return tuple(tf.nest.flatten(after))

            return tf.nest.pack_sequence_as(begin, looped(tf.shape(ids)[0], step, tf.nest.flatten(begin), unrolled=1))

        network.graphs[key] = read
    return network.graphs[key]


def graph(network: RecurrentNetwork, streams: int, likeliest: Likeliest) -> Tensor:
    """The graph that draws CHUNK tokens in each stream; made once per network and shape.

    It takes the last ids, the state, the seeds, the number of tokens drawn so far in each stream, and the ``output``.
    The streams are cut into independent parts; for a single stream, the product with the output matrix is.
    """
    key = ("sample", streams, likeliest)
    if key not in network.graphs:
        parts = max(min(2, streams), streams // ROWS)
        sizes = [streams * (k + 1) // parts - streams * k // parts for k in range(parts)]

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def draw_chunk(
            last: Tensor, state: Tensor, seeds: Tensor, drawn: Tensor, layer: "Output"
        ) -> tuple[Tensor, Tensor]:
            split = (tf.split(tensor, sizes) for tensor in [last, seeds, *tf.nest.flatten(state)])
            sampled = []
            for rows, row_seeds, *flat in zip(*split, strict=True):
                draws = uniform(row_seeds, drawn)  # (CHUNK, rows)
                rows_state = tf.nest.pack_sequence_as(state, flat)
                sampled.append(sample_rows(network, layer, rows, rows_state, draws, likeliest))
            ids, states = zip(*sampled, strict=True)
            return tf.concat(ids, 0), tf.nest.map_structure(lambda *tensors: tf.concat(tensors, 0), *states)

        network.graphs[key] = draw_chunk
    return network.graphs[key]


def uniform(seeds: Tensor, drawn: Tensor) -> Tensor:
    """Numbers in [0, 1) (CHUNK, streams): each stream's depend on its seed and the number of tokens drawn so far."""
    keys = [tf.stack([seed, tf.cast(drawn, tf.int64)]) for seed in tf.unstack(seeds)]
    return tf.stack([tf.random.stateless_uniform((CHUNK,), key, dtype=tf.float64) for key in keys], 1)


def sample_rows(
    network: RecurrentNetwork, layer: "Output", last: Tensor, state: State, draws: Tensor, likeliest: Likeliest
) -> tuple[Tensor, State]:
    """CHUNK tokens in each stream (streams, CHUNK), and the state after them; ``draws`` is (CHUNK, streams)."""
    forward = network.forward()

    def step(t: Tensor, out: Tensor, last: Tensor, *flat: Tensor) -> tuple[Tensor, ...]:
        outputs, after = forward.step(last, tf.nest.pack_sequence_as(state, flat))  # (streams, H)
        last = draw(restricted(layer.logits(outputs), likeliest), draws[t])
        return (out.write(t, last), last, *tf.nest.flatten(after))

    out = tf.TensorArray(tf.int32, CHUNK, element_shape=last.shape)
    out, _, *flat = looped(CHUNK, step, (out, last, *tf.nest.flatten(state)))
    return tf.transpose(out.stack()), tf.nest.pack_sequence_as(state, flat)


class Output(NamedTuple):
    """The output layer at a temperature, without ``<doc>``, prepared for many steps.

    It is split into parts that are computed in parallel; padding makes its width a multiple of BLOCK.
    """

    matrices: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (streams, V + padding) of outputs (streams, H)."""
        parts = zip(self.matrices, self.biases, strict=True)
        by_part = [tf.nn.bias_add(tf.matmul(outputs, matrix), bias) for matrix, bias in parts]
        return tf.concat(by_part, 1) if len(by_part) > 1 else by_part[0]


def output(network: RecurrentNetwork, temperature: float, streams: int) -> Output:
    """The network's output layer for this many streams, in several parts if there is only one stream."""
    dense = network.output_layer()
    matrix = tf.transpose(dense.matrix) if dense.tied else dense.matrix  # (H, V)
    padding = -network.vocabulary_size % BLOCK
    bias = tf.where(tf.range(network.vocabulary_size) == DOC, NEVER, dense.bias) / temperature
    parts = max(2, network.vocabulary_size // COLUMNS) if streams == 1 else 1
    return Output(
        parted(tf.pad(matrix, ((0, 0), (0, padding))) / temperature, parts),
        parted(tf.pad(bias, ((0, padding),), constant_values=-np.inf), parts),
    )


def parted(array: Tensor, parts: int) -> tuple[Tensor, ...]:
    """An array (…, V) split into ``parts`` of similar width, or left whole if it is small."""
    width = array.shape[-1]
    if width < SMALL:
        return (array,)
    return tuple(tf.split(array, [width * (k + 1) // parts - width * k // parts for k in range(parts)], -1))


def draw(logits: Tensor, uniform: Tensor) -> Tensor:
    """Ids (streams,) drawn from the softmax of logits (streams, V) by one number in [0, 1) each; V is n BLOCKs.

    The inverse of the distribution function, first among blocks of ids, then within one; sums are float64.
    """
    weights = tf.nn.softmax(logits)
    rows, size = weights.shape
    if size == BLOCK:
        return inverse(weights, uniform)[0]
    blocks = tf.reshape(weights, (rows, size // BLOCK, BLOCK))
    block, rest = inverse(tf.reduce_sum(blocks, 2), uniform)
    return block * BLOCK + inverse(tf.gather(blocks, block, batch_dims=1), rest)[0]


def inverse(weights: Tensor, uniform: Tensor) -> tuple[Tensor, Tensor]:
    """Places (rows,) where the cumulative weights (rows, n) pass a share (rows,) in [0, 1) of their sum.

    Also how far into the weight of its place each goes, in [0, 1). A place without weight is never chosen.
    """
    summed = tf.cumsum(tf.cast(weights, tf.float64), 1)
    goal = uniform[:, None] * summed[:, -1:]
    place = tf.raw_ops.UpperBound(sorted_inputs=summed, values=goal)  # (rows, 1)
    end = tf.gather(summed, place, batch_dims=1)
    weight = tf.cast(tf.gather(weights, place, batch_dims=1), tf.float64)
    within = tf.clip_by_value(1 - (end - goal) / weight, 0, 1 - np.finfo(np.float64).eps)
    return place[:, 0], within[:, 0]


def restricted(logits: Tensor, likeliest: Likeliest) -> Tensor:
    """Logits (streams, V) of the likeliest alone."""
    top_k, top_p = likeliest
    if top_k is not None and top_k < logits.shape[1]:
        least = tf.math.top_k(logits, top_k).values[:, -1:]
        logits = tf.where(logits < least, NEVER, logits)
    if top_p is not None:
        descending = tf.sort(logits, direction="DESCENDING")
        before = tf.cumsum(tf.nn.softmax(descending), axis=1, exclusive=True)  # probability of all likelier ids
        least = tf.reduce_min(tf.where(before < top_p, descending, np.inf), 1, keepdims=True)
        logits = tf.where(logits < least, NEVER, logits)
    return logits
