"""Noise: the held-out texts with typing errors, or without capitals. No model is trained on any of it.

A typing error is one letter in the place of another, one of the four kinds behind most misspellings (Damerau 1964). It
keeps a text's length. The wrong letter is drawn from the training text's letters of the same general category, as often
as each occurs there.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain

import numpy as np

from toolkit.text.corpus import Document, Split, beginning, characters

MAX_CHARACTERS = 100_000  # of a longer held-out text, only the beginnings of its documents get noise
SEED = 0

Letters = Mapping[str, int]  # how often each letter occurs in the training text


@dataclass(frozen=True)
class Noisy:
    """The held-out documents, or their beginnings, with one kind of noise: of all ``letters``, ``changed`` differ."""

    name: str
    documents: tuple[Document, ...]
    letters: int
    changed: int


def mistyped(text: str, letters: Letters, share: float) -> str:
    """Return the text with this share of its letters replaced, rounded to a whole number of letters."""
    rng, written = np.random.default_rng(SEED), list(text)
    choices: dict[str, Letters] = {}
    for letter in set(text):
        category = unicodedata.category(letter)
        choices[letter] = {
            c: n for c, n in letters.items() if c != letter and unicodedata.category(c) == category
        }
    places = [place for place in changeable(text) if choices[text[place]]]
    for place in rng.permutation(places)[: round(share * sum(map(str.isalpha, text)))].tolist():
        counts = np.array(list(choices[text[place]].values()))
        written[place] = list(choices[text[place]])[rng.choice(len(counts), p=counts / counts.sum())]
    return "".join(written)


def lower_case(text: str, letters: Letters) -> str:
    """Return the text with each capital in lower case, unless training does not have that letter."""
    lower = text.replace("İ", "i").lower()  # str.lower makes two characters of "İ" only
    written = list(text)
    for place in changeable(text):
        if lower[place] in letters:
            written[place] = lower[place]
    return "".join(written)


KINDS: dict[str, Callable[[str, Letters], str]] = {
    "1 % of letters": partial(mistyped, share=0.01),
    "5 % of letters": partial(mistyped, share=0.05),
    "lower case": lower_case,
}


def changeable(text: str) -> list[int]:
    """Return the places of the letters that may be replaced: none before a mark or within a Hangul block."""
    following = [*map(joins, text[1:]), False]
    return [place for place, letter in enumerate(text) if letter.isalpha() and not following[place]]


def joins(character: str) -> bool:
    """Return whether a character may become one with the character before it in canonical text."""
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"


def noisy_texts(split: Split) -> list[Noisy]:
    """Return the held-out documents with each kind of noise, which falls on all documents together."""
    occurrences = Counter(chain.from_iterable(document.text for document in split.train))
    letters = {c: count for c, count in sorted(occurrences.items()) if c.isalpha() and not joins(c)}
    share, noisy = min(1.0, MAX_CHARACTERS / characters(split.test)), []
    texts = [beginning(document.text, max(1, int(share * document.characters))) for document in split.test]
    clean = "\n".join(texts)
    for name, change in KINDS.items():
        written, documents = change(clean, letters), list[Document]()
        for document, text in zip(split.test, texts, strict=True):
            start = characters(documents) + len(documents)  # a line end after each
            documents.append(Document(f"{document.name} ({name})", written[start : start + len(text)]))
        changed = sum(a != b for a, b in zip(clean, written, strict=True))
        noisy.append(Noisy(name, tuple(documents), sum(map(str.isalpha, clean)), changed))
    return noisy
