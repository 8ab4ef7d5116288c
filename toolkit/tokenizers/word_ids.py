"""The ids of a tokenizer of words: their numbers, the ids of a text's words, and the text of each id."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from toolkit.events.encoding import SPACING, WORDS, Ids
from toolkit.rare_words.base import Symbol
from toolkit.text.neutral import goes_on
from toolkit.text.words import SIDES, Words, is_word, unmarked

UNKNOWN = -1  # instead of the id of a word that is not kept
FIRST_MARK = 1  # the id of the mark for no side, before those of the SIDES
MARK_NAMES = ("<spaced>", "<joined left>", "<joined right>", "<joined>")


class WordIds:
    """The ids, in order: ``<doc>``, marks, the strategy's symbols, words by frequency.

    ``kept`` has the words with their usual marks, bits of ``SIDES``, which are not written. ``words`` are these words,
    ``ids`` their ids. ``parts`` has the part of the ledger by id, ``symbol_parts`` by symbol.
    """

    def __init__(self, kept: Mapping[str, int], symbols: Sequence[Symbol]) -> None:
        self.kept, self.words, self.symbols = dict(kept), list(kept), symbols
        self.first_symbol = FIRST_MARK + len(SIDES)
        self.first_word = self.first_symbol + len(symbols)
        self.ids = {word: id_ for id_, word in enumerate(kept, self.first_word)}
        self.names = ("<doc>", *MARK_NAMES, *(f"<{symbol.name}>" for symbol in symbols), *kept)
        self.spelled = {id_: s.name for id_, s in enumerate(symbols, self.first_symbol) if s.text is None}
        self.symbol_numbers = {symbol.name: number for number, symbol in enumerate(symbols)}
        self.symbol_parts = np.array([symbol.part for symbol in symbols], np.int8)
        unused = [0] * self.first_word
        self._usual_marks = np.array([*unused, *kept.values()], np.uint8)  # by id
        self.parts = np.array([*unused, *(WORDS if is_word(word) else SPACING for word in kept)], np.int8)

    def find(self, words: Words) -> tuple[Ids, Ids]:
        """Return the id of each word, or ``UNKNOWN``, and the id of the mark before it, or 0."""
        ids = np.array([self.ids.get(form, UNKNOWN) for form in words.forms], np.int32)[words.at["form"]]
        usual, due = self._usual_marks[ids], words.at["due"]
        marks = (words.at["marks"] & due) | (usual & ~due)
        return ids, np.where((ids != UNKNOWN) & (marks != usual), FIRST_MARK + marks.astype(np.int32), 0)

    def endings(self, join: Callable[[Sequence[tuple[int, str]]], str]) -> list[bool]:
        """Return for each id whether a word before it has ended."""

        def joins(marks: int, text: str) -> bool:
            """Whether the text, with these marks, is written on to a word."""
            word = "a"
            return goes_on(join([(0, word), (marks, text)]).removeprefix(word))

        return [
            True,
            *(not joins(marks, "a") for marks in range(len(SIDES))),
            *(symbol.text in (None, "") or not goes_on(unmarked(symbol.text)[1]) for symbol in self.symbols),
            *(not joins(marks, word) for word, marks in self.kept.items()),
        ]

    def pieces(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> Iterator[tuple[int, str]]:
        """Yield marks and text of each word. A spelling without an end, as in samples, ends before the next word."""
        marks, spelling = None, ""
        for i, id_ in enumerate(ids):
            if self.first_symbol <= id_ < self.first_word:
                symbol = self.symbols[id_ - self.first_symbol]
                spelling += surfaces[i] if symbol.text is None else symbol.text
                if symbol.ends:
                    yield unmarked(spelling)
                    spelling = ""
                marks = None
                continue
            yield unmarked(spelling)
            spelling = ""
            if id_ >= self.first_word:
                word = self.words[id_ - self.first_word]
                yield self.kept[word] if marks is None else marks, word
                marks = None
            elif id_ >= FIRST_MARK:
                marks = id_ - FIRST_MARK
        yield unmarked(spelling)
