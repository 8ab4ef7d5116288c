"""Text from a run: prompt, temperature, top-k, top-p and seed in, a continuation out. One graph, the state carried."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from toolkit.backend import THREADS, Tensor, tf
from toolkit.errors import InputError
from toolkit.lstm import looped
from toolkit.network import NEVER, Network, State
from toolkit.probability import Distribution, Uniform
from toolkit.results import Fill, Filled
from toolkit.spelling import JOINER
from toolkit.tokenizers.base import DOC, Encoding, Tokenizer

Source = Literal["seen", "spelled"]
CHUNK = 128  # tokens drawn by one call of the graph
BLOCK = 128  # ids whose probabilities are summed before one is drawn
SMALL = 4096  # ids up to which a product with the output matrix is too short to be parted


def generate(
    network: Network,
    tokenizer: Tokenizer,
    prompt: str,
    characters: int,
    *,
    seeds: Sequence[int],
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    sources: Sequence[Source] = ("seen",),
) -> list[dict[Source, Filled]]:
    """One continuation of the prompt per seed, each of exactly so many characters; the prompt is not part of it.

    Tokens are drawn from the softmax at the temperature, among the k likeliest (``top_k``), or among the likeliest that
    reach the probability p together (``top_p``). ``<doc>`` is not drawn: a sample is a passage from within a document.
    A placeholder becomes a word of its class from each of the ``sources``: as training had it, drawn by frequency
    ("seen"), or from the speller ("spelled"); the tokens are the same. What is written for a seed does not depend on
    the other seeds, nor on the other sources. Raises InputError where a value is outside its range.
    """
    check(characters, temperature, top_k, top_p)
    encoding = tokenizer.prompt(prompt)
    fed = np.array([DOC, *tokenizer.vocabulary.fed(encoding).ids[:-1]], np.int32)
    state, last = read_prompt(network, fed, len(seeds)), np.full(len(seeds), fed[-1], np.int32)
    drawn = 0
    written = [
        {source: Continuation(tokenizer, prompt, encoding, source, seed, characters) for source in sources}
        for seed in seeds
    ]
    sampler = graph(network, len(seeds), top_k, top_p)
    layer = output(network, temperature, len(seeds))
    while not all(text.whole() for texts in written for text in texts.values()):
        chunk, state = sampler(last, state, np.array(seeds, np.int64), np.int32(drawn), layer)
        last = chunk[:, -1]
        drawn += CHUNK
        for ids, texts in zip(chunk.numpy().tolist(), written, strict=True):
            for text in texts.values():
                text.extend(ids)
    return [{source: text.filled() for source, text in texts.items()} for texts in written]


def check(characters: int, temperature: float, top_k: int | None, top_p: float | None) -> None:
    """Raises InputError where a value is outside its range."""
    if characters < 1:
        raise InputError(f"The length is {characters} characters; give at least 1.")
    if not temperature > 0 or not np.isfinite(temperature):
        raise InputError(f"The temperature is {temperature}; give a number above 0, such as 0.8.")
    if top_k is not None and top_k < 1:
        raise InputError(f"top-k is {top_k}; give a whole number of at least 1.")
    if top_p is not None and not 0 < top_p <= 1:
        raise InputError(f"top-p is {top_p}; give a number above 0 and at most 1.")


def read_prompt(network: Network, fed: npt.NDArray[np.int32], streams: int) -> State:
    """The state before the last of the ids fed, in every stream."""
    state = network.initial(streams)
    if len(fed) > 1:
        ids = tf.constant(np.repeat(fed[:-1, None], streams, axis=1))  # (steps, streams)
        _, state = network.hidden(ids, state)
    return state


def graph(network: Network, streams: int, top_k: int | None, top_p: float | None) -> Tensor:
    """The graph that draws CHUNK tokens in each stream; made once per network and shape.

    It takes the last ids, the state, the seeds, how many tokens each stream has, and the ``output``. The streams are
    parted over the threads; of a single one, the product with the output matrix is.
    """
    key = ("sample", streams, top_k, top_p)
    if key not in network.graphs:
        parts = min(THREADS, streams)
        sizes = [streams * (k + 1) // parts - streams * k // parts for k in range(parts)]

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def sample(last: Tensor, state: Tensor, seeds: Tensor, drawn: Tensor, layer: "Output") -> tuple[Tensor, Tensor]:
            places = (tf.split(value, sizes) for value in [last, seeds, *tf.nest.flatten(state)])
            found = []
            for rows, row_seeds, *flat in zip(*places, strict=True):
                draws = uniform(row_seeds, drawn)  # (CHUNK, rows)
                rows_state = tf.nest.pack_sequence_as(state, flat)
                found.append(sample_rows(network, layer, rows, rows_state, draws, top_k, top_p))
            ids, states = zip(*found, strict=True)
            return tf.concat(ids, 0), tf.nest.map_structure(lambda *values: tf.concat(values, 0), *states)

        network.graphs[key] = sample
    return network.graphs[key]


def uniform(seeds: Tensor, drawn: Tensor) -> Tensor:
    """Numbers in [0, 1) (CHUNK, streams), each stream's from its seed and how many tokens it has."""
    keys = [tf.stack([seed, tf.cast(drawn, tf.int64)]) for seed in tf.unstack(seeds)]
    return tf.stack([tf.random.stateless_uniform((CHUNK,), key, dtype=tf.float64) for key in keys], 1)


