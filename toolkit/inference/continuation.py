"""Text from a model: prompt, temperature, top-k, top-p and seed in, a continuation out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from toolkit.config import COLDEST, HOTTEST
from toolkit.errors import ContractError, InputError, whole_number
from toolkit.events.encoding import DOC, Events
from toolkit.events.protocols import KnowsCase, Tokenizer
from toolkit.inference.drawing import ALL, Likeliest
from toolkit.inference.filling import SOURCES, Source
from toolkit.results.generated import Fill, Filled
from toolkit.text.casing import CONTEXT, case_at, cased

if TYPE_CHECKING:
    from toolkit.inference.model import Model

PATIENCE = 1024  # ids after which a text must have grown
LONGEST = 10_000_000  # characters of a text
LEAST_SHARE = 0.000001  # of the probability, of which top-p draws
ATTEMPTS = 64  # to continue a prompt whose end the next token is to imply
NEAR = 64  # ids: what the next one adds to a text does not depend on those further back
IDS_PER_CHARACTER = 64  # at most, once so many are drawn: even a mark, a class and a character are only a few


def generate(
    model: "Model",
    prompt: str,
    characters: int,
    *,
    seeds: Sequence[int],
    temperature: float = 1.0,
    likeliest: Likeliest = ALL,
    sources: Sequence[Source] = ("seen",),
) -> list[dict[Source, Filled]]:
    """One continuation of the prompt per seed, each exactly ``characters`` long, without the prompt.

    Of the likeliest tokens, each is drawn from the softmax at the temperature. ``<doc>`` is never drawn: a sample is a
    passage from within a document.
    From each of the ``sources`` a placeholder gets a word of its class: one seen in training, drawn by frequency
    ("seen"), or one from the speller ("spelled"); the tokens are the same. The text for a seed depends neither on
    the other seeds nor on the other sources. Where the next token implies the end of the prompt, a space, what begins
    otherwise is drawn again. Raises InputError if a value is outside its range, and ContractError if training showed
    nothing that may be drawn, or what is drawn decodes to next to nothing.
    """
    lengths = dict.fromkeys(sources, characters)
    return generate_each(model, prompt, [(seed, lengths) for seed in seeds], temperature, likeliest)


def generate_each(
    model: "Model",
    prompt: str,
    lengths: Sequence[tuple[int, Mapping[Source, int]]],
    temperature: float,
    likeliest: Likeliest = ALL,
) -> list[dict[Source, Filled]]:
    """``generate`` with its own sources for each seed, and its own length for each source."""
    shortest = min((characters for _, by_source in lengths for characters in by_source.values()), default=1)
    check(shortest, temperature, likeliest)
    tokenizer = model.tokenizer
    if not tokenizer.vocabulary.reserve.trained[DOC + 1 :].any():  # as where words are dropped and all of them are rare
        raise ContractError("nothing can be generated: training showed no token that may be drawn")
    encoding = tokenizer.prompt(prompt)
    fed = np.array([DOC, *tokenizer.vocabulary.fed(encoding).ids[:-1]], np.int32)

    def begun(row: int, ids: Sequence[int]) -> dict[Source, Continuation]:
        seed, by_source = lengths[row]
        texts = {s: Continuation(tokenizer, prompt, encoding, s, seed, length) for s, length in by_source.items()}
        for text in texts.values():
            text.extend(ids)
        return texts

    continuations: dict[int, dict[Source, Continuation]] = {}
    for attempt in range(ATTEMPTS):
        chunks = model.sample(fed, [another(seed, attempt) for seed, _ in lengths], temperature, *likeliest)
        drawn = next(chunks).tolist()
        new = {row: begun(row, drawn[row]) for row in range(len(lengths)) if row not in continuations}
        last = attempt == ATTEMPTS - 1
        new = {row: texts for row, texts in new.items() if last or all(text.goes_on() for text in texts.values())}
        while not all(text.complete() for texts in new.values() for text in texts.values()):
            drawn = next(chunks).tolist()
            for row, texts in new.items():
                for text in texts.values():
                    text.extend(drawn[row])
        continuations |= new
        if len(continuations) == len(lengths):
            break
    return [{s: text.filled() for s, text in continuations[row].items()} for row in range(len(lengths))]


def another(seed: int, attempt: int) -> int:
    """The seed of an attempt to continue a prompt: the first has the seed itself."""
    return seed if attempt == 0 else int(np.random.SeedSequence([seed, attempt]).generate_state(1)[0])


def check(characters: int, temperature: float, likeliest: Likeliest) -> None:
    """Raises InputError if a value is outside its range."""
    whole_number("The length in characters", characters, 1, LONGEST)
    if not COLDEST <= temperature <= HOTTEST:
        raise InputError(f"The temperature is {temperature}; give a number from {COLDEST} to {HOTTEST}, such as 0.8.")
    top_k, top_p = likeliest
    if top_k is not None:
        whole_number("top-k", top_k, 1)
    if top_p is not None and not LEAST_SHARE <= top_p <= 1:
        raise InputError(f"top-p is {top_p}; give a number from {LEAST_SHARE:f} to 1.")


class Continuation:
    """A text of a given length that continues a prompt, with its placeholders filled from one source.

    A word that fills one has the case of running text, or the one that its place asks for.
    The encoding of the prompt may cover less than the prompt, if the next token implies its end.
    """

    def __init__(
        self, tokenizer: Tokenizer, prompt: str, encoding: Events, source: Source, seed: int, characters: int
    ) -> None:
        self._tokenizer, self._characters = tokenizer, characters
        self._covered = encoding.characters
        self._prompt, self._implied = prompt, prompt[self._covered :]
        self._ids: list[int] = encoding.ids[:-1].tolist()
        self._surfaces = dict(encoding.surfaces)
        self._first = len(self._ids)
        self._fill = SOURCES[source](tokenizer, np.random.default_rng([seed, 1]), encoding)
        self._start = self._covered  # where the continuation starts in the decoded text
        self._enough = self._first + 1  # ids that may suffice; a long text is not decoded again after each chunk
        self.text = ""

    def extend(self, drawn: Sequence[int]) -> None:
        """Append drawn ids, unless all characters are written."""
        if len(self.text) >= self._characters:
            return
        spelled = self._tokenizer.vocabulary.spelled
        for position, id_ in enumerate(drawn, len(self._ids)):
            if id_ in spelled:
                self._surfaces[position] = self._resting(spelled[id_], self._fill(spelled[id_]))
        self._ids += drawn

    def _resting(self, word_class: str, surface: str) -> str:
        """A surface as it is in running text, if the tokenizer knows."""
        return self._tokenizer.at_rest(word_class, surface) if isinstance(self._tokenizer, KnowsCase) else surface

    def goes_on(self) -> bool:
        """Whether what is written begins with the end of the prompt that the next token was to imply."""
        return not self._implied or self._decoded(len(self._ids)).startswith(self._implied, self._covered)

    def complete(self) -> bool:
        """Whether all characters are written. Raises ContractError if the text does not grow with the ids."""
        drawn = len(self._ids) - self._first
        if len(self.text) >= self._characters:
            return True
        if len(self._ids) < self._enough:
            return False
        decoded = self._decoded(len(self._ids))
        self._start = self._covered + len(self._implied) * decoded.startswith(self._implied, self._covered)
        self.text = decoded[self._start :]
        if drawn > max(PATIENCE, IDS_PER_CHARACTER * len(self.text)):
            raise ContractError(
                f"generating goes on for ever: {drawn} ids decode to {len(self.text)} of {self._characters} characters"
            )
        self._enough = self._first + min(2 * drawn, drawn * self._characters // max(len(self.text), 1))
        return len(self.text) >= self._characters

    def filled(self) -> Filled:
        """The text, and which of its words fill placeholders."""
        fills, characters = [], self._characters
        filled = sorted(position for position in self._surfaces if position >= self._first)
        for position, (start, end) in zip(filled, self._spans(filled), strict=True):
            if start < min(end, characters):
                word_class = self._tokenizer.vocabulary.spelled[self._ids[position]]
                fills.append(Fill(start=start, end=min(end, characters), name=word_class))
        return Filled(text=self._placed(fills), fills=fills)

    def _placed(self, fills: Sequence[Fill]) -> str:
        """The text, with the words that fill placeholders in the case that their places in it ask for.

        What was drawn beyond its end is not looked at: how much that is depends on how ids are drawn.
        """
        text = self.text[: self._characters]
        if not isinstance(self._tokenizer, KnowsCase):
            return text
        before = self._prompt[-CONTEXT:]
        for fill in fills:
            so_far = before + text[max(0, fill.start - CONTEXT) : fill.start]
            word = cased(text[fill.start : fill.end], case_at(so_far, text[fill.end : fill.end + CONTEXT]))
            if len(word) == fill.end - fill.start:  # the capitals of ß are two
                text = text[: fill.start] + word + text[fill.end :]
        return text

    def _spans(self, positions: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where the words of ids, in their order, are in the text, without an implied space before them."""
        lengths = self._lengths([n for position in positions for n in (position, position + 1)])
        places = [max(0, length - self._start) for length in lengths]
        for start, end in zip(places[::2], places[1::2], strict=True):
            word = self.text[start:end]
            yield start + (word[:1] == " " and bool(word[1:].strip())), end

    def _lengths(self, numbers: Sequence[int]) -> Iterator[int]:
        """The lengths of the texts of the first n ids, for rising n.

        Nothing is decoded from the beginning but the first: a long text would take a time that rises with its square.
        """
        length = before = 0
        for n in numbers:
            near = max(0, before - NEAR)
            length += len(self._decoded(n, near)) - len(self._decoded(before, near))
            before = n
            yield length

    def _decoded(self, n: int, first: int = 0) -> str:
        """The text of the first n ids, or of those from ``first`` on."""
        surfaces = {place - first: self._surfaces[place] for place in range(first, n) if place in self._surfaces}
        return self._tokenizer.decode(self._ids[first:n], surfaces)
