"""How the ids of a tokenizer of words are numbered, and what each of them writes."""

from collections.abc import Iterator, Mapping, Sequence

from toolkit.rare_words.base import Symbol
from toolkit.text.casing import CASES, cased
from toolkit.text.neutral import goes_on
from toolkit.text.segmentation import Segmenter, unmarked
from toolkit.tokenizers.kept_words import FIRST_MARK, MARKS, KeptWords

MARK_NAMES = ("<spaced>", "<joined left>", "<joined right>", "<joined>")
AFTER_MARKS = FIRST_MARK + len(MARKS)


class WordIds:
    """The ids, in order: ``<doc>``, marks, cases if they are marked, the strategy's symbols, words by frequency."""

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
        self.cases = {case: id_ for id_, case in enumerate(CASES, AFTER_MARKS)} if marks_case else {}
        self.first_symbol = AFTER_MARKS + len(self.cases)
        self.first_word = self.first_symbol + len(symbols)
        self.words = KeptWords(kept, self.first_word, self.usual_marks, self.usual_cases, self.cases)

    def names(self) -> tuple[str, ...]:
        """The token of each id."""
        cases, symbols = (f"<{case}>" for case in self.cases), (f"<{symbol.name}>" for symbol in self.symbols)
        return ("<doc>", *MARK_NAMES, *cases, *symbols, *self.kept)

    def spelled(self) -> dict[int, str]:
        """The class of each id behind which a word is spelled."""
        return {id_: s.name for id_, s in enumerate(self.symbols, self.first_symbol) if s.text is None}

    def endings(self, segmenter: Segmenter) -> Iterator[bool]:
        """For each id but ``<doc>``, in order, whether a word before it has ended; cases say nothing of it."""

        def joins(marks: str, text: str) -> bool:
            """Whether the text, with these marks, is written on to a word."""
            word = "a"
            return goes_on(segmenter.join([("", word), (marks, text)]).removeprefix(word))

        yield from (not joins(marks, "a") for marks in MARKS)
        yield from (True for _ in self.cases)
        yield from (symbol.text in (None, "") or not goes_on(unmarked(symbol.text)[1]) for symbol in self.symbols)
        yield from (not joins(self.usual_marks.get(word, ""), word) for word in self.kept)

    def pieces(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> Iterator[tuple[str, str]]:
        """Marks and text of each word. A spelling without an end, possible in a sample, ends before the next word."""
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
