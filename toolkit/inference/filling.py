"""The words that stand for placeholders in a text: seen in training, or new ones from the speller."""

import unicodedata
from collections.abc import Callable
from typing import Literal

import numpy as np

from toolkit.errors import ContractError
from toolkit.events.distribution import Distribution, Uniform
from toolkit.events.encoding import Events
from toolkit.events.protocols import Tokenizer
from toolkit.text.words import JOINER

WORDS = 1024  # that are drawn, of which one must have text

Source = Literal["seen", "spelled"]


def seen(tokenizer: Tokenizer, rng: np.random.Generator, prompt: Events) -> Callable[[str], str]:  # noqa: ARG001
    """A function that draws a class's word, as seen in training, by its frequency in the class."""
    return lambda word_class: tokenizer.fill(word_class, rng)


def spelled(tokenizer: Tokenizer, rng: np.random.Generator, prompt: Events) -> Callable[[str], str]:
    """A function that draws a class's word from the speller, within one document that begins with the prompt.

    A word without text is drawn again, and so is one with a character that training lacks and that is not assigned: of
    all code points, most are not. Raises ContractError if there is no other.
    """
    spelling = tokenizer.speller.start()
    unseen: list[int] = []  # what was drawn of characters, or tokens, that training lacks, for one word
    for position, surface in sorted(prompt.surfaces.items()):
        spelling.observe(tokenizer.vocabulary.spelled[int(prompt.ids[position])], surface)

    def pick(distribution: Distribution) -> int:
        if isinstance(distribution, Uniform):
            unseen.append(int(rng.integers(distribution.outcomes)))
            return unseen[-1]
        return int(rng.choice(len(distribution), p=distribution / distribution.sum()))

    def fill(word_class: str) -> str:
        for _ in range(WORDS):
            unseen.clear()
            surface = spelling.read(word_class, pick)
            if surface.replace(JOINER, "") and (not unseen or all(map(is_assigned, surface))):
                spelling.observe(word_class, surface)
                return surface
        raise ContractError(
            f"generating goes on for ever: of the class {word_class!r} only words are drawn that are empty or have "
            f"unassigned characters"
        )

    return fill


def is_assigned(character: str) -> bool:
    """Whether Unicode assigns the character, and not for private use.

    >>> [is_assigned(character) for character in ("a", "\u0378", "\ue000")]
    [True, False, False]
    """
    return unicodedata.category(character) not in ("Cn", "Co")


SOURCES: dict[Source, Callable[[Tokenizer, np.random.Generator, Events], Callable[[str], str]]] = {
    "seen": seen,
    "spelled": spelled,
}