def sample_rows(
    network: Network, layer: "Output", last: Tensor, state: State, draws: Tensor, top_k: int | None, top_p: float | None
) -> tuple[Tensor, State]:
    """CHUNK tokens in each of some streams (streams, CHUNK) and the state after them; ``draws`` (CHUNK, streams)."""

    def step(t: Tensor, out: Tensor, last: Tensor, *flat: Tensor) -> tuple[Tensor, ...]:
        outputs, after = network.advance(last, tf.nest.pack_sequence_as(state, flat))  # (streams, H)
        last = draw(restricted(layer.logits(outputs), top_k, top_p), draws[t])
        return (out.write(t, last), last, *tf.nest.flatten(after))

    out = tf.TensorArray(tf.int32, CHUNK, element_shape=last.shape)
    out, _, *flat = looped(CHUNK, step, (out, last, *tf.nest.flatten(state)))
    return tf.transpose(out.stack()), tf.nest.pack_sequence_as(state, flat)


class Output(NamedTuple):
    """The dense layer at a temperature, without ``<doc>``, made ready for many steps.

    It is cut into parts that are computed side by side; padding makes its width one of whole BLOCKs.
    """

    matrices: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]

    def logits(self, outputs: Tensor) -> Tensor:
        """Logits (streams, V + padding) of outputs (streams, H)."""
        parts = zip(self.matrices, self.biases, strict=True)
        found = [tf.nn.bias_add(tf.matmul(outputs, matrix), bias) for matrix, bias in parts]
        return tf.concat(found, 1) if len(found) > 1 else found[0]


def output(network: Network, temperature: float, streams: int) -> Output:
    """The network's output for so many streams: threads that have none of their own get a part of it."""
    dense = network.dense()
    matrix = tf.transpose(dense.matrix) if dense.tied else dense.matrix  # (H, V)
    padding = -network.vocabulary_size % BLOCK
    bias = tf.where(tf.range(network.vocabulary_size) == DOC, NEVER, dense.bias) / temperature
    parts = THREADS // min(THREADS, streams)
    return Output(
        parted(tf.pad(matrix, ((0, 0), (0, padding))) / temperature, parts),
        parted(tf.pad(bias, ((0, padding),), constant_values=-np.inf), parts),
    )


