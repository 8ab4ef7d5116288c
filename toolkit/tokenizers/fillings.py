"""The words that fill placeholders: the rare words of training by class, and the case that each has in running text."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from toolkit.errors import InputError
from toolkit.spelling.speller import MAX_COUNT, within
from toolkit.text.casing import CONTEXT, asked, cased, fold
from toolkit.text.segmentation import JOINER, Segment

ONLY_WRITTEN = {"resting"}  # of a tokenizer's state: no bits depend on it
PROPER = "PROPN"  # the coarse tag of names, which keep their capital anywhere


def deciding(state: Mapping[str, Any]) -> dict[str, Any]:
    """What training and bits depend on of a tokenizer's state: all but what only generated text shows.

    >>> deciding({"kept": ["lamp"], "resting": {"NOUN": {"Tower": "tower"}}})
    {'kept': ['lamp']}
    """
    return {name: learned for name, learned in state.items() if name not in ONLY_WRITTEN}


class Rare(NamedTuple):
    """A rare word of training: its class, its surface, and its surface in the case that it has in running text."""

    word_class: str
    surface: str
    resting: str


class Fillings:
    """By class, the surfaces of the rare words of training with their counts.

    ``resting`` has, by class, those of them whose capitals are due to their place in training, with the surface in the
    case of running text.
    """

    def __init__(self, counts: Mapping[str, Mapping[str, int]], resting: Mapping[str, Mapping[str, str]]) -> None:
        self.counts, self.resting = counts, resting

    @classmethod
    def of(cls, rare: Iterable[Rare]) -> "Fillings":
        """Those of the rare words of training, in alphabetical order; each rests in the case that it mostly has."""
        counts: dict[str, dict[str, int]] = {}
        resting: dict[str, dict[str, str]] = {}
        for (word_class, surface), cases in sorted(_by_surface(rare).items()):
            counts.setdefault(word_class, {})[surface] = cases.total()
            usual = max(sorted(cases), key=cases.__getitem__)
            if usual != surface:
                resting.setdefault(word_class, {})[surface] = usual
        return cls(counts, resting)

    def state(self) -> dict[str, Any]:
        """Both, as JSON values; without ``resting`` if there is nothing in it."""
        return {"fillings": self.counts, **({"resting": self.resting} if self.resting else {})}

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "Fillings":
        """Those of ``state``. Raises ValueError or AttributeError if it counts something else."""
        for surfaces in state["fillings"].values():
            for count in surfaces.values():
                within("a count of a rare word", count, 1, MAX_COUNT, int)
        return cls(state["fillings"], state.get("resting", {}))

    def draw(self, word_class: str, rng: np.random.Generator) -> str:
        """A surface of the class as training has it, drawn by its frequency. Raises InputError if training has none."""
        if word_class not in self.counts:
            raise InputError(f"No word of the class {word_class!r} was rare in training, so it cannot be filled.")
        seen = self.counts[word_class]
        weights = np.fromiter(seen.values(), float)
        return list(seen)[rng.choice(len(seen), p=weights / weights.sum())]

    def at_rest(self, word_class: str, surface: str) -> str:
        """The surface with the case that it has in running text.

        One that training does not have, as the speller makes them, gets the case that most words of its class, if they
        were written like it, have in running text; or most words of all classes, if the class has none like it.
        """
        if surface in self.counts.get(word_class, {}):
            return self.resting.get(word_class, {}).get(surface, surface)
        case = case_of(surface)
        usual = self._usual.get((word_class, case)) or self._usual.get((None, case), case)
        return surface if usual == case else with_case(surface, usual)

    @cached_property
    def _usual(self) -> dict[tuple[str | None, str], str]:
        """By class, or None for all, and by the case that words have in training, the one they mostly have at rest."""
        cases: dict[tuple[str | None, str], Counter[str]] = {}
        for word_class, surfaces in self.counts.items():
            for surface, count in surfaces.items():
                resting = case_of(self.resting.get(word_class, {}).get(surface, surface))
                for key in ((word_class, case_of(surface)), (None, case_of(surface))):
                    cases.setdefault(key, Counter())[resting] += count
        return {key: max(sorted(counts), key=counts.__getitem__) for key, counts in cases.items()}


def _by_surface(rare: Iterable[Rare]) -> dict[tuple[str, str], Counter[str]]:
    """For each class and surface, its surfaces at rest with their counts."""
    by_surface: dict[tuple[str, str], Counter[str]] = {}
    for word in rare:
        by_surface.setdefault((word.word_class, word.surface), Counter())[word.resting] += 1
    return by_surface


def case_of(surface: str) -> str:
    """The case of a surface, without its marks.

    >>> case_of(JOINER + "Fen")
    'capital'
    """
    return fold(surface.replace(JOINER, ""))[1]


def with_case(surface: str, case: str) -> str:
    """The surface in another case; its marks stay.

    >>> with_case("FEN" + JOINER, "lower") == "fen" + JOINER
    True
    """
    text = surface.strip(JOINER)
    left, _, right = surface.partition(text)
    return left + cased(fold(text)[0], case) + right


def rested(text: str, segment: Segment) -> str:
    """The surface of a word of a text with the case that it has in running text.

    Capitals that its place asks for are taken away, except the first letter of a name, if a tagger says that it is one;
    all other capitals are the word's own.
    """
    case = case_of(segment.surface)
    place = asked(text[max(0, segment.start - CONTEXT) : segment.start], text[segment.end : segment.end + CONTEXT])
    if case == "lower" or place == "lower" or (place, case) == ("capital", "upper"):
        return segment.surface
    return with_case(segment.surface, "capital" if segment.word.pos == PROPER else "lower")


def rare_words(text: str, words: Sequence[tuple[str, Segment]]) -> list[Rare]:
    """The rare words of a document, from their classes and segments."""
    return [Rare(word_class, segment.surface, rested(text, segment)) for word_class, segment in words]
