"""Words: spaCy's tokens without loss; a rare one becomes its strategy's class, and what the class hides is spelled."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from toolkit.corpus import Document, slices
from toolkit.errors import InputError
from toolkit.probability import Reserve
from toolkit.rare_words import RARE_WORDS
from toolkit.rare_words.base import OTHER
from toolkit.segmentation import Segment, is_word, joined_text, segments, unmarked
from toolkit.spelling import Speller, fitted_on_valid
from toolkit.tagging import Tagger
from toolkit.tokenizers.base import CLASSES, DOC, DOCUMENT_ENDS, SPACING, WORDS, Encoding, Vocabulary

MARKS = {"": 1, "L": 2, "R": 3, "LR": 4}  # the ids of the marks
MARK_NAMES = ("<spaced>", "<joined left>", "<joined right>", "<joined>")
FIRST_CLASS = 5


class Words:
    """The tokenizer ``word:STRATEGY``.

    A word type is its text. It is rare where it occurs at most ``rare_max_count`` times in training, or, if
    ``rare_max_documents`` is given, in at most so many training documents. Rare and unseen words become a class event
    followed by the spelling of their marks and text. A kept word is its own id; its marks go without saying where they
    are those of most of its occurrences in training (no space before a comma), and are said by a zero-width token
    before it where they are others.
    """

    one_hot: ClassVar[bool] = False
    vocabulary: Vocabulary
    speller: Speller

    def __init__(
        self,
        strategy: str = "pos",
        *,
        rare_max_count: int = 1,
        rare_max_documents: int | None = None,
        spacy_model: str | None = None,
        language: str = "en",
    ) -> None:
        for name, value in (("rare_max_count", rare_max_count), ("rare_max_documents", rare_max_documents)):
            if value is not None and (type(value) is not int or value < 1):
                raise InputError(f"{name} is {value!r}; give a whole number of at least 1.")
        for name, said in (("spacy_model", spacy_model), ("language", language)):
            if said is not None and not isinstance(said, str):
                raise InputError(f"{name} is {said!r}; give a name.")
        self.strategy_name = strategy
        self.strategy = RARE_WORDS.make(strategy)
        self.rare_max_count = rare_max_count
        self.rare_max_documents = rare_max_documents
        self.tagger = Tagger(spacy_model, language, self.strategy.needs_tags)

    @property
    def spacy_model(self) -> str | None:
        """The name of the model that tags words, or None where no tags are needed."""
        return self.tagger.model if self.tagger.tags else None

    def check(self) -> None:
        """Raise InputError where the tagger's model or language is not installed."""
        self.tagger.check()

    def is_rare(self, count: int, documents: int) -> bool:
        """Whether a type with so many occurrences in so many training documents is rare (or unseen)."""
        if self.rare_max_documents is not None:
            return documents <= self.rare_max_documents
        return count <= self.rare_max_count

    def segments(self, document: Document) -> list[Segment]:
        """The document's words, tagged."""
        return segments(document, self.tagger.tag(document.text))

    def class_of(self, segment: Segment) -> str:
        """The class on the strategy's list that would stand for the word, or OTHER."""
        name = self.strategy.class_of(segment.word)
        return name if name in self.strategy.classes else OTHER

    def spelled(self, segment: Segment) -> tuple[str, str]:
        """The word's class and its surface: its marks and its text."""
        return self.class_of(segment), segment.surface

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:
        """Learn the kept words and their usual marks, the classes, the speller and the reserve.

        The speller's order, lexicon and cache are chosen by the bits of what ``valid`` documents have to spell.
        """
        texts = [self.segments(document) for document in documents]
        counts = Counter(segment.word.text for text in texts for segment in text)
        in_documents = Counter(word for text in texts for word in {segment.word.text for segment in text})
        kept = sorted(
            (word for word in counts if not self.is_rare(counts[word], in_documents[word])),
            key=lambda w: (-counts[w], w),
        )
        known = set(kept)
        rare = [[segment for segment in text if segment.word.text not in known] for text in texts]
        self.strategy.fit([segment.word for text in rare for segment in text])
        spelled = [[self.spelled(segment) for segment in text] for text in rare]
        self.speller = fitted_on_valid(
            (self.spelled(segment) for text in texts for segment in text),
            spelled,
            [document.text for document in documents],
            [[self.spelled(s) for s in self.segments(document) if s.word.text not in known] for document in valid],
            self._spelled_if_left_out(texts, counts, in_documents) if len(texts) > 1 else None,
        )
        self._fillings = fillings(spelled)
        self._set(kept, usual_marks(texts))
        return self._find_trained(texts)

    def _spelled_if_left_out(
        self, texts: Sequence[Sequence[Segment]], counts: Mapping[str, int], in_documents: Mapping[str, int]
    ) -> list[list[tuple[str, str]]]:
        """By training document, the words that would be rare or unseen, and so spelled, had it been left out."""
        found = []
        for text in texts:
            here = Counter(segment.word.text for segment in text)
            rare = {word for word, n in here.items() if self.is_rare(counts[word] - n, in_documents[word] - 1)}
            found.append([self.spelled(segment) for segment in text if segment.word.text in rare])
        return found

    def _set(self, kept: Sequence[str], usual: Mapping[str, str]) -> None:
        """Number the ids: ``<doc>``, the marks, the classes, the kept words by frequency."""
        self._classes = [*self.strategy.classes, OTHER]
        self._first_word = FIRST_CLASS + len(self._classes)
        self._kept = list(kept)
        self._ids = {word: id_ for id_, word in enumerate(kept, self._first_word)}
        self._class_ids = {name: id_ for id_, name in enumerate(self._classes, FIRST_CLASS)}
        self._usual = {word: usual[word] for word in kept if usual.get(word)}

    def _set_vocabulary(self, trained: npt.NDArray[np.bool_], surprises: int, events: int) -> Self:
        names = ("<doc>", *MARK_NAMES, *(f"<{name}>" for name in self._classes), *self._kept)
        spelled = {id_: name for name, id_ in self._class_ids.items()}
        self.vocabulary = Vocabulary(names, spelled, Reserve(trained, surprises, events))
        return self

    def _find_trained(self, texts: Sequence[Sequence[Segment]]) -> Self:
        """Which ids training shows as targets, and how many would be a surprise had their document been left out.

        A lone document's slices are left out in its stead.
        """
        parts = texts if len(texts) > 1 else slices(texts[0])
        ids = [[id_ for segment in part for id_, _ in self._events(segment)] for part in parts]
        in_parts = Counter(id_ for part in ids for id_ in set(part))
        trained = np.zeros(self._first_word + len(self._kept), bool)
        trained[[DOC, *in_parts]] = True
        marks = sum(id_ in MARKS.values() and in_parts[id_] == 1 for part in ids for id_ in part)
        surprises = marks + self._surprising_classes(parts)
        return self._set_vocabulary(trained, surprises, sum(map(len, ids)) + len(texts))

    def _surprising_classes(self, texts: Sequence[Sequence[Segment]]) -> int:
        """Training tokens of a class that would have no training word had their document been left out.

        Without document d a type has only its occurrences elsewhere, and is rare or not by those.
        """
        places: dict[str, dict[int, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for d, text in enumerate(texts):
            for segment in text:
                places[segment.word.text][d][self.class_of(segment)] += 1
        counts = {word: sum(here.total() for here in by_document.values()) for word, by_document in places.items()}

        def elsewhere(word: str, d: int | None) -> Counter[str] | None:
            """By class, the occurrences outside document d of a type that is rare or unseen there; None of another."""
            by_document = places[word]
            here = by_document[d].total() if d in by_document else 0
            if not self.is_rare(counts[word] - here, len(by_document) - bool(here)):
                return None
            return sum((classes for other, classes in by_document.items() if other != d), Counter[str]())

        everywhere = {word: elsewhere(word, None) or Counter[str]() for word in places}
        total = Counter[str]()
        for by_class in everywhere.values():
            total.update(by_class)
        surprises = 0
        for d, text in enumerate(texts):
            rare = {word: elsewhere(word, d) for word in {segment.word.text for segment in text}}
            left = Counter(total)
            for word, by_class_elsewhere in rare.items():
                left.subtract(everywhere[word])
                left.update(by_class_elsewhere or {})
            surprises += sum(
                rare[segment.word.text] is not None and left[self.class_of(segment)] == 0 for segment in text
            )
        return surprises

    def _events(self, segment: Segment) -> Iterator[tuple[int, int]]:
        """The word's ids, each with its part of the ledger."""
        text = segment.word.text
        id_ = self._ids.get(text)
        if id_ is None:
            yield self._class_ids[self.class_of(segment)], CLASSES
            return
        usual = self._usual.get(text, "")
        marks = "".join(side for side in "LR" if side in (segment.word.marks if side in segment.due else usual))
        if marks != usual:
            yield MARKS[marks], SPACING
        yield id_, (WORDS if is_word(text) else SPACING)

    def encode(self, document: Document) -> Encoding:
        """The events of each word in order, then ``<doc>``; a word covers the space before it and itself."""
        ids: list[int] = []
        parts: list[int] = []
        ends: list[int] = []
        surfaces: dict[int, str] = {}
        place = 0
        for segment in self.segments(document):
            for id_, part in self._events(segment):
                ids.append(id_)
                parts.append(part)
                ends.append(place)
            if ids[-1] in self.vocabulary.spelled:
                surfaces[len(ids) - 1] = segment.surface
            place = ends[-1] = segment.end
        return Encoding(
            np.array([*ids, DOC], np.int32),
            np.array([0, *ends, place], np.int32),
            np.array([*parts, DOCUMENT_ENDS], np.int8),
            surfaces,
        )

    def prompt(self, text: str) -> Encoding:
        """The encoding of the text without a single space at its end, which the next word implies."""
        implied = text.endswith(" ") and not text[-2:-1].isspace()
        return self.encode(Document("prompt", text[:-1] if implied else text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """The words joined by the spaces they imply."""
        said = {id_: marks for marks, id_ in MARKS.items()}
        pieces: list[tuple[str, str]] = []
        marks: str | None = None
        for i, id_ in enumerate(ids):
            if id_ in said:
                marks = said[id_]
                continue
            if id_ in self.vocabulary.spelled:
                pieces.append(unmarked(surfaces[i]))
            elif id_ != DOC:
                text = self._kept[id_ - self._first_word]
                pieces.append((self._usual.get(text, "") if marks is None else marks, text))
            marks = None
        return joined_text(pieces)

    def fill(self, word_class: str, rng: np.random.Generator) -> str:
        """A surface of the class, drawn by its frequency among the rare words of training.

        Raises InputError where training has none.
        """
        if word_class not in self._fillings:
            raise InputError(f"No word of the class {word_class!r} was rare in training; it cannot be filled.")
        seen = self._fillings[word_class]
        weights = np.fromiter(seen.values(), float)
        return list(seen)[rng.choice(len(seen), p=weights / weights.sum())]

    def state(self) -> dict[str, Any]:
        """Kept words, marks, fillings, speller and reserve."""
        reserve = self.vocabulary.reserve
        return {
            "kept": self._kept,
            "usual_marks": self._usual,
            "trained": np.flatnonzero(reserve.trained).tolist(),
            "surprises": reserve.surprises,
            "events": reserve.events,
            "fillings": self._fillings,
            "speller": self.speller.to_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Take over what ``state`` gave."""
        self._set(state["kept"], state["usual_marks"])
        self._fillings = state["fillings"]
        self.speller = Speller.from_dict(state["speller"])
        trained = np.zeros(self._first_word + len(self._kept), bool)
        trained[state["trained"]] = True
        return self._set_vocabulary(trained, state["surprises"], state["events"])


def usual_marks(texts: Sequence[Sequence[Segment]]) -> dict[str, str]:
    """By type, the marks that it has in more than half of the occurrences in which they are due."""
    balance = Counter[tuple[str, str]]()
    for text in texts:
        for segment in text:
            for side in segment.due:
                balance[segment.word.text, side] += 1 if side in segment.word.marks else -1
    types = {word for word, _ in balance}
    return {word: "".join(side for side in "LR" if balance[word, side] > 0) for word in types}


def fillings(spelled: Sequence[Sequence[tuple[str, str]]]) -> dict[str, dict[str, int]]:
    """By class, the surfaces that training's rare words had, with their counts, in alphabetical order."""
    counts = Counter(pair for document in spelled for pair in document)
    found: dict[str, dict[str, int]] = {}
    for (name, text), count in sorted(counts.items()):
        found.setdefault(name, {})[text] = count
    return found
