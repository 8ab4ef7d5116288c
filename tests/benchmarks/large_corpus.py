r"""A corpus of any size, made from the bundled tales: their paragraphs in any order, with words swapped and misspelt.

    python -m tests.benchmarks.large_corpus FOLDER --megabytes 10|100|1000 [--documents N] [--one-document]

Paragraphs are drawn at random. In each, some words are swapped for other words of the tales, and a few are misspelt by
one or two letters, so that the vocabulary grows with the text, roughly as that of real text does. The same arguments
make the same files. A gigabyte takes a minute or two and no more memory than the tales.
"""

import argparse
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import numpy as np

from toolkit.text.catalogue import DEFAULT, find_corpus
from toolkit.text.neutral import WORD

SWAPPED, MISSPELT = 0.08, 0.004  # of the words
LETTERS = "abcdefghijklmnopqrstuvwxyz"
DOCUMENTS_PER_MEGABYTE = 10
CHARACTERS_PER_MEGABYTE = 990_000  # of the tales
AT_ONCE = 400  # paragraphs

Pieces = list[
    str
]  # what stands between words at even places, words at odd ones; a paragraph's end has no word after it


class Tales:
    """The paragraphs of the bundled tales, cut into words, and all their words."""

    def __init__(self) -> None:
        texts = [document.text for document in find_corpus(DEFAULT).documents]
        paragraphs = [part for text in texts for part in re.split(r"\n{2,}", text.strip())]
        self.paragraphs: list[Pieces] = [[*re.split(f"({WORD})", f"{part}\n\n"), ""] for part in paragraphs]
        self.words = [word for pieces in self.paragraphs for word in pieces[1::2] if word]
        self.lower = [word.lower() for word in self.words]

    def text(self, characters: int, rng: np.random.Generator) -> Iterator[str]:
        """New text of about so many characters, in pieces that end with a paragraph."""
        while characters > 0:
            drawn = self.drawn(characters, rng)
            places = some_words(drawn, SWAPPED, rng)
            for place, number in zip(places, rng.integers(len(self.words), size=len(places)).tolist(), strict=True):
                drawn[place] = self.words[number] if drawn[place][0].isupper() else self.lower[number]
            for place in some_words(drawn, MISSPELT, rng):
                drawn[place] = misspelt(drawn[place], rng)
            text = "".join(drawn)
            characters -= len(text)
            yield text

    def drawn(self, characters: int, rng: np.random.Generator) -> Pieces:
        """Paragraphs drawn at random until they have so many characters, at most ``AT_ONCE``, as pieces."""
        chosen: list[Pieces] = []
        for number in rng.integers(len(self.paragraphs), size=AT_ONCE).tolist():
            if characters <= 0:
                break
            chosen.append(self.paragraphs[number])
            characters -= sum(map(len, self.paragraphs[number]))
        return list(chain.from_iterable(chosen))


def some_words(pieces: Pieces, share: float, rng: np.random.Generator) -> list[int]:
    """The places of about this share of the words, drawn at random."""
    places: list[int] = (2 * np.flatnonzero(rng.random(len(pieces) // 2) < share) + 1).tolist()
    return [place for place in places if pieces[place]]


def misspelt(word: str, rng: np.random.Generator) -> str:
    """The word with one of its letters, or two, replaced by any other."""
    for _ in range(rng.integers(1, 3)):
        place = int(rng.integers(len(word)))
        word = word[:place] + LETTERS[rng.integers(len(LETTERS))] + word[place + 1 :]
    return word


def write(folder: Path, megabytes: int, documents: int) -> None:
    """Write so many documents of different lengths, together about so many megabytes."""
    tales = Tales()
    folder.mkdir(parents=True)
    shares = 0.5 + np.random.default_rng(megabytes).random(documents)
    characters = (shares / shares.sum() * megabytes * CHARACTERS_PER_MEGABYTE).round().astype(int)
    for number, length in enumerate(characters.tolist(), 1):
        with (folder / f"tale-{number:06}.txt").open("w", encoding="utf-8", newline="\n") as file:
            for text in tales.text(length, np.random.default_rng([megabytes, number])):
                file.write(text)


def main() -> None:
    """Write the corpus that is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int, required=True)
    parser.add_argument("--documents", type=int, help=f"by default {DOCUMENTS_PER_MEGABYTE} for each megabyte")
    parser.add_argument("--one-document", action="store_true")
    asked = parser.parse_args()
    many = asked.documents or DOCUMENTS_PER_MEGABYTE * asked.megabytes
    write(asked.folder, asked.megabytes, 1 if asked.one_document else many)


if __name__ == "__main__":
    main()
