"""Words as tokens, however a text is cut: frequent words are ids, and a strategy writes the rare ones."""

import copy
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError, whole_number
from toolkit.events.distribution import FLOOR, surprise_share
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, Events, Reserve, Speller, Vocabulary
from toolkit.rare_words import RARE_WORDS
from toolkit.rare_words.base import check_classes
from toolkit.spelling.speller import Spelled, SpellerData
from toolkit.text.casing import fold
from toolkit.text.corpus import Document
from toolkit.text.excerpt import excerpt_note
from toolkit.text.tagging import Tagger
from toolkit.text.words import SIDES, Indices, Words
from toolkit.tokenizers.counting import Ints, Tally, Types
from toolkit.tokenizers.fillings import Fillings, in_running_text
from toolkit.tokenizers.training_text import Occurrences, TrainingText, WordCounts, learnt_from
from toolkit.tokenizers.word_ids import UNKNOWN, WordIds

MAX_SHOWN_WORDS = 5  # unknown words that an error names


class Lexical(ABC):
    """A lossless tokenizer of words, however ``cut`` cuts a text.

    A word type is its text, or its folded text with ``case="mark"``. It is rare if it occurs at most ``rare_max_count``
    times in training (1) or, if ``rare_max_documents`` is given, in at most that many training documents. Rare and
    unseen words are written with the strategy's symbols, and their marks and text are spelled. A kept word has its own
    id. Its marks are implied if most of its occurrences in training have them (no space before a comma); others are
    given by a zero-width token before it. The same holds for its case, with ``case="mark"``.
    """

    one_hot: ClassVar[bool] = False
    whole_words: ClassVar[bool] = True
    default_strategy: ClassVar[str]  # of a column that names none
    folds: ClassVar[bool] = True  # whether case can be folded and marked
    vocabulary: Vocabulary
    speller: Speller

    def __init__(
        self,
        strategy: str | None = None,
        *,
        strategy_options: Mapping[str, Any] | None = None,
        rare_max_count: int | None = None,
        rare_max_documents: int | None = None,
        case: str = "keep",
        spacy_model: str | None = None,
        language: str = "en",
    ) -> None:
        bounds = {"rare_max_count": rare_max_count, "rare_max_documents": rare_max_documents}
        limits = [whole_number(name, value, 1) for name, value in bounds.items() if value is not None]
        if case not in (cases := ("keep", "mark") if self.folds else ("keep",)):
            raise InputError(f"case is {case!r}. Choose from: {', '.join(cases)}.")
        self.strategy_name = self.default_strategy if strategy is None else strategy
        settings = {"language": language} if "language" in RARE_WORDS.settings(self.strategy_name) else {}
        self.strategy = RARE_WORDS.make(self.strategy_name, **settings, **strategy_options or {})
        if len(limits) > 1 - self.strategy.keeps_all:
            raise InputError(
                "Give rare_max_count or rare_max_documents. A strategy that keeps every word takes neither."
            )
        self.rare_max_count = 1 if rare_max_count is None else rare_max_count
        self.rare_max_documents = rare_max_documents
        self.marks_case = case == "mark"
        self.tagger = Tagger(spacy_model, language, self.strategy.needs_tags)

    @abstractmethod
    def cut(self, document: Document) -> Words:
        """Return the document's words, with tags if the tagger tags."""

    @abstractmethod
    def join(self, pieces: Sequence[tuple[str, str]]) -> str:
        """Return the text of the marks and the text of each word: the inverse of ``cut``."""

    @abstractmethod
    def implies_end(self, text: str) -> bool:
        """Return whether the text ends with a space that the next word would imply."""

    def tagger_for(self, training: Iterable[Document]) -> Tagger | None:  # noqa: ARG002 - for taggers that learn
        """Return the tagger after fitting to these documents; None if none is needed."""
        return self.tagger if self.tagger.tags else None

    @property
    def spacy_model(self) -> str | None:
        """The name of the model that tags or only cuts words; None if spaCy's language alone cuts them."""
        return self.tagger.model if self.tagger.tags else self.tagger.named

    def check(self) -> None:
        """Raise InputError if the tagger's model or language is not installed."""
        if tagger := self.tagger_for(()):
            tagger.check()

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError if the vocabulary is closed and a held-out document has a word that training lacks."""
        if self.strategy.closed:
            fitted = copy.copy(self)
            fitted.tagger = self.tagger_for(training) or self.tagger
            known = {self._type(form) for document in training for form in fitted.cut(document).forms}
            for document in held_out:
                self._unknown_forms(fitted.cut(document), known)

    def _type(self, form: str) -> str:
        return fold(form)[0] if self.marks_case else form

    def _unknown_forms(self, words: Words, known: Container[str]) -> npt.NDArray[np.bool_]:
        """By form, whether its type is not known. Raises InputError if the vocabulary is closed and one is unknown."""
        unknown = np.array([self._type(form) not in known for form in words.forms], bool)
        if self.strategy.closed and unknown.any():
            types = list(dict.fromkeys(self._type(words.forms[form]) for form in np.flatnonzero(unknown).tolist()))
            shown = ", ".join(map(repr, types[:MAX_SHOWN_WORDS])) + ", …" * (len(types) > MAX_SHOWN_WORDS)
            raise InputError(
                f"The document {words.name!r} has {len(types)} words outside the closed vocabulary: {shown}. "
                f"Replace them, or leave out closed = true."
            )
        return unknown

    def excerpt_notes(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """Return a sentence if classes and speller are not learnt from all of these training documents."""
        learnt = "Classes of rare words, their speller and what fills placeholders are learnt"
        return excerpt_note(learnt, documents, learnt_from(documents))

    def is_rare(self, counts: Ints, documents: Ints) -> npt.NDArray[np.bool_]:
        """Return which types are rare or unseen, from their occurrences and their training documents."""
        if self.strategy.keeps_all:
            return np.equal(counts, 0)
        if self.rare_max_documents is not None:
            return np.less_equal(documents, self.rare_max_documents)
        return np.less_equal(counts, self.rare_max_count)

    def spelled(self, words: Words, places: Indices) -> list[Spelled]:
        """Return the classes that would stand for the words at these places, and the surfaces behind these classes."""
        if self.strategy.reads_context:
            firsts = kind_of = np.arange(len(places))
        else:
            kinds = words.at["form"][places].astype(np.int64) * len(words.tags) + words.at["tag"][places]
            _, firsts, kind_of = np.unique(kinds, return_index=True, return_inverse=True)
        names = self.strategy.classes_of([words.word(place) for place in places[firsts].tolist()])
        return [(names[kind], surface) for kind, surface in zip(kind_of.tolist(), words.surfaces(places), strict=True)]

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the kept words and their usual marks, the classes, the speller and the reserve.

        Of much text, the classes and the speller are learnt from an excerpt. The speller's settings are chosen by the
        bits needed to spell the unknown words of ``valid`` documents.

        Raises InputError if the vocabulary is closed and these have a word that training lacks.
        """
        counts = WordCounts(self.is_rare, folds=self.marks_case)
        text = TrainingText(documents, self.cut, counts)
        names, types, marks, cases = counts.names, counts.frequent(), counts.usual_marks(), counts.usual_cases()
        frequent = [names[type_] for type_ in types]
        excerpt, rare = list(text.kept.values()), counts.rarity.rare()
        is_rare = [rare[counts.types(words)] for words in excerpt]
        places = list(map(np.flatnonzero, is_rare))
        self.strategy.fit(Occurrences(excerpt, places), Occurrences(excerpt, [np.flatnonzero(~r) for r in is_rare]))
        check_classes(self.strategy.classes)
        spelled = list(map(self.spelled, excerpt, places))
        self.speller = self.strategy.fitted_speller(
            SpellerData(
                usual_classes(word for words in excerpt for word in self.spelled(words, np.arange(len(words)))),
                spelled,
                text.alphabets,
                [self._spelled_if_unknown(self.cut(document), set(frequent)) for document in valid],
                self._spelled_if_left_out(text) if len(documents) > 1 else None,
            )
        )
        rested = map(in_running_text, excerpt, places)
        self._fillings = Fillings.of(zip(chain(*spelled), chain(*rested), strict=True))
        self._number(
            frequent,
            {names[type_]: SIDES[marks[type_]] for type_ in types},
            {names[type_]: cases[type_] for type_ in types},
            sorted(set().union(*text.alphabets)),
        )
        return self._find_reserve(text)

    def _spelled_if_unknown(self, words: Words, known: Container[str]) -> list[Spelled]:
        unknown = self._unknown_forms(words, known)
        return self.spelled(words, np.flatnonzero(unknown[words.at["form"]]))

    def _spelled_if_left_out(self, text: TrainingText) -> list[list[Spelled]]:
        """By training document of the excerpt, the words that would be spelled if its whole document were left out."""
        rarity, types = text.counts.rarity, text.counts.types
        return [
            self.spelled(words, np.flatnonzero(rarity.without(types(words), text.parts.wholes[number])))
            for number, words in text.kept.items()
        ]

    def _number(
        self, kept: Sequence[str], marks: Mapping[str, str], cases: Mapping[str, str], alphabet: Sequence[str]
    ) -> None:
        """Number the ids."""
        self._alphabet = list(alphabet)
        self._ids = WordIds(kept, marks, cases, self.strategy.symbols(alphabet), marks_case=self.marks_case)

    def _find_reserve(self, text: TrainingText) -> Self:
        """Find which ids training shows as targets, and how many would be a surprise if their document were left out.

        A single document is cut into slices, which are left out instead. An id outside the network gets its share of
        all events, at least the coder's floor.
        """
        ids = self._ids
        tally = Tally(text.counts.rarity, ids.first_symbol, ids.symbols)
        for words, parts in text:
            types, (word_ids, *marks) = text.counts.types(words), ids.find(words)
            unknown = word_ids == UNKNOWN
            places = np.flatnonzero(unknown | tally.candidates[types])
            lengths, numbers, _, _ = self._written(words, places)
            tally.add(types, unknown, np.array(marks), (numbers, np.repeat(places, lengths)), parts)
        events = tally.events + len(text.documents)
        outside = {ids.first_symbol + number: int(tally.symbols[number]) for number in tally.outside}
        trained = np.zeros(len(ids.names), bool)
        trained[np.flatnonzero(tally.marks.counts)] = True
        trained[ids.first_symbol + np.flatnonzero(tally.symbols)] = True
        trained[list(outside)] = False
        trained[[DOC, *range(ids.first_word, len(ids.names))]] = True
        shares = {id_: max(surprise_share(count, events), FLOOR) for id_, count in outside.items()}
        return self._set_vocabulary(Reserve(trained, tally.surprises, events - sum(outside.values()), shares))

    def _set_vocabulary(self, reserve: Reserve) -> Self:
        ids = self._ids
        ending = np.array([True, *ids.endings(self.join)])
        self.vocabulary = Vocabulary(ids.names, ids.spelled, reserve, ending=ending)
        return self

    def _written(self, words: Words, places: Indices) -> tuple[list[int], Types, Types, list[str | None]]:
        """How the words at these places (n,) are written, or would be if they were rare.

        Returns the number of events of each, and of all these events (m,) the symbols, the characters of the word that
        are covered so far, and the surfaces.
        """
        numbers = self._ids.symbol_numbers
        written = [list(self.strategy.write(*word, numbers)) for word in self.spelled(words, places)]
        symbols, surfaces, covered = zip(*chain(*written), strict=True) if any(written) else ((), (), ())
        return list(map(len, written)), np.array(symbols, np.int32), np.array(covered, np.int32), list(surfaces)

    def encode(self, document: Document) -> Events:
        """Return the events of each word in order, then ``<doc>``; a word covers the space before it and itself.

        Raises InputError if the vocabulary is closed and lacks a word.
        """
        words = self.cut(document)
        if self.strategy.closed:
            self._unknown_forms(words, self._ids.ids)
        ids, marks, cases = self._ids.find(words)
        known, unknown = np.flatnonzero(ids != UNKNOWN), np.flatnonzero(ids == UNKNOWN)
        word_lengths, symbols, covered, hidden = self._written(words, unknown)
        lengths = 1 + (marks > 0) + (cases > 0)  # events of each word
        lengths[unknown] = word_lengths
        nexts = np.cumsum(lengths)  # the first event after each word
        ends = words.at["end"]
        starts = np.concatenate([ends[:0], [0], ends[:-1]])  # of words with the space before them
        columns = np.zeros((3, lengths.sum() + 1), np.int32)  # ids, ends and parts of events
        columns[:, -1] = DOC, len(document.text), DOCUMENT_ENDS
        columns[:, nexts[known] - 1] = ids[known], ends[known], self._ids.parts[ids[known]]
        for position, zero_width in ((nexts - 2 - (cases > 0), marks), (nexts - 2, cases)):
            place = np.flatnonzero(zero_width)
            columns[:, position[place]] = zero_width[place], starts[place], np.full(len(place), SPACING)
        place = np.repeat(unknown, word_lengths)
        written = np.flatnonzero(np.repeat(ids == UNKNOWN, lengths))  # the events of unknown words
        symbol_ends = np.where(covered > 0, words.at["start"][place] + covered, starts[place])
        columns[:, written] = self._ids.first_symbol + symbols, symbol_ends, self._ids.symbol_parts[symbols]
        surfaces = {i: surface for i, surface in zip(written.tolist(), hidden, strict=True) if surface is not None}
        return Events.of(columns[0], columns[1], columns[2], surfaces)

    def prompt(self, text: str) -> Events:
        """Return the encoding of the text without a single space at its end, which the next word implies."""
        return self.encode(Document("prompt", text[:-1] if self.implies_end(text) else text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """Return the words joined by the spaces they imply."""
        return self.join([(marks, text) for marks, text in self._ids.pieces(ids, surfaces) if text])

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """Return a surface of the class, drawn by its frequency among the rare words of training.

        Raises InputError if training has none.
        """
        return self._fillings.draw(word_class, rng)

    def at_rest(self, word_class: str, surface: str) -> str:
        """Return a surface of the class with the case that it has in running text."""
        return self._fillings.at_rest(word_class, surface)

    def state(self) -> dict[str, Any]:
        """Return kept words with their usual marks and cases, the alphabet, fillings, strategy, speller and reserve."""
        reserve = self.vocabulary.reserve
        return {
            "kept": self._ids.kept,
            "usual_marks": self._ids.usual_marks,
            "usual_cases": self._ids.usual_cases,
            "alphabet": "".join(self._alphabet),
            "trained": np.flatnonzero(reserve.trained).tolist(),
            "surprises": reserve.surprises,
            "events": reserve.events,
            "outside": [[id_, share] for id_, share in reserve.outside.items()],
            "fillings": self._fillings.counts,
            **({"resting": self._fillings.resting} if self._fillings.resting else {}),
            "strategy": self.strategy.state(),
            "speller": self.speller.to_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned."""
        self.strategy.restore(state["strategy"])
        self._number(state["kept"], state["usual_marks"], state["usual_cases"], state["alphabet"])
        self._fillings = Fillings(state["fillings"], state.get("resting", {}))
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
