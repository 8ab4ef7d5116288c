"""The words that fill placeholders: the rare words of training by class, and the case that each has in running text."""

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from toolkit.errors import InputError
from toolkit.text.casing import CONTEXT, case_at, cased, fold
from toolkit.text.words import JOINER, Indices, Words

WRITTEN_ONLY = {"resting"}  # keys of a tokenizer's state that no bits depend on
PROPER = "PROPN"  # the coarse tag of names, which keep their capital anywhere


def deciding(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a tokenizer's state that training and bits depend on, and not only generated text.

    >>> deciding({"kept": ["lamp"], "resting": {"NOUN": {"Tower": "tower"}}})
    {'kept': ['lamp']}
    """
    return {name: value for name, value in state.items() if name not in WRITTEN_ONLY}


class Fillings:
    """By class, the surfaces of the rare words of training with their counts.

    ``resting`` has, by class, those whose capitals are due to their place in training, with the surface in running
    text.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, int]], resting: Mapping[str, Mapping[str, str]]) -> None:
        self.counts, self.resting = counts, resting

    @classmethod
    def of(cls, rare: Iterable[tuple[tuple[str, str], str]]) -> "Fillings":
        """Return the fillings from each rare word's class and surface, and its surface in running text.

        They are in alphabetical order; each rests in the case that it mostly has.
        """
        cases: dict[tuple[str, str], Counter[str]] = {}
        for word, surface in rare:
            cases.setdefault(word, Counter())[surface] += 1
        counts: dict[str, dict[str, int]] = {}
        resting: dict[str, dict[str, str]] = {}
        for (word_class, surface), surfaces in sorted(cases.items()):
            counts.setdefault(word_class, {})[surface] = surfaces.total()
            if (usual := _most_frequent(surfaces)) != surface:
                resting.setdefault(word_class, {})[surface] = usual
        return cls(counts, resting)

    def draw(self, word_class: str, rng: np.random.Generator) -> str:
        """Return a surface of the class, drawn by its frequency. Raises InputError if training has none."""
        if word_class not in self.counts:
            raise InputError(f"No word of the class {word_class!r} was rare in training, so it cannot be filled.")
        surfaces = self.counts[word_class]
        weights = np.fromiter(surfaces.values(), float)
        return list(surfaces)[rng.choice(len(surfaces), p=weights / weights.sum())]

    def at_rest(self, word_class: str, surface: str) -> str:
        """Return the surface with the case that it has in running text.

        A new surface gets the case in running text of most words of its class, or of all classes, that are written
        like it.
        """
        if surface in self.counts.get(word_class, {}):
            return self.resting.get(word_class, {}).get(surface, surface)
        case = case_of(surface)
        usual = self._usual.get((word_class, case)) or self._usual.get((None, case), case)
        return surface if usual == case else with_case(surface, usual)

    @cached_property
    def _usual(self) -> dict[tuple[str | None, str], str]:
        """By class, or None for all, and by the case of words in training: their usual case in running text."""
        cases: dict[tuple[str | None, str], Counter[str]] = {}
        for word_class, surfaces in self.counts.items():
            for surface, count in surfaces.items():
                resting = case_of(self.resting.get(word_class, {}).get(surface, surface))
                for key in ((word_class, case_of(surface)), (None, case_of(surface))):
                    cases.setdefault(key, Counter())[resting] += count
        return {key: _most_frequent(counts) for key, counts in cases.items()}


def _most_frequent(counts: Counter[str]) -> str:
    return max(sorted(counts), key=counts.__getitem__)


def case_of(surface: str) -> str:
    """Return the case of a surface, without its marks.

    >>> case_of(JOINER + "Fen")
    'capital'
    """
    return fold(surface.replace(JOINER, ""))[1]


def with_case(surface: str, case: str) -> str:
    """Return the surface in another case; its marks stay.

    >>> with_case("FEN" + JOINER, "lower") == "fen" + JOINER
    True
    """
    text = surface.strip(JOINER)
    left, _, right = surface.partition(text)
    return left + cased(fold(text)[0], case) + right


def in_running_text(words: Words, places: Indices) -> list[str]:
    """Return the surfaces of the words at these places, with the case that they have in running text.

    Capitals that its place asks for are taken away, except the first letter of a name, if a tagger says that it is one.
    """
    surfaces = words.surfaces(places)
    for i, (start, end, _, tag, *_) in enumerate(words.at[places].tolist()):
        if (case := case_of(surfaces[i])) != "lower":
            place_case = case_at(words.text[max(0, start - CONTEXT) : start], words.text[end : end + CONTEXT])
            if place_case != "lower" and (place_case, case) != ("capital", "upper"):
                surfaces[i] = with_case(surfaces[i], "capital" if words.tags[tag].pos == PROPER else "lower")
    return surfaces
