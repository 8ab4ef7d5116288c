"""The ids of a tokenizer of words: their numbers, the ids of a text's words, and the text of each id."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from toolkit.events.encoding import SPACING, WORDS, Ids
from toolkit.rare_words.base import Symbol
from toolkit.text.casing import CASES, cased, fold
from toolkit.text.neutral import goes_on
from toolkit.text.words import SIDES, Words, is_word, unmarked

UNKNOWN = -1  # instead of the id of a word that is not kept
FIRST_MARK = 1  # the id of the mark for no side; the other SIDES follow
MARKS = {sides: id_ for id_, sides in enumerate(SIDES, FIRST_MARK)}
MARK_NAMES = ("<spaced>", "<joined left>", "<joined right>", "<joined>")


class WordIds:
    """The ids, in order: ``<doc>``, marks, cases if they are marked, the strategy's symbols, words by frequency.

    ``usual_marks`` and ``usual_cases`` of a kept word are not written. ``ids`` has the kept words. ``parts`` has the
    part of the ledger by id, ``symbol_parts`` by symbol.
    """

    def __init__(
        self,
        kept: Sequence[str],
        marks: Mapping[str, str],
        cases: Mapping[str, str],
        symbols: Sequence[Symbol],
        *,
        marks_case: bool,
    ) -> None:
        self.kept, self.symbols = list(kept), symbols
        self.usual_marks = {word: marks[word] for word in kept if marks.get(word)}
        self.usual_cases = {word: cases[word] for word in kept if cases.get(word, "lower") != "lower"}
        self.cases = {case: id_ for id_, case in enumerate(CASES, FIRST_MARK + len(MARKS))} if marks_case else {}
        self.first_symbol = FIRST_MARK + len(MARKS) + len(self.cases)
        self.first_word = self.first_symbol + len(symbols)
        self.ids = {word: id_ for id_, word in enumerate(kept, self.first_word)}
        self.symbol_numbers = {symbol.name: number for number, symbol in enumerate(symbols)}
        self.symbol_parts = np.array([symbol.part for symbol in symbols], np.int8)
        names = (*(f"<{case}>" for case in self.cases), *(f"<{symbol.name}>" for symbol in symbols))
        self.names = ("<doc>", *MARK_NAMES, *names, *kept)
        self.spelled = {id_: s.name for id_, s in enumerate(symbols, self.first_symbol) if s.text is None}
        unused = np.zeros(self.first_word, np.int32)
        self._marks = np.append(unused, [MARKS[self.usual_marks.get(word, "")] for word in kept]).astype(np.int32)
        usual_cases = (self.usual_cases.get(word, "lower") for word in kept)
        self._cases = np.append(unused, [self.cases.get(case, 0) for case in usual_cases]).astype(np.int32)
        self.parts = np.append(unused, [WORDS if is_word(word) else SPACING for word in kept]).astype(np.int8)

    def find(self, words: Words) -> tuple[Ids, Ids, Ids]:
        """Return the id of each word, or ``UNKNOWN``, and the ids of the mark and of the case before it, or 0."""
        types, cases = words.forms, np.zeros(len(words), np.int32)
        if self.cases and types:
            types, form_cases = zip(*map(fold, words.forms), strict=True)
            cases = np.array([self.cases[case] for case in form_cases], np.int32)[words.at["form"]]
        ids = np.array([self.ids.get(type_, UNKNOWN) for type_ in types], np.int32)[words.at["form"]]
        known = ids != UNKNOWN
        usual, due = self._marks[ids * known], words.at["due"]
        marks = FIRST_MARK + ((words.at["marks"] & due) | ((usual - FIRST_MARK) & ~due))
        unusual = cases != self._cases[ids * known]
        return ids, np.where(known & (marks != usual), marks, 0), np.where(known & unusual, cases, 0)

    def endings(self, join: Callable[[Sequence[tuple[str, str]]], str]) -> Iterator[bool]:
        """Yield for each id but ``<doc>`` whether a word before it has ended; cases say nothing of it."""

        def joins(marks: str, text: str) -> bool:
            """Whether the text, with these marks, is written on to a word."""
            word = "a"
            return goes_on(join([("", word), (marks, text)]).removeprefix(word))

        yield from (not joins(marks, "a") for marks in MARKS)
        yield from (True for _ in self.cases)
        yield from (symbol.text in (None, "") or not goes_on(unmarked(symbol.text)[1]) for symbol in self.symbols)
        yield from (not joins(self.usual_marks.get(word, ""), word) for word in self.kept)

    def pieces(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> Iterator[tuple[str, str]]:
        """Yield marks and text of each word. A spelling without an end, as in samples, ends before the next word."""
        marks_of = {id_: marks for marks, id_ in MARKS.items()}
        case_of = {id_: case for case, id_ in self.cases.items()}
        marks = case = None
        spelling = ""
        for i, id_ in enumerate(ids):
            if self.first_symbol <= id_ < self.first_word:
                symbol = self.symbols[id_ - self.first_symbol]
                spelling += surfaces[i] if symbol.text is None else symbol.text
                if symbol.ends:
                    yield unmarked(spelling)
                    spelling = ""
                marks = case = None
                continue
            yield unmarked(spelling)
            spelling = ""
            marks, case = marks_of.get(id_, marks), case_of.get(id_, case)
            if id_ >= self.first_word:
                word = self.kept[id_ - self.first_word]
                folded = cased(word, case or self.usual_cases.get(word, "lower")) if self.cases else word
                yield self.usual_marks.get(word, "") if marks is None else marks, folded
                marks = case = None
        yield unmarked(spelling)
