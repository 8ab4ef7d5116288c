"""Words as tokens, however a text is cut: frequent words are ids, and a strategy writes the rare ones."""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError, whole_number
from toolkit.events.distribution import FLOOR, surprise_share
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS, Events, Ids, Reserve, Speller, Vocabulary
from toolkit.rare_words import RARE_WORDS, Symbol, check_classes
from toolkit.spelling.speller import Spelled, SpellerData
from toolkit.text.corpus import Document, ends_with_single_space
from toolkit.text.neutral import goes_on
from toolkit.text.tagging import Tagger
from toolkit.text.words import SIDES, Indices, Pieces, Words, is_word, surfaces_in_running_text, unmarked
from toolkit.tokenizers.counting import InParts, Ints, TrainingText, Types, WordsIfRare, surprising_events


class Lexical(ABC):
    """A lossless tokenizer of words, however ``cut`` cuts a text.

    A word is rare if it occurs at most ``rare_max_count`` times in training (1) or, if ``rare_max_documents`` is given,
    in at most that many training documents. Rare and unseen words are written with the strategy's symbols, and their
    marks and text are spelled. A kept word has its own id. Its marks are implied if most of its occurrences in training
    have them (no space before a comma); others are given by a zero-width token before it.
    """

    one_hot: ClassVar[bool] = False
    whole_words: ClassVar[bool] = True
    has_tags: ClassVar[bool] = False  # whether ``cut`` returns words with tags
    default_strategy: ClassVar[str]  # of a column that names none
    vocabulary: Vocabulary
    speller: Speller

    def __init__(
        self,
        strategy: str | None = None,
        *,
        strategy_options: Mapping[str, Any] | None = None,
        rare_max_count: int | None = None,
        rare_max_documents: int | None = None,
        spacy_model: str | None = None,
        language: str = "en",
    ) -> None:
        self.strategy = RARE_WORDS.make(strategy or self.default_strategy, **strategy_options or {})
        if self.strategy.needs_tags and not self.has_tags:
            raise InputError(f"The strategy {strategy!r} needs the tags that only the tokenizer 'word' has.")
        limits = {"rare_max_count": rare_max_count, "rare_max_documents": rare_max_documents}
        values = [whole_number(name, value, 1) for name, value in limits.items() if value is not None]
        if len(values) > 1 - self.strategy.keeps_all:
            raise InputError("Give one of rare_max_count and rare_max_documents; with keep, neither.")
        self.rare_max_count = 1 if rare_max_count is None else rare_max_count
        self.rare_max_documents = rare_max_documents
        self.tagger = Tagger(spacy_model, language, self.strategy.needs_tags)

    @abstractmethod
    def cut(self, document: Document) -> Words:
        """Return the document's words."""

    @abstractmethod
    def join(self, pieces: Pieces) -> str:
        """Return the text of the marks and the text of each word: the inverse of ``cut``."""

    def implies_end(self, text: str) -> bool:
        """Return whether the text ends with a space that the next word would imply; by default a single one."""
        return ends_with_single_space(text)

    def is_rare(self, counts: Ints, documents: Ints) -> npt.NDArray[np.bool_]:
        """Return which types are rare or unseen, from their occurrences and their training documents."""
        if self.strategy.keeps_all:
            return np.equal(counts, 0)
        if self.rare_max_documents is not None:
            return np.less_equal(documents, self.rare_max_documents)
        return np.less_equal(counts, self.rare_max_count)

    def with_classes(self, words: Words, places: Indices) -> list[Spelled]:
        """Return the classes that would stand for the words at these places, and the surfaces behind these classes."""
        if self.strategy.reads_context:
            firsts = kind_of = np.arange(len(places))
        else:
            kinds = words.at["form"][places].astype(np.int64) * len(words.tags) + words.at["tag"][places]
            _, firsts, kind_of = np.unique(kinds, return_index=True, return_inverse=True)
        names = self.strategy.classes_of(words.views(places[firsts]))
        return list(zip([names[kind] for kind in kind_of.tolist()], words.surfaces(places), strict=True))

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the kept words and their usual marks, the classes, the speller and the reserve.

        The speller's settings are chosen by the bits needed to spell the unknown words of ``valid`` documents.
        """
        text = TrainingText(documents, self.cut, self.is_rare)
        texts, rare = text.words, text.rare()
        is_rare = [rare[text.types(words)] for words in texts]
        places = list(map(np.flatnonzero, is_rare))
        kept = (np.flatnonzero(~mask) for mask in is_rare)
        self.strategy.fit(*([*chain.from_iterable(map(Words.views, texts, at))] for at in (places, kept)))
        check_classes(self.strategy.classes)
        alphabet = sorted(set().union(*text.alphabets))
        self._ids = WordIds(text.usual_marks(), self.strategy.symbols(alphabet))
        self._alphabet = "".join(alphabet)
        spelled = list(map(self.with_classes, texts, places))
        unknown = ((words, np.flatnonzero(self._ids.find(words)[0] == UNKNOWN)) for words in map(self.cut, valid))
        reserve, left_out = self._find_reserve(text)
        self.speller = self.strategy.fitted_speller(
            SpellerData(
                usual_classes(
                    word for words in texts for word in self.with_classes(words, np.arange(len(words)))
                ),
                spelled,
                text.alphabets,
                [self.with_classes(words, at) for words, at in unknown],
                list(map(self.with_classes, texts, left_out)) if len(texts) > 1 else None,
            )
        )
        classes = [word_class for words in spelled for word_class, _ in words]
        surfaces = chain.from_iterable(map(surfaces_in_running_text, texts, places))
        self._fillings: dict[str, dict[str, int]] = {}
        for (word_class, surface), count in sorted(Counter(zip(classes, surfaces, strict=True)).items()):
            self._fillings.setdefault(word_class, {})[surface] = count
        return self._set_vocabulary(reserve)

    def _find_reserve(self, text: TrainingText) -> tuple[Reserve, list[Indices]]:
        """Find which ids training shows as targets, and how many would be a surprise if their document were left out.

        A single document is cut into slices, which are left out instead. An id outside the network gets its share of
        all events, at least the coder's floor. Also return, by document, the places of the words that would be rare.
        """
        ids, marks = self._ids, InParts()
        may_be_rare, is_rare = text.may_be_rare(), text.rare()
        inside = np.array([not symbol.outside for symbol in ids.symbols], bool)
        places: list[Indices] = []
        by_document = []
        for words, parts in text:
            types, word_marks = text.types(words), ids.find(words)[1]
            marks.add(word_marks[word_marks > 0], parts[word_marks > 0])
            places.append(np.flatnonzero(may_be_rare[types]))
            lengths, numbers, _, _ = self._written(words, places[-1])
            by_document.append((parts[places[-1]], types[places[-1]], np.array(lengths, np.int64), numbers))
        words_if_rare = WordsIfRare(*map(np.concatenate, zip(*by_document, strict=True)))
        rare = is_rare[words_if_rare.types]
        without = text.without(words_if_rare.types, words_if_rare.parts)
        of_rare = words_if_rare.symbols[np.repeat(rare, words_if_rare.lengths)]
        symbols = np.bincount(of_rare, minlength=len(ids.symbols))  # occurrences of each
        events = int(text.counts[~is_rare].sum() + marks.counts.sum() + symbols.sum()) + len(text.words)
        trained = np.zeros(len(ids.names), bool)
        trained[np.flatnonzero(marks.counts)] = True
        trained[ids.first_symbol + np.flatnonzero(symbols)] = True
        trained[[DOC, *range(ids.first_word, len(ids.names))]] = True
        outside = np.flatnonzero(~inside).tolist()
        shares = {ids.first_symbol + n: max(surprise_share(int(symbols[n]), events), FLOOR) for n in outside}
        trained[list(shares)] = False
        surprises = marks.surprising + surprising_events(words_if_rare, rare, without, inside)
        reserve = Reserve(trained, surprises, events - int(symbols[outside].sum()), shares)
        ends = np.cumsum(list(map(len, places)))[:-1]
        masks = np.split(without, ends)
        return reserve, [at[mask] for at, mask in zip(places, masks, strict=True)]

    def _set_vocabulary(self, reserve: Reserve) -> Self:
        ids = self._ids
        self.vocabulary = Vocabulary(ids.names, ids.spelled, reserve, ending=np.array(ids.endings(self.join)))
        return self

    def _written(self, words: Words, places: Indices) -> tuple[list[int], Types, Types, list[str | None]]:
        """How the words at these places (n,) are written, or would be if they were rare.

        Returns the number of events of each, and of all these events (m,) the symbols, the characters of the word that
        are covered so far, and the surfaces.
        """
        numbers = self._ids.symbol_numbers
        written = [list(self.strategy.write(*word, numbers)) for word in self.with_classes(words, places)]
        symbols, surfaces, covered = zip(*chain(*written), strict=True) if any(written) else ((), (), ())
        return list(map(len, written)), np.array(symbols, np.int32), np.array(covered, np.int32), list(surfaces)

    def encode(self, document: Document) -> Events:
        """Return the events of each word in order, then ``<doc>``; a word covers the space before it and itself."""
        words = self.cut(document)
        ids, mark_ids = self._ids.find(words)
        known, unknown = np.flatnonzero(ids != UNKNOWN), np.flatnonzero(ids == UNKNOWN)
        word_lengths, symbols, covered, spelled = self._written(words, unknown)
        lengths = 1 + (mark_ids > 0)  # events of each word
        lengths[unknown] = word_lengths
        nexts = np.cumsum(lengths)  # the first event after each word
        ends = words.at["end"]
        starts = np.concatenate([[0], ends[:-1]])  # of words with the space before them
        table = np.zeros((3, lengths.sum() + 1), np.int32)  # ids, ends and parts of events
        table[:, -1] = DOC, len(document.text), DOCUMENT_ENDS
        table[:, nexts[known] - 1] = ids[known], ends[known], self._ids.parts[ids[known]]
        has_mark = np.flatnonzero(mark_ids)
        table[:, nexts[has_mark] - 2] = mark_ids[has_mark], starts[has_mark], np.full(len(has_mark), SPACING)
        place = np.repeat(unknown, word_lengths)
        written = np.flatnonzero(np.repeat(ids == UNKNOWN, lengths))  # the events of unknown words
        symbol_ends = np.where(covered > 0, words.at["start"][place] + covered, starts[place])
        table[:, written] = self._ids.first_symbol + symbols, symbol_ends, self._ids.symbol_parts[symbols]
        surfaces = {
            i: surface for i, surface in zip(written.tolist(), spelled, strict=True) if surface is not None
        }
        return Events.of(table[0], table[1], table[2], surfaces)

    def prompt(self, text: str) -> Events:
        """Return the encoding of the text without a single space at its end, which the next word implies."""
        return self.encode(Document("prompt", text[:-1] if self.implies_end(text) else text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """Return the words joined by the spaces they imply."""
        return self.join([(marks, text) for marks, text in self._ids.pieces(ids, surfaces) if text])

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """Return a surface of the class, in the case of running text, drawn by its frequency among rare words.

        Raises InputError if training has none.
        """
        if word_class not in self._fillings:
            raise InputError(f"No word of the class {word_class!r} was rare in training, so it cannot be filled.")
        surfaces = self._fillings[word_class]
        weights = np.fromiter(surfaces.values(), float)
        return list(surfaces)[rng.choice(len(surfaces), p=weights / weights.sum())]

    def state(self) -> dict[str, Any]:
        """Return the kept words with their usual marks, the alphabet, fillings, strategy, speller and reserve."""
        reserve = self.vocabulary.reserve
        return {
            "kept": self._ids.kept,
            "alphabet": self._alphabet,
            "trained": np.flatnonzero(reserve.trained).tolist(),
            "surprises": reserve.surprises,
            "events": reserve.events,
            "outside": [[id_, share] for id_, share in reserve.outside.items()],
            "fillings": self._fillings,
            "strategy": self.strategy.state(),
            "speller": self.speller.to_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned."""
        self.strategy.restore(state["strategy"])
        self._alphabet, self._fillings = state["alphabet"], state["fillings"]
        self._ids = WordIds(state["kept"], self.strategy.symbols(self._alphabet))
        self.speller = self.strategy.restored_speller(state["speller"])
        trained = np.zeros(len(self._ids.names), bool)
        trained[state["trained"]] = True
        return self._set_vocabulary(Reserve(trained, state["surprises"], state["events"], dict(state["outside"])))