def parted(array: Tensor, parts: int) -> tuple[Tensor, ...]:
    """An array (…, V) cut into so many of a like width, or left whole where it is small."""
    width = array.shape[-1]
    if width < SMALL:
        return (array,)
    return tuple(tf.split(array, [width * (k + 1) // parts - width * k // parts for k in range(parts)], -1))


def draw(logits: Tensor, uniform: Tensor) -> Tensor:
    """Ids (streams,) drawn from the softmax of logits (streams, V), V whole BLOCKs, by one number in [0, 1) each.

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

    With how far into its weight each goes, in [0, 1). A place without weight is none.
    """
    summed = tf.cumsum(tf.cast(weights, tf.float64), 1)
    goal = uniform[:, None] * summed[:, -1:]
    place = tf.raw_ops.UpperBound(sorted_inputs=summed, values=goal)  # (rows, 1)
    end = tf.gather(summed, place, batch_dims=1)
    weight = tf.cast(tf.gather(weights, place, batch_dims=1), tf.float64)
    within = tf.clip_by_value(1 - (end - goal) / weight, 0, 1 - np.finfo(np.float64).eps)
    return place[:, 0], within[:, 0]


def restricted(logits: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """Logits (streams, V) without what top-k and top-p leave out."""
    if top_k is not None and top_k < logits.shape[1]:
        least = tf.math.top_k(logits, top_k).values[:, -1:]
        logits = tf.where(logits < least, NEVER, logits)
    if top_p is not None:
        falling = tf.sort(logits, direction="DESCENDING")
        before = tf.cumsum(tf.nn.softmax(falling), axis=1, exclusive=True)  # probability of all that are likelier
        least = tf.reduce_min(tf.where(before < top_p, falling, np.inf), 1, keepdims=True)
        logits = tf.where(logits < least, NEVER, logits)
    return logits


class Continuation:
    """A text of so many characters as it is written after a prompt, its placeholders filled from one source.

    The encoding of the prompt may cover less than the prompt, where the next token implies its end.
    """

    def __init__(
        self, tokenizer: Tokenizer, prompt: str, encoding: Encoding, source: Source, seed: int, characters: int
    ) -> None:
        self._tokenizer, self._characters = tokenizer, characters
        self._covered = int(encoding.offsets[-1])
        self._implied = prompt[self._covered :]
        self._ids: list[int] = encoding.ids[:-1].tolist()
        self._surfaces = dict(encoding.surfaces)
        self._first = len(self._ids)
        self._fill = SOURCES[source](tokenizer, np.random.default_rng([seed, 1]), encoding)
        self._start = self._covered  # where the continuation begins in what the ids say
        self._enough = self._first + 1  # ids that may say as much; a long text is not read again after each chunk
        self.text = ""

    def extend(self, drawn: Sequence[int]) -> None:
        """Writes on."""
        spelled = self._tokenizer.vocabulary.spelled
        for position, id_ in enumerate(drawn, len(self._ids)):
            if id_ in spelled:
                self._surfaces[position] = self._fill(spelled[id_])
        self._ids += drawn

    def whole(self) -> bool:
        """Whether all characters are written."""
        drawn = len(self._ids) - self._first
        if len(self.text) >= self._characters:
            return True
        if len(self._ids) < self._enough:
            return False
        said = self._decoded(len(self._ids))
        self._start = self._covered + len(self._implied) * said.startswith(self._implied, self._covered)
        self.text = said[self._start :]
        self._enough = self._first + min(2 * drawn, drawn * self._characters // max(len(self.text), 1))
        return len(self.text) >= self._characters

    def filled(self) -> Filled:
        """The text, with the words in it that stand for placeholders."""
        fills, characters = [], self._characters
        for position in [position for position in self._surfaces if position >= self._first]:
            start, end = self._span(position)
            if start < min(end, characters):
                word_class = self._tokenizer.vocabulary.spelled[self._ids[position]]
                fills.append(Fill(start=start, end=min(end, characters), name=word_class))
        return Filled(text=self.text[:characters], fills=fills)

    def _span(self, position: int) -> tuple[int, int]:
        """Where in the text the word of an id stands, without a space before it that is implied."""
        start, end = (max(0, len(self._decoded(n)) - self._start) for n in (position, position + 1))
        word = self.text[start:end]
        return start + (word[:1] == " " and bool(word[1:].strip())), end

    def _decoded(self, n: int) -> str:
        """What the first n ids say."""
        return self._tokenizer.decode(self._ids[:n], self._surfaces)


def seen(tokenizer: Tokenizer, rng: np.random.Generator, prompt: Encoding) -> Callable[[str], str]:  # noqa: ARG001
    """What gives a class's word as training had it, drawn by its frequency among the class's words."""
    return lambda word_class: tokenizer.fill(word_class, rng)


def spelled(tokenizer: Tokenizer, rng: np.random.Generator, prompt: Encoding) -> Callable[[str], str]:
    """What gives a class's word as the speller draws it within one document, which the prompt begins.

    One without text is drawn again.
    """
    spelling = tokenizer.speller.start()
    for position, surface in sorted(prompt.surfaces.items()):
        spelling.observe(tokenizer.vocabulary.spelled[int(prompt.ids[position])], surface)

    def pick(distribution: Distribution) -> int:
        if isinstance(distribution, Uniform):
            return int(rng.integers(distribution.outcomes))
        return int(rng.choice(len(distribution), p=distribution / distribution.sum()))

    def fill(word_class: str) -> str:
        surface = ""
        while not surface.replace(JOINER, ""):
            surface = spelling.read(word_class, pick)
        spelling.observe(word_class, surface)
        return surface

    return fill


SOURCES: dict[Source, Callable[[Tokenizer, np.random.Generator, Encoding], Callable[[str], str]]] = {
    "seen": seen,
    "spelled": spelled,
}
