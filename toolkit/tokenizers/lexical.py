"""Words as tokens, however a text is cut: a strategy writes the rare ones, the others are ids."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from toolkit.errors import InputError
from toolkit.events.distribution import surprise_share, surprises
from toolkit.events.encoding import DOC, DOCUMENT_ENDS, SPACING, WORDS, Encoding
from toolkit.events.protocols import Speller
from toolkit.events.vocabulary import Reserve, Vocabulary
from toolkit.rare_words import RARE_WORDS
from toolkit.rare_words.rarity import Rarity, surprising_symbols
from toolkit.spelling.fitting import SpellerData
from toolkit.text.casing import CASES, cased, fold
from toolkit.text.corpus import Document
from toolkit.text.neutral import goes_on
from toolkit.text.segmentation import Segment, Segmenter, is_word, unmarked
from toolkit.text.splits import slices
from toolkit.text.tagging import NoTagsError, Tagger
from toolkit.tokenizers.fillings import Fillings, rare_words

MARKS = {"": 1, "L": 2, "R": 3, "LR": 4}  # the ids of the marks
MARK_NAMES = ("<spaced>", "<joined left>", "<joined right>", "<joined>")
AFTER_MARKS = 1 + len(MARKS)
CASE_POLICIES = ("keep", "mark")
SHOWN = 5  # unknown words that an error names


class Token(NamedTuple):
    """A word in its text, its type, and the case that the type leaves out."""

    segment: Segment
    type: str
    case: str


class Classed(NamedTuple):
    """A token and the class that stands for it if it is rare."""

    token: Token
    word_class: str

    @property
    def spelled(self) -> tuple[str, str]:
        """The class and what is spelled behind it: marks and text."""
        return self.word_class, self.token.segment.surface


class Event(NamedTuple):
    """An id, its part of the ledger, where it ends in the text, and what is spelled behind it."""

    id: int
    part: int
    end: int
    surface: str | None = None


class Lexical:
    """A lossless tokenizer of words, however its segmenter cuts a text.

    A word type is its text, or its folded text with ``case="mark"``. It is rare if it occurs at most ``rare_max_count``
    times in training (1) or, if ``rare_max_documents`` is given, in at most that many training documents. Rare and
    unseen words are written with the strategy's symbols, and their marks and text are spelled. A kept word has its own
    id. Its marks are implied if most of its occurrences in training have them (no space before a comma); others are
    given by a zero-width token before it. The same goes for its case, with ``case="mark"``.
    """

    one_hot: ClassVar[bool] = False
    default_strategy: ClassVar[str]  # of a column that names none
    segmenter_class: ClassVar[type[Segmenter]]
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
            known = {token.type for document in training for token in self.read(document)}
            for document in held_out:
                self.read_known(document, known)

    def is_rare(self, count: int, documents: int) -> bool:
        """Whether a type with this many occurrences, in this many training documents, is rare (or unseen)."""
        if self.strategy.keeps_all:
            return count == 0
        if self.rare_max_documents is not None:
            return documents <= self.rare_max_documents
        return count <= self.rare_max_count

    def read(self, document: Document) -> list[Token]:
        """The document's words."""
        segments = self.segmenter.cut(document)
        if not self.marks_case:
            return [Token(segment, segment.word.text, "") for segment in segments]
        return [Token(segment, *fold(segment.word.text)) for segment in segments]

    def read_known(self, document: Document, known: Container[str]) -> list[Token]:
        """The document's words. Raises InputError if the vocabulary is closed and a word is not a known type."""
        tokens = self.read(document)
        if self.strategy.closed and (unknown := {token.type: None for token in tokens if token.type not in known}):
            shown = ", ".join(map(repr, list(unknown)[:SHOWN])) + ", …" * (len(unknown) > SHOWN)
            raise InputError(
                f"The document {document.name!r} has words that the closed vocabulary of the training text lacks, "
                f"{len(unknown)} in all: {shown}; replace them with the corpus's own word for unknown words, "
                f"or leave out closed = true so that they are spelled."
            )
        return tokens

    def classed(self, tokens: Sequence[Token]) -> list[Classed]:
        """The tokens with the classes that would stand for them if they were rare."""
        classes = self.strategy.classes_of([token.segment.word for token in tokens])
        return [Classed(token, word_class) for token, word_class in zip(tokens, classes, strict=True)]

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the kept words and their usual marks, the classes, the speller and the reserve.

        The speller's settings are chosen by the bits needed to spell the unknown words of ``valid`` documents. Raises
        InputError if the vocabulary is closed and these have a word that training lacks.
        """
        texts = [self.read(document) for document in documents]
        types = [[token.type for token in text] for text in texts]
        rarity = Rarity(self.is_rare, types)
        kept = rarity.kept()
        known = frozenset(kept)
        words = [(token.type in known, token.segment.word) for text in texts for token in text]
        self.strategy.fit([word for k, word in words if not k], [word for k, word in words if k])
        classed = [self.classed(text) for text in texts]
        spelled = [[word.spelled for word in text if word.token.type not in known] for text in classed]
        unknown = [[token for token in self.read_known(d, known) if token.type not in known] for d in valid]
        self.speller = self.strategy.fitted_speller(
            SpellerData(
                usual_classes(word.spelled for text in classed for word in text),
                spelled,
                [document.text for document in documents],
                [[word.spelled for word in self.classed(tokens)] for tokens in unknown],
                self._spelled_if_left_out(classed, rarity) if len(texts) > 1 else None,
            )
        )
        rare = [
            [(word.word_class, word.token.segment) for word in text if word.token.type not in known] for text in classed
        ]
        self._fillings = Fillings.of(
            word for document, words in zip(documents, rare, strict=True) for word in rare_words(document.text, words)
        )
        alphabet = sorted(set().union(*(document.text for document in documents)))
        self._number(kept, usual_marks(texts), usual_cases(texts), alphabet)
        return self._find_reserve(classed)

    def _spelled_if_left_out(self, texts: Sequence[Sequence[Classed]], rarity: Rarity) -> list[list[tuple[str, str]]]:
        """By training document, what would be spelled in it if it were left out."""
        rare = [rarity.without(i) for i in range(len(texts))]
        return [[word.spelled for word in text if word.token.type in r] for text, r in zip(texts, rare, strict=True)]

    def _surprising_symbols(self, parts: Sequence[Sequence[Classed]]) -> int:
        """How many events of rare words would be a surprise to the network; those outside it are not counted."""
        inside = frozenset(number for number, symbol in enumerate(self.symbols) if not symbol.outside)
        written = [
            [(word.token.type, [n for n, *_ in self.strategy.write(*word.spelled) if n in inside]) for word in part]
            for part in parts
        ]
        return surprising_symbols(self.is_rare, written)

    def _number(
        self, kept: Sequence[str], marks: Mapping[str, str], cases: Mapping[str, str], alphabet: Sequence[str]
    ) -> None:
        """Number the ids: ``<doc>``, marks, cases if they are marked, the strategy's symbols, words by frequency."""
        self._kept, self._alphabet = list(kept), list(alphabet)
        self._usual_marks = {word: marks[word] for word in kept if marks.get(word)}
        self._usual_cases = {word: cases[word] for word in kept if cases.get(word, "lower") != "lower"}
        self._cases = {case: id_ for id_, case in enumerate(CASES, AFTER_MARKS)} if self.marks_case else {}
        self.symbols = self.strategy.symbols(alphabet)
        self._first_symbol = AFTER_MARKS + len(self._cases)
        self._first_word = self._first_symbol + len(self.symbols)
        self._ids = {word: id_ for id_, word in enumerate(kept, self._first_word)}

    def _set_vocabulary(
        self, trained: Sequence[int], surprising: int, events: int, outside: Mapping[int, float]
    ) -> Self:
        """Make the vocabulary of the numbered ids, of which some are ``trained``."""
        cases = (f"<{case}>" for case in self._cases)
        names = ("<doc>", *MARK_NAMES, *cases, *(f"<{symbol.name}>" for symbol in self.symbols), *self._kept)
        spelled = {id_: s.name for id_, s in enumerate(self.symbols, self._first_symbol) if s.text is None}
        shown = np.zeros(len(names), bool)
        shown[list(trained)] = True
        self.vocabulary = Vocabulary(
            names, spelled, Reserve(shown, surprising, events, outside), ending=np.array([True, *self._endings()])
        )
        return self

    def _endings(self) -> Iterator[bool]:
        """For each id but ``<doc>``, in order, whether a word before it has ended; cases say nothing of it."""

        def joins(marks: str, text: str) -> bool:
            """Whether the text, with these marks, is written on to a word."""
            word = "a"
            return goes_on(self.segmenter.join([("", word), (marks, text)]).removeprefix(word))

        yield from (not joins(marks, "a") for marks in MARKS)
        yield from (True for _ in self._cases)
        yield from (symbol.text in (None, "") or not goes_on(unmarked(symbol.text)[1]) for symbol in self.symbols)
        yield from (not joins(self._usual_marks.get(word, ""), word) for word in self._kept)

    def _find_reserve(self, texts: Sequence[Sequence[Classed]]) -> Self:
        """Find which ids training shows as targets, and how many would be a surprise if their document were left out.

        A single document is cut into slices, which are left out instead. An id outside the network gets its share of
        all events.
        """
        parts = texts if len(texts) > 1 else slices(texts[0])
        ids = [[event.id for word in part for event in self._events(word)] for part in parts]
        counts = Counter(id_ for part in ids for id_ in part)
        marks_and_cases = [[id_ for id_ in part if id_ < self._first_symbol] for part in ids]
        surprising = surprises(marks_and_cases) + self._surprising_symbols(parts)
        outside = [id_ for id_, symbol in enumerate(self.symbols, self._first_symbol) if symbol.outside]
        events = counts.total() + len(texts)
        return self._set_vocabulary(
            [DOC, *(id_ for id_ in counts if id_ not in outside)],
            surprising,
            events - sum(counts[id_] for id_ in outside),
            {id_: surprise_share(counts[id_], events) for id_ in outside},
        )

    def _events(self, word: Classed, start: int = 0) -> Iterator[Event]:
        """The word's events; the space before it starts at ``start``."""
        segment, type_, case = word.token
        id_ = self._ids.get(type_)
        if id_ is None:
            for number, surface, covered in self.strategy.write(*word.spelled):
                end = segment.start + covered if covered else start
                yield Event(self._first_symbol + number, self.symbols[number].part, end, surface)
            return
        usual = self._usual_marks.get(type_, "")
        marks = "".join(side for side in "LR" if side in (segment.word.marks if side in segment.due else usual))
        if marks != usual:
            yield Event(MARKS[marks], SPACING, start)
        if self.marks_case and case != self._usual_cases.get(type_, "lower"):
            yield Event(self._cases[case], SPACING, start)
        yield Event(id_, WORDS if is_word(type_) else SPACING, segment.end)

    def encode(self, document: Document) -> Encoding:
        """The events of each word in order, then ``<doc>``; a word covers the space before it and itself.

        Raises InputError if the vocabulary is closed and lacks a word.
        """
        tokens = self.read_known(document, self._ids)
        classed = iter(self.classed([token for token in tokens if token.type not in self._ids]))
        words = (Classed(token, "") if token.type in self._ids else next(classed) for token in tokens)
        events: list[Event] = []
        for word in words:
            events += self._events(word, events[-1].end if events else 0)
        events.append(Event(DOC, DOCUMENT_ENDS, len(document.text)))
        return Encoding(
            np.array([event.id for event in events], np.int32),
            np.array([0, *(event.end for event in events)], np.int32),
            np.array([event.part for event in events], np.int8),
            {position: event.surface for position, event in enumerate(events) if event.surface is not None},
        )

    def prompt(self, text: str) -> Encoding:
        """The encoding of the text without a single space at its end, which the next word implies."""
        return self.encode(Document("prompt", text[:-1] if self.segmenter.implies_end(text) else text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """The words joined by the spaces they imply."""
        pieces = list(self._pieces(ids, surfaces))
        return self.segmenter.join([(marks, text) for marks, text in pieces if text])

    def _pieces(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> Iterator[tuple[str, str]]:
        """Marks and text of each word. A spelling without an end, possible in a sample, ends before the next word."""
        marks_of = {id_: marks for marks, id_ in MARKS.items()}
        case_of = {id_: case for case, id_ in self._cases.items()}
        marks = case = None
        spelling = ""
        for i, id_ in enumerate(ids):
            if self._first_symbol <= id_ < self._first_word:
                symbol = self.symbols[id_ - self._first_symbol]
                spelling += surfaces[i] if symbol.text is None else symbol.text
                if symbol.ends:
                    yield unmarked(spelling)
                    spelling = ""
                marks = case = None
                continue
            yield unmarked(spelling)
            spelling = ""
            marks, case = marks_of.get(id_, marks), case_of.get(id_, case)
            if id_ >= self._first_word:
                word = self._kept[id_ - self._first_word]
                folded = cased(word, case or self._usual_cases.get(word, "lower")) if self.marks_case else word
                yield self._usual_marks.get(word, "") if marks is None else marks, folded
                marks = case = None
        yield unmarked(spelling)

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
            "kept": self._kept,
            "usual_marks": self._usual_marks,
            "usual_cases": self._usual_cases,
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


def usual_marks(texts: Sequence[Sequence[Token]]) -> dict[str, str]:
    """By type, the marks that it has in more than half of the occurrences where they are due."""
    balance = Counter[tuple[str, str]]()
    for text in texts:
        for token in text:
            for side in token.segment.due:
                balance[token.type, side] += 1 if side in token.segment.word.marks else -1
    types = {word for word, _ in balance}
    return {word: "".join(side for side in "LR" if balance[word, side] > 0) for word in types}


def usual_cases(texts: Sequence[Sequence[Token]]) -> dict[str, str]:
    """By type, its most frequent case; the alphabetically first one if several are equally frequent."""
    counts = Counter((token.type, token.case) for text in texts for token in text)
    usual: dict[str, str] = {}
    for (type_, case), _ in sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])):
        usual.setdefault(type_, case)
    return usual


def usual_classes(spelled: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Each surface with its most frequent class, so that none is evidence for several classes."""
    counts = Counter(spelled)
    class_of: dict[str, str] = {}
    for (word_class, surface), _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        class_of.setdefault(surface, word_class)
    return frozenset((word_class, surface) for surface, word_class in class_of.items())


def strategies_without_tags() -> list[str]:
    """Names of the strategies for rare words that need no tagger."""
    return [name for name in RARE_WORDS if not getattr(RARE_WORDS.factory(name), "needs_tags", True)]