def usual_classes(spelled: Iterable[Spelled]) -> frozenset[Spelled]:
    """Return each surface with its most frequent class, so that none is evidence for several classes.

    >>> sorted(usual_classes([("VERB", "lay"), ("VERB", "lay"), ("NOUN", "lay"), ("NOUN", "fen")]))
    [('NOUN', 'fen'), ('VERB', 'lay')]
    """
    counts = Counter(spelled)
    most_frequent_last = sorted(counts, key=lambda word: (-counts[word], word), reverse=True)
    class_of = {surface: word_class for word_class, surface in most_frequent_last}
    return frozenset((word_class, surface) for surface, word_class in class_of.items())


UNKNOWN = -1  # instead of the id of a word that is not kept
FIRST_MARK = 1  # the id of the mark for the first of the SIDES
MARK_NAMES = ("<spaced>", "<joined left>", "<joined right>", "<joined>")


class WordIds:
    """The ids, in order: ``<doc>``, marks, the strategy's symbols, words by frequency.

    ``kept`` has the words with their usual marks, bits of ``SIDES``, which are not written, and ``ids`` has the ids of
    these words. ``parts`` has the part of the ledger by id, ``symbol_parts`` by symbol.
    """

    def __init__(self, kept: Mapping[str, int], symbols: Sequence[Symbol]) -> None:
        self.kept, self.symbols = dict(kept), symbols
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

    def endings(self, join: Callable[[Pieces], str]) -> list[bool]:
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
                word = self.names[id_]
                yield self.kept[word] if marks is None else marks, word
                marks = None
            elif id_ >= FIRST_MARK:
                marks = id_ - FIRST_MARK
        yield unmarked(spelling)
