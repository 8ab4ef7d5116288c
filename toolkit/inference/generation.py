"""Text from a model: ids that continue a prompt, decoded, with words in place of the placeholders."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Literal, NamedTuple

import numpy as np

from toolkit.config import COLDEST, HOTTEST
from toolkit.errors import ContractError, InputError, whole_number
from toolkit.events.distribution import Distribution, Floats, Uniform
from toolkit.events.encoding import DOC, Events, Ids, Tokenizer
from toolkit.results.generated import Fill, Filled
from toolkit.text.words import CONTEXT, JOINER, case_at, cased

CHUNK = 16  # ids drawn event by event in each stream before the text is decoded
MAX_CHARACTERS = 10_000_000  # of a text
MAX_DRAWN_WORDS = 1024  # drawn from the speller for one with text
MIN_PATIENCE_IDS = 1024  # ids that a text without characters may have
MAX_IDS_PER_CHARACTER = 64  # even a mark, a class and a character are only a few
NEAR_IDS = 64  # an id adds the same text whichever ids stand further back

Source = Literal["seen", "spelled"]


class Likeliest(NamedTuple):
    """The ids that may be drawn: the ``top_k`` likeliest, the likeliest with a probability of ``top_p``, or all."""

    top_k: int | None = None
    top_p: float | None = None


ALL = Likeliest()


def generate(
    tokenizer: Tokenizer,
    sample: Callable[[Ids, Sequence[int], float, Likeliest], Iterator[Ids]],
    prompt: str,
    seeds: Sequence[int],
    length: int,
    temperature: float,
    likeliest: Likeliest = ALL,
    source: Source = "seen",
    report: Callable[[list[Filled]], None] | None = None,
) -> list[Filled]:
    """Return a continuation of a prompt per seed, without the prompt: passages from within a document.

    ``sample`` is the model's ``Model.sample``. The source of the words that replace placeholders is "seen" in training,
    drawn by frequency, or "spelled" by the speller. ``report`` gets the texts as they grow. Raises InputError for a
    value outside its range, and ContractError if the ids decode to next to nothing.
    """
    whole_number("The length in characters", length, 1, MAX_CHARACTERS)
    if not COLDEST <= temperature <= HOTTEST:
        raise InputError(f"The temperature is {temperature}; give a number from {COLDEST} to {HOTTEST}.")
    if likeliest.top_k is not None:
        whole_number("top-k", likeliest.top_k, 1)
    if likeliest.top_p is not None and not 0 < likeliest.top_p <= 1:
        raise InputError(f"top-p is {likeliest.top_p}; give a number above 0, up to 1.")
    encoding = tokenizer.prompt(prompt)
    texts = [Continuation(tokenizer, prompt, encoding, source, seed, length) for seed in seeds]
    fed = np.array([DOC, *tokenizer.vocabulary.fed(encoding).ids[:-1]], np.int32)
    chunks = sample(fed, seeds, temperature, likeliest)
    while not all(text.is_complete for text in texts):
        for text, ids in zip(texts, next(chunks).tolist(), strict=True):
            text.extend(ids)
        if report:
            report([text.filled() for text in texts])
    return [text.filled() for text in texts]


def restricted(probabilities: Floats, temperature: float, likeliest: Likeliest) -> Floats:
    """Return probabilities (V,) at a temperature, of the likeliest alone.

    >>> restricted(np.array([0.5, 0.25, 0.25, 0.0]), 0.5, ALL).round(3).tolist()
    [0.667, 0.167, 0.167, 0.0]
    >>> restricted(np.array([0.5, 0.3, 0.2]), 1.0, Likeliest(top_p=0.7)).round(3).tolist()
    [0.625, 0.375, 0.0]
    """
    top_k, top_p = likeliest
    weights = (probabilities / probabilities.max()) ** (1 / temperature)
    if top_k is not None and top_k < len(weights):
        weights[weights < np.partition(weights, -top_k)[-top_k]] = 0.0
    if top_p is not None:
        descending = np.sort(weights)[::-1]
        likelier = np.cumsum(descending) - descending  # the weight of all likelier ids
        weights[weights < descending[likelier < top_p * descending.sum()].min()] = 0.0
    shares: Floats = weights / weights.sum()
    return shares


class Continuation:
    """A text of a given length that continues a prompt, with its placeholders filled from one source.

    The ``encoding`` of the prompt may cover less than the prompt, if the next token implies its end.
    """

    def __init__(
        self, tokenizer: Tokenizer, prompt: str, encoding: Events, source: Source, seed: int, characters: int
    ) -> None:
        self._tokenizer, self._prompt, self._encoding, self._characters = tokenizer, prompt, encoding, characters
        self._spelled = tokenizer.vocabulary.spelled
        self._ids: list[int] = encoding.ids[:-1].tolist()
        self._surfaces = dict(encoding.surfaces)
        rng, seen = np.random.default_rng([seed, 1]), source == "seen"
        self._word = partial(tokenizer.fill, rng=rng) if seen else spelled_words(tokenizer, rng, encoding)
        self._length, self._measured = encoding.characters, len(self._ids)  # characters of these ids
        self._places: list[tuple[int, int, str]] = []  # start and end of each word, with its class

    @property
    def is_complete(self) -> bool:
        """Whether the text is long enough."""
        return self._length >= len(self._prompt) + self._characters

    def extend(self, ids: Sequence[int]) -> None:
        """Append ids, unless the text is long enough. Raises ContractError if the text does not grow."""
        if self.is_complete:
            return
        for id_ in ids:
            place = len(self._ids)
            self._ids.append(id_)
            if id_ in self._spelled:
                word_class = self._spelled[id_]
                self._surfaces[place] = self._word(word_class)
                self._places.append((self._measure(place), self._measure(place + 1), word_class))
        self._measure(len(self._ids))
        if len(self._ids) > MIN_PATIENCE_IDS + MAX_IDS_PER_CHARACTER * self._length:
            raise ContractError(
                f"generating has no end: {len(self._ids)} ids decode to {self._length} characters"
            )

    def _measure(self, ids: int) -> int:
        """Return the length of the text of a number of ids; decoding all of it every time would take too long."""
        near = max(0, self._measured - NEAR_IDS)
        self._length += len(self._decoded(near, ids)) - len(self._decoded(near, self._measured))
        self._measured = ids
        return self._length

    def filled(self) -> Filled:
        """Return the text with the places of the words that fill placeholders.

        Words have capitals where their places ask for them. Text beyond the end decides nothing.
        """
        whole, start, fills = self._decoded(0, len(self._ids)), self._encoding.characters, []
        if whole.startswith(self._prompt[start:], start):
            start = len(self._prompt)
        whole, context = whole[start:], self._prompt[-CONTEXT:]
        text = whole[: self._characters]
        for begin, end, word_class in self._places:
            left, right = max(0, begin - start), max(0, end - start)
            left += whole[left:right][:1] == " " and bool(whole[left + 1 : right].strip())  # an implied space
            right = min(right, len(text))
            if left >= right:
                continue
            fills.append(Fill(start=left, end=right, name=word_class))
            case = case_at(context + text[max(0, left - CONTEXT) : left], text[right : right + CONTEXT])
            word = cased(text[left:right], case)
            if len(word) == right - left:  # the capitals of ß are two
                text = text[:left] + word + text[right:]
        return Filled(text=text, fills=fills)

    def _decoded(self, first: int, end: int) -> str:
        surfaces = {
            place - first: self._surfaces[place] for place in range(first, end) if place in self._surfaces
        }
        return self._tokenizer.decode(self._ids[first:end], surfaces)


def spelled_words(tokenizer: Tokenizer, rng: np.random.Generator, prompt: Events) -> Callable[[str], str]:
    """Return a function that draws a word of a class from the speller, within a document that begins with the prompt.

    Words without text are drawn again. Raises ContractError if no other word is drawn.
    """
    spelling = tokenizer.speller.start()
    for position, surface in sorted(prompt.surfaces.items()):
        spelling.observe(tokenizer.vocabulary.spelled[int(prompt.ids[position])], surface)

    def pick(distribution: Distribution) -> int:
        if isinstance(distribution, Uniform):
            return int(rng.integers(distribution.outcomes))
        return int(rng.choice(len(distribution), p=distribution / distribution.sum()))

    def word(word_class: str) -> str:
        for _ in range(MAX_DRAWN_WORDS):
            surface = spelling.read(word_class, pick)
            if surface.replace(JOINER, ""):
                spelling.observe(word_class, surface)
                return surface
        raise ContractError(f"generating has no end: the words of the class {word_class!r} are empty")

    return word
