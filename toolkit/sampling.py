"""Text from a run: prompt, temperature, top-k, top-p and seed in, a continuation out. One graph, the state carried."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.backend import Tensor, tf
from toolkit.errors import InputError
from toolkit.network import NEVER, Network, State
from toolkit.probability import Distribution, Uniform
from toolkit.results import Fill, Filled
from toolkit.spelling import JOINER
from toolkit.tokenizers.base import DOC, Encoding, Tokenizer

Source = Literal["seen", "spelled"]
CHUNK = 128  # tokens drawn by one call of the graph


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
        {source: Continuation(tokenizer, prompt, encoding, source, seed) for source in sources} for seed in seeds
    ]
    sampler = graph(network, len(seeds), top_k, top_p)
    while min(len(text.text) for texts in written for text in texts.values()) < characters:
        chunk, state = sampler(last, state, np.array(seeds, np.int64), np.int32(drawn), np.float32(temperature))
        last = chunk[:, -1]
        drawn += CHUNK
        for ids, texts in zip(chunk.numpy().tolist(), written, strict=True):
            for text in texts.values():
                text.extend(ids)
    return [{source: text.filled(characters) for source, text in texts.items()} for texts in written]


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
    """The graph that draws CHUNK tokens in each stream; made once per network and shape."""
    key = ("sample", streams, top_k, top_p)
    if key not in network.graphs:

        @tf.function(autograph=False)  # type: ignore[untyped-decorator]
        def sample(
            last: Tensor, state: Tensor, seeds: Tensor, drawn: Tensor, temperature: Tensor
        ) -> tuple[Tensor, Tensor]:
            def step(t: Tensor, last: Tensor, state: Tensor, out: Tensor) -> tuple[Tensor, ...]:
                outputs, state = network.step(last, state)  # (streams, H)
                logits = restricted(network.logits(outputs) / temperature, top_k, top_p)  # (streams, V)
                place = tf.cast(drawn + t, tf.int64)
                noise = tf.stack([gumbel(logits.shape[1], tf.stack([seeds[i], place])) for i in range(streams)])
                last = tf.argmax(logits + noise, 1, tf.int32)
                return t + 1, last, state, out.write(t, last)

            out = tf.TensorArray(tf.int32, CHUNK, element_shape=(streams,))
            _, _, state, out = tf.while_loop(lambda t, *_: t < CHUNK, step, (0, last, state, out))
            return tf.transpose(out.stack()), state

        network.graphs[key] = sample
    return network.graphs[key]


def gumbel(size: int, key: Tensor) -> Tensor:
    """Gumbel noise (size,): the argmax of logits with it is a draw from their softmax."""
    uniform = tf.random.stateless_uniform((size,), key, minval=np.finfo(np.float32).tiny)
    return -tf.math.log(-tf.math.log(uniform))


def restricted(logits: Tensor, top_k: int | None, top_p: float | None) -> Tensor:
    """Logits (streams, V) without ``<doc>``, and without what top-k and top-p leave out."""
    vocabulary_size = logits.shape[1]
    logits = tf.where(tf.range(vocabulary_size) == DOC, NEVER, logits)
    if top_k is not None and top_k < vocabulary_size:
        least = tf.math.top_k(logits, top_k).values[:, -1:]
        logits = tf.where(logits < least, NEVER, logits)
    if top_p is not None:
        falling = tf.sort(logits, direction="DESCENDING")
        before = tf.cumsum(tf.nn.softmax(falling), axis=1, exclusive=True)  # probability of all that are likelier
        least = tf.reduce_min(tf.where(before < top_p, falling, np.inf), 1, keepdims=True)
        logits = tf.where(logits < least, NEVER, logits)
    return logits


class Continuation:
    """A text as it is written after a prompt, its placeholders filled from one source.

    The encoding of the prompt may cover less than the prompt, where the next token implies its end.
    """

    def __init__(self, tokenizer: Tokenizer, prompt: str, encoding: Encoding, source: Source, seed: int) -> None:
        self._tokenizer = tokenizer
        self._covered = int(encoding.offsets[-1])
        self._implied = prompt[self._covered :]
        self._ids: list[int] = encoding.ids[:-1].tolist()
        self._surfaces = dict(encoding.surfaces)
        self._first = len(self._ids)
        self._fill = SOURCES[source](tokenizer, np.random.default_rng([seed, 1]), encoding)
        self._start = self._covered  # where the continuation begins in what the ids say
        self.text = ""

    def extend(self, drawn: Sequence[int]) -> None:
        """Writes on."""
        spelled = self._tokenizer.vocabulary.spelled
        for position, id_ in enumerate(drawn, len(self._ids)):
            if id_ in spelled:
                self._surfaces[position] = self._fill(spelled[id_])
        self._ids += drawn
        said = self._decoded(len(self._ids))
        self._start = self._covered + len(self._implied) * said.startswith(self._implied, self._covered)
        self.text = said[self._start :]

    def filled(self, characters: int) -> Filled:
        """The first characters of the text, with the words in them that stand for placeholders."""
        fills = []
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
