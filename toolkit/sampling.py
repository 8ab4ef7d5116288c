"""Text from a run: prompt, temperature, top-k, top-p and seed in, a continuation out. One graph, the state carried."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from toolkit.backend import Tensor, tf
from toolkit.errors import InputError
from toolkit.network import NEVER, Network, State
from toolkit.probability import Distribution, Uniform
from toolkit.spelling import JOINER
from toolkit.tokenizers.base import DOC, Tokenizer

Fill = Literal["seen", "spelled"]
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
    fill: Fill = "seen",
) -> list[str]:
    """One continuation of the prompt per seed, each of exactly so many characters; the prompt is not part of it.

    Tokens are drawn from the softmax at the temperature, among the k likeliest (``top_k``), or among the likeliest that
    reach the probability p together (``top_p``). ``<doc>`` is not drawn: a sample is a passage from within a document.
    A placeholder becomes a word of its class, as seen in training or freshly spelled. The text of a seed does not
    depend on the other seeds. Raises InputError where a value is outside its range.
    """
    check(characters, temperature, top_k, top_p)
    encoding = tokenizer.prompt(prompt)
    covered = int(encoding.offsets[-1])
    fed = np.array([DOC, *encoding.ids[:-1]], np.int32)
    state, last = read_prompt(network, fed, len(seeds)), np.full(len(seeds), fed[-1], np.int32)
    drawn = np.empty((len(seeds), 0), np.int32)
    texts = [""] * len(seeds)
    sampler = graph(network, len(seeds), top_k, top_p)
    while min(map(len, texts)) < characters:
        chunk, state = sampler(
            last, state, np.array(seeds, np.int64), np.int32(drawn.shape[1]), np.float32(temperature)
        )
        drawn = np.concatenate([drawn, chunk.numpy()], 1)
        last = drawn[:, -1]
        texts = [
            continuation(tokenizer, prompt[covered:], covered, fed[1:], encoding.surfaces, ids, fill, seed)
            for ids, seed in zip(drawn, seeds, strict=True)
        ]
    return [text[:characters] for text in texts]


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


def continuation(
    tokenizer: Tokenizer,
    implied: str,
    covered: int,
    fed: npt.NDArray[np.int32],
    surfaces: Mapping[int, str],
    drawn: npt.NDArray[np.int32],
    fill: Fill,
    seed: int,
) -> str:
    """The text of the drawn ids after the prompt, of which the next token implies the end ``implied``."""
    rng = np.random.default_rng([seed, 1])
    filled = dict(surfaces)
    for position, id_ in enumerate(drawn.tolist(), len(fed)):
        if id_ in tokenizer.vocabulary.spelled:
            word_class = tokenizer.vocabulary.spelled[id_]
            filled[position] = (
                tokenizer.fill(word_class, rng) if fill == "seen" else spelled(tokenizer, word_class, rng)
            )
    return tokenizer.decode([*fed.tolist(), *drawn.tolist()], filled)[covered:].removeprefix(implied)


def spelled(tokenizer: Tokenizer, word_class: str, rng: np.random.Generator) -> str:
    """A surface of the class, drawn from the speller; one without text is drawn again."""

    def pick(distribution: Distribution) -> int:
        if isinstance(distribution, Uniform):
            return int(rng.integers(distribution.outcomes))
        return int(rng.choice(len(distribution), p=distribution / distribution.sum()))

    surface = ""
    while not surface.replace(JOINER, ""):
        surface = tokenizer.speller.start().read(word_class, pick)
    return surface
