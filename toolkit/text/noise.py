"""Noise: the held-out texts with typing errors, or without capitals. No model is trained on any of it.

A typing error replaces one letter. It is one of the four kinds of error behind most misspellings (Damerau 1964, "A
technique for computer detection and correction of spelling errors"). It exists in every script and keeps the length of
a text. The wrong letter is drawn from the letters of the training text with the same general category (upper case,
lower case, without case, …), by their frequency there.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from toolkit.text.census import characters_in
from toolkit.text.corpus import Document, Split, beginnings, characters

MAX_CHARACTERS = 100_000  # of the held-out text; of longer documents, the beginnings get noise
SEED = 0

Letters = Mapping[str, int]  # how often each letter occurs in the training text


@dataclass(frozen=True)
class Noisy:
    """Documents with one kind of noise, which changed some of their letters."""

    name: str
    documents: tuple[Document, ...]
    letters: int
    changed: int


def mistyped(text: str, letters: Letters, share: float) -> str:
    """Return the text with this share of its letters replaced, rounded to a whole number of letters.

    >>> mistyped("Ann saw a man.", {"a": 5, "n": 4, "s": 1, "A": 1}, 0.2)
    'Ann san n man.'
    """
    rng, characters = np.random.default_rng(SEED), list(text)
    category = {letter: unicodedata.category(letter) for letter in {*letters, *text}}
    alternatives = {
        letter: {c: n for c, n in letters.items() if c != letter and category[c] == category[letter]}
        for letter in set(text)
    }
    places = [place for place in changeable(text) if alternatives[text[place]]]
    for place in rng.permutation(places)[: round(share * sum(map(str.isalpha, text)))].tolist():
        counts = np.array(list(alternatives[text[place]].values()))
        characters[place] = list(alternatives[text[place]])[rng.choice(len(counts), p=counts / counts.sum())]
    return "".join(characters)


def lower_case(text: str, letters: Letters) -> str:
    """Return the text in lower case, except for capitals whose lower-case letter training lacks.

    >>> lower_case("Ann saw Sam.", {"a": 5, "n": 4})
    'ann saw Sam.'
    """
    lower, characters = text.replace("İ", "i").lower(), list(text)  # str.lower turns only "İ" into two characters
    for place in changeable(text):
        if lower[place] in letters:
            characters[place] = lower[place]
    return "".join(characters)


KINDS: dict[str, Callable[[str, Letters], str]] = {
    "1 % of letters": partial(mistyped, share=0.01),
    "5 % of letters": partial(mistyped, share=0.05),
    "lower case": lower_case,
}


def changeable(text: str) -> list[int]:
    r"""Return the places of letters, except before a character that another letter might absorb in canonical text.

    >>> changeable("a, x\u0303b")
    [0, 5]
    """
    absorbed = [*map(joins, text[1:]), False]
    return [place for place, letter in enumerate(text) if letter.isalpha() and not absorbed[place]]


def joins(character: str) -> bool:
    r"""Return whether canonical text may join a character to the one before it: a mark, or part of a Hangul block.

    >>> joins("\u0303"), joins("\u1161"), joins("n")
    (True, True, False)
    """
    return unicodedata.category(character).startswith("M") or "\u1160" <= character <= "\u11ff"


def noisy_texts(split: Split) -> list[Noisy]:
    """Return the held-out documents, or their beginnings, with each kind of noise."""
    share = min(1.0, MAX_CHARACTERS / characters(split.test))
    clean = [beginnings([d], max(1, int(share * d.characters)))[0] for d in split.test]
    letters = letters_of(split.train)
    return [noisy(name, clean, letters) for name in KINDS]


def letters_of(documents: Sequence[Document]) -> Letters:
    """Return how often each letter that can follow any character occurs in the documents, by code point."""
    return {c: count for c, count in characters_in(documents).items() if c.isalpha() and not joins(c)}


def noisy(name: str, documents: Sequence[Document], letters: Letters) -> Noisy:
    """Return the documents with one kind of noise. It falls on all of them together: the shortest may get none."""
    clean = "\n".join(document.text for document in documents)
    text = KINDS[name](clean, letters)
    ends = np.cumsum([len(document.text) + 1 for document in documents]).tolist()
    changed_documents = tuple(
        Document(f"{document.name} ({name})", text[end - 1 - len(document.text) : end - 1])
        for document, end in zip(documents, ends, strict=True)
    )
    changed = sum(a != b for a, b in zip(clean, text, strict=True))
    return Noisy(name, changed_documents, sum(map(str.isalpha, clean)), changed)
