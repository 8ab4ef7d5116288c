"""Words as tokens, however a text is cut: a strategy writes the rare ones, the others are ids."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from toolkit.errors import InputError
from toolkit.events.distribution import FLOOR, surprise_share
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, Events, Reserve, Speller, Vocabulary
from toolkit.rare_words import RARE_WORDS
from toolkit.rare_words.base import Symbol
from toolkit.rare_words.checks import check_classes
from toolkit.rare_words.rarity import Ints, Types
from toolkit.spelling.speller import Spelled, SpellerData
from toolkit.text.casing import fold
from toolkit.text.corpus import Document, whole_documents
from toolkit.text.segmentation import SIDES, Indices, Segmenter, Segments
from toolkit.text.tagging import NoTagsError, Tagger
from toolkit.tokenizers.fillings import Fillings, Rare, rare_words
from toolkit.tokenizers.kept_words import UNKNOWN
from toolkit.tokenizers.tally import Tally
from toolkit.tokenizers.training_text import Occurrences, TrainingText, learnt_notes
from toolkit.tokenizers.word_counts import WordCounts
from toolkit.tokenizers.word_ids import WordIds

CASE_POLICIES = ("keep", "mark")
SHOWN = 5  # unknown words that an error names


class Event(NamedTuple):
    """An id, its part of the ledger, where it ends in the text, and what is spelled behind it."""

    id: int
    part: int
    end: int
    surface: str | None


class Lexical:
    """A lossless tokenizer of words, however its segmenter cuts a text.

    A word type is its text, or its folded text with ``case="mark"``. It is rare if it occurs at most ``rare_max_count``
    times in training (1) or, if ``rare_max_documents`` is given, in at most that many training documents. Rare and
    unseen words are written with the strategy's symbols, and their marks and text are spelled. A kept word has its own
    id. Its marks are implied if most of its occurrences in training have them (no space before a comma); others are
    given by a zero-width token before it. The same goes for its case, with ``case="mark"``.
    """

    one_hot: ClassVar[bool] = False
    whole_words: ClassVar[bool] = True
    default_strategy: ClassVar[str]  # of a column that names none
    segmenter_class: ClassVar[type[Segmenter]]
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
        given = {name: value for name, value in bounds.items() if value is not None}
        for name, value in given.items():
            if type(value) is not int or value < 1:
                raise InputError(f"{name} is {value!r}; give a whole number of at least 1.")
        if len(given) > 1:
            raise InputError("Both rare_max_count and rare_max_documents are given; give only one of them.")
        for name, setting in (("spacy_model", spacy_model), ("language", language)):
            if setting is not None and not isinstance(setting, str):
                raise InputError(f"{name} is {setting!r}; give a name.")
        if case not in CASE_POLICIES:
            raise InputError(f"case is {case!r}; give 'keep', or 'mark' to fold words and mark their case.")
        if case == "mark" and not self.folds:
            raise InputError("Words with the space before them keep their case; leave out case.")
        self.strategy_name = self.default_strategy if strategy is None else strategy
        of_language = {"language": language} if "language" in RARE_WORDS.settings(self.strategy_name) else {}
        self.strategy = RARE_WORDS.make(self.strategy_name, **of_language, **strategy_options or {})
        if self.strategy.keeps_all and given:
            raise InputError(f"The strategy {self.strategy_name!r} keeps every word; leave out {next(iter(given))}.")
        self.rare_max_count = 1 if rare_max_count is None else rare_max_count
        self.rare_max_documents = rare_max_documents
        self.marks_case = case == "mark"
        self.tagger = Tagger(spacy_model, language, self.strategy.needs_tags)
        self.segmenter = self.segmenter_class(self.tagger)

    @property
    def spacy_model(self) -> str | None:
        """The name of the model that tags or only cuts words; None if they are cut as the language does without one."""
        return self.tagger.model if self.tagger.tags else self.tagger.named

    def check(self) -> None:
        """Raise InputError if the tagger's model or language is not installed."""
        try:
            self.segmenter.check()
        except NoTagsError as error:
            others = ", ".join(f"word:{name}" for name in strategies_without_tags())
            raise InputError(f"{str(error).rstrip('.')}, or use a strategy that needs no tags: {others}.") from error

    def check_texts(self, training: Sequence[Document], held_out: Sequence[Document]) -> None:
        """Raise InputError if the vocabulary is closed and a held-out document has a word that training lacks."""
        if self.strategy.closed:
            known = {self._type(text) for document in training for text in self.segmenter.cut(document).texts}
            for document in held_out:
                texts = self.segmenter.cut(document).texts
                self._refuse_unknown(document, [text for text in texts if self._type(text) not in known])

    def _refuse_unknown(self, document: Document, unknown: Sequence[str]) -> None:
        """Raise InputError if the vocabulary is closed and a document has unknown words."""
        if self.strategy.closed and unknown:
            types = list(dict.fromkeys(map(self._type, unknown)))
            shown = ", ".join(map(repr, types[:SHOWN])) + ", …" * (len(types) > SHOWN)
            raise InputError(
                f"The document {document.name!r} has words that the closed vocabulary of the training text lacks, "
                f"{len(types)} in all: {shown}; replace them with the corpus's own word for unknown words, "
                f"or leave out closed = true so that they are spelled."
            )

    def _type(self, text: str) -> str:
        """The type of a word with this text."""
        return fold(text)[0] if self.marks_case else text

    def excerpt_notes(self, documents: Sequence[Document]) -> tuple[str, ...]:
        """A sentence if classes and speller are not learnt from all of these training documents."""
        return learnt_notes(documents)

    def is_rare(self, counts: Ints, documents: Ints) -> npt.NDArray[np.bool_]:
        """Which types with so many occurrences, in so many training documents, are rare (or unseen)."""
        if self.strategy.keeps_all:
            return np.equal(counts, 0)
        if self.rare_max_documents is not None:
            return np.less_equal(documents, self.rare_max_documents)
        return np.less_equal(counts, self.rare_max_count)

    def spelled(self, segments: Segments, places: Indices) -> list[Spelled]:
        """For words at these places (n,): the classes that would stand for them, and what is spelled behind these."""
        return list(zip(self._classes(segments, places), segments.surfaces(places), strict=True))

    def _classes(self, segments: Segments, places: Indices) -> list[str]:
        """The classes that would stand for the words at these places (n,) if they were rare."""
        if self.strategy.reads_context:
            return self.strategy.classes_of([segments[place].word for place in places.tolist()])
        labels = segments.words.labels[places].tolist()
        kinds = [(segments.texts[place], label) for place, label in zip(places.tolist(), labels, strict=True)]
        place_of = dict(zip(kinds, places.tolist(), strict=True))
        names = self.strategy.classes_of([segments[place].word for place in place_of.values()])
        class_of = dict(zip(place_of, names, strict=True))
        return [class_of[kind] for kind in kinds]

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the kept words and their usual marks, the classes, the speller and the reserve.

        Of much text, the classes and the speller are learnt from an excerpt. The speller's settings are chosen by the
        bits needed to spell the unknown words of ``valid`` documents.

        Raises InputError if the vocabulary is closed and these have a word that training lacks, or if rarity by
        documents has only one document.
        """
        if self.rare_max_documents is not None and whole_documents(documents) < 2:
            raise InputError("rare_max_documents needs two training documents. Use rare_max_count.")
        text = TrainingText(documents, self.segmenter, WordCounts(self.is_rare, folds=self.marks_case))
        counts = text.counts
        rare = counts.rarity.rare()
        self._fit_classes(text, rare)
        spelled = [self.spelled(read.segments, np.flatnonzero(rare[read.types])) for _, read in text.kept]
        self.speller = self.strategy.fitted_speller(
            SpellerData(
                usual_classes(word for _, read in text.kept for word in self.spelled(read.segments, read.places)),
                spelled,
                text.alphabets,
                self._spelled_in_valid(valid, counts),
                self._spelled_if_left_out(text) if len(documents) > 1 else None,
            )
        )
        self._fillings = self._found_fillings(text, rare, spelled)
        kept, marks, cases = counts.rarity.by_frequency(counts.names), counts.usual_marks(), counts.usual_cases()
        self._number(
            [counts.names[type_] for type_ in kept],
            {counts.names[type_]: SIDES[marks[type_]] for type_ in kept},
            {counts.names[type_]: counts.cases[cases[type_]] for type_ in kept},
            sorted(set().union(*text.alphabets)),
        )
        return self._find_reserve(text)

    def _fit_classes(self, text: TrainingText, rare: npt.NDArray[np.bool_]) -> None:
        """Let the strategy learn from the words whose types (T,) are rare, and from the others.

        Raises ContractError if the classes are then no list of different names.
        """
        segments = [read.segments for _, read in text.kept]
        is_rare = [rare[read.types] for _, read in text.kept]
        rare_ones = Occurrences(segments, [np.flatnonzero(which) for which in is_rare])
        self.strategy.fit(rare_ones, Occurrences(segments, [np.flatnonzero(~which) for which in is_rare]))
        check_classes(self.strategy.classes)

    def _spelled_in_valid(self, valid: Sequence[Document], counts: WordCounts) -> list[list[Spelled]]:
        """By validation document, the words that are spelled in it. Raises InputError if the vocabulary is closed."""
        known = {counts.names[type_] for type_ in counts.rarity.by_frequency(counts.names)}
        spelled = []
        for document in valid:
            segments = self.segmenter.cut(document)
            unknown = [place for place, text in enumerate(segments.texts) if self._type(text) not in known]
            self._refuse_unknown(document, [segments.texts[place] for place in unknown])
            spelled.append(self.spelled(segments, np.array(unknown, np.int32)))
        return spelled

    def _spelled_if_left_out(self, text: TrainingText) -> list[list[Spelled]]:
        """By training document of the excerpt, what would be spelled in it if its whole document were left out."""
        return [self.spelled(read.segments, np.flatnonzero(without)) for read, without in text.kept_without]

    def _found_fillings(
        self, text: TrainingText, rare: npt.NDArray[np.bool_], spelled: Sequence[Sequence[Spelled]]
    ) -> Fillings:
        """What fills placeholders: the rare words of the excerpt, which are spelled there."""

        def found() -> Iterator[Rare]:
            for (document, read), words in zip(text.kept, spelled, strict=True):
                places = np.flatnonzero(rare[read.types]).tolist()
                classed = [(name, read.segments[place]) for place, (name, _) in zip(places, words, strict=True)]
                yield from rare_words(document.text, classed)

        return Fillings.of(found())

    @property
    def symbols(self) -> Sequence[Symbol]:
        """What words that are not kept are written with, in the order of the ids."""
        return self._ids.symbols

    def _number(
        self, kept: Sequence[str], marks: Mapping[str, str], cases: Mapping[str, str], alphabet: Sequence[str]
    ) -> None:
        """Number the ids."""
        self._alphabet = list(alphabet)
        self._ids = WordIds(kept, marks, cases, self.strategy.symbols(alphabet), marks_case=self.marks_case)

    def _set_vocabulary(
        self, trained: Sequence[int], surprising: int, events: int, outside: Mapping[int, float]
    ) -> Self:
        """Make the vocabulary of the numbered ids, of which some are ``trained``."""
        names = self._ids.names()
        shown = np.zeros(len(names), bool)
        shown[list(trained)] = True
        reserve = Reserve(shown, surprising, events, outside)
        ending = np.array([True, *self._ids.endings(self.segmenter)])
        self.vocabulary = Vocabulary(names, self._ids.spelled(), reserve, ending=ending)
        return self

    def _find_reserve(self, text: TrainingText) -> Self:
        """Find which ids training shows as targets, and how many would be a surprise if their document were left out.

        A single document is cut into slices, which are left out instead. An id outside the network gets its share of
        all events, and what a coder can represent at least.
        """
        first_symbol = self._ids.first_symbol
        tally = Tally(text.rarity_by_part(), first_symbol, self.symbols)
        for read, parts in text:
            found = self._ids.words.find(read.segments)
            symbols, places = self._written(read.segments, tally.needed(read, found))
            tally.add(read, found, symbols, places, parts)
        events = tally.events + len(text.documents)
        outside = {number: int(tally.symbols[number]) for number in tally.outside}
        shown = np.flatnonzero(tally.symbols).tolist()
        trained = [
            DOC,
            *np.flatnonzero(tally.marks.counts).tolist(),
            *(first_symbol + number for number in shown if number not in outside),
            *range(self._ids.first_word, self._ids.first_word + len(self._ids.kept)),
        ]
        shares = {first_symbol + number: max(surprise_share(count, events), FLOOR) for number, count in outside.items()}
        return self._set_vocabulary(trained, tally.surprises, events - sum(outside.values()), shares)

    def _written(self, segments: Segments, places: Indices) -> tuple[Types, Indices]:
        """The symbols (m,) that words at these places are written with, or would be if rare; and the places (m,)."""
        symbols = [[number for number, *_ in self.strategy.write(*word)] for word in self.spelled(segments, places)]
        return np.array([*chain.from_iterable(symbols)], np.int32), np.repeat(places, list(map(len, symbols)))

    def encode(self, document: Document) -> Events:
        """The events of each word in order, then ``<doc>``; a word covers the space before it and itself.

        Raises InputError if the vocabulary is closed and lacks a word.
        """
        segments = self.segmenter.cut(document)
        kept = self._ids.words.find(segments)
        known = np.flatnonzero(kept.ids != UNKNOWN)
        unknown = np.flatnonzero(kept.ids == UNKNOWN)
        self._refuse_unknown(document, [segments.texts[place] for place in unknown.tolist()])
        ends = segments.words.ends.copy()  # of each word's last event
        spelled = [
            self._spelling(segments, place, int(ends[place - 1]) if place else 0, word, ends)
            for place, word in zip(unknown.tolist(), self.spelled(segments, unknown), strict=True)
        ]
        lengths = 1 + (kept.marks > 0) + (kept.cases > 0)  # events of each word
        lengths[unknown] = list(map(len, spelled))
        nexts = np.cumsum(lengths)  # the first event after each word
        columns = np.zeros((3, lengths.sum() + 1), np.int32)  # ids, ends and parts of events
        columns[:, -1] = DOC, len(document.text), DOCUMENT_ENDS
        columns[:, nexts[known] - 1] = kept.ids[known], ends[known], self._ids.words.parts[kept.ids[known]]
        starts = np.concatenate([[0], ends[:-1]])
        for before, ids in ((nexts - 2 - (kept.cases > 0), kept.marks), (nexts - 2, kept.cases)):
            there = np.flatnonzero(ids)
            columns[:, before[there]] = ids[there], starts[there], np.full(len(there), SPACING)
        surfaces: dict[int, str] = {}
        for first, events in zip((nexts - lengths)[unknown].tolist(), spelled, strict=True):
            for position, event in enumerate(events, first):
                columns[:, position] = event.id, event.end, event.part
                if event.surface is not None:
                    surfaces[position] = event.surface
        ids, event_ends, parts = columns
        return Events.of(ids, event_ends, parts, surfaces)

    def _spelling(self, segments: Segments, place: int, start: int, word: Spelled, ends: Types) -> list[Event]:
        """The events of a word that is not kept, whose first begins at ``start``; ``ends`` gets where the last ends."""
        begin = int(segments.words.starts[place])
        first = self._ids.first_symbol
        events = [
            Event(first + number, self.symbols[number].part, begin + covered if covered else start, surface)
            for number, surface, covered in self.strategy.write(*word)
        ]
        ends[place] = events[-1].end
        return events

    def prompt(self, text: str) -> Events:
        """The encoding of the text without a single space at its end, which the next word implies."""
        return self.encode(Document("prompt", text[:-1] if self.segmenter.implies_end(text) else text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """The words joined by the spaces they imply."""
        return self.segmenter.join([(marks, text) for marks, text in self._ids.pieces(ids, surfaces) if text])

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """A surface of the class, drawn by its frequency among the rare words of training.

        Raises InputError if training has none.
        """
        return self._fillings.draw(word_class, rng)

    def at_rest(self, word_class: str, surface: str) -> str:
        """A surface of the class with the case that it has in running text."""
        return self._fillings.at_rest(word_class, surface)

    def state(self) -> dict[str, Any]:
        """Kept words with their usual marks and cases, the alphabet, fillings, strategy, speller and reserve."""
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
            **self._fillings.state(),
            "strategy": self.strategy.state(),
            "speller": self.speller.to_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned."""
        self.strategy.restore(state["strategy"])
        self._number(state["kept"], state["usual_marks"], state["usual_cases"], state["alphabet"])
        self._fillings = Fillings.restored(state)
        self.speller = self.strategy.restored_speller(state["speller"])
        return self._set_vocabulary(state["trained"], state["surprises"], state["events"], dict(state["outside"]))


def usual_classes(spelled: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Each surface with its most frequent class, so that none is evidence for several classes.

    >>> sorted(usual_classes([("VERB", "lay"), ("VERB", "lay"), ("NOUN", "lay"), ("NOUN", "fen")]))
    [('NOUN', 'fen'), ('VERB', 'lay')]
    """
    counts = Counter(spelled)
    class_of: dict[str, str] = {}
    for (word_class, surface), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        class_of.setdefault(surface, word_class)
    return frozenset((word_class, surface) for surface, word_class in class_of.items())


def strategies_without_tags() -> list[str]:
    """Names of the strategies for rare words that need no tagger."""
    return [name for name in RARE_WORDS if not getattr(RARE_WORDS.factory(name), "needs_tags", True)]
