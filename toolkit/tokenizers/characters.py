"""Characters: each has its own id. A character that training never showed is an escape and its code point."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from toolkit.errors import InputError
from toolkit.events.encoding import DOC, Events, Reserve, Vocabulary, parts_of
from toolkit.spelling.base import UniformSpeller, UnseenCharacters
from toolkit.text.code_points import code_points
from toolkit.text.corpus import Document
from toolkit.text.neutral import goes_on
from toolkit.tokenizers.counting import InParts

ESCAPE = 1
FIRST = 2  # the first character's id


class Characters:
    """The tokenizer ``char``: characters, which the network reads one-hot.

    >>> tokenizer = Characters().fit([Document("a", "abba"), Document("b", "ab")])
    >>> tokenizer.encode(Document("c", "bac")).ids.tolist()
    [3, 2, 1, 0]
    """

    one_hot: ClassVar[bool] = True
    vocabulary: Vocabulary
    speller: UniformSpeller

    def fit(self, documents: Sequence[Document], valid: Sequence[Document] = ()) -> Self:  # noqa: ARG002 - no choice
        """Learn the alphabet. A character in only one document would be a surprise if that document were left out."""
        occurrences = InParts.of(documents, (code_points(document.text) for document in documents))
        alphabet = [chr(code) for code in np.flatnonzero(occurrences.counts).tolist()]
        return self._set(alphabet, occurrences.surprising, int(occurrences.counts.sum()) + len(documents))

    def _set(self, alphabet: Sequence[str], surprises: int, events: int) -> Self:
        self._alphabet = list(alphabet)
        codes = code_points("".join(alphabet))
        # By code point; all higher ones have the last.
        self._ids = np.full(codes.max(initial=0) + 2, ESCAPE, np.int32)
        self._ids[codes] = np.arange(FIRST, FIRST + len(codes))
        trained = np.ones(FIRST + len(alphabet), bool)
        trained[ESCAPE] = False
        self.vocabulary = Vocabulary(
            ("<doc>", "<escape>", *alphabet),
            {ESCAPE: "escape"},
            Reserve(trained, surprises, events),
            ending=np.array([True, True, *(not goes_on(character) for character in alphabet)]),
        )
        self.speller = UniformSpeller(UnseenCharacters(alphabet))
        return self

    def encode(self, document: Document) -> Events:
        """Return one event per character, then ``<doc>``."""
        text = document.text
        ids = np.append(self._ids.take(code_points(text), mode="clip"), np.int32(DOC))
        ends = np.minimum(np.arange(1, len(text) + 2, dtype=np.int32), len(text))
        surfaces = {int(i): text[i] for i in np.flatnonzero(ids == ESCAPE)}
        return Events.of(ids, ends, parts_of(text, ends), surfaces)

    def prompt(self, text: str) -> Events:
        """Return the events of the whole text."""
        return self.encode(Document("prompt", text))

    def decode(self, ids: Sequence[int], surfaces: Mapping[int, str]) -> str:
        """Return the characters joined."""
        tokens = self.vocabulary.tokens
        return "".join(surfaces[i] if id_ == ESCAPE else tokens[id_] for i, id_ in enumerate(ids) if id_ != DOC)

    def fill(self, word_class: str, rng: np.random.Generator) -> str:  # noqa: ARG002
        """Raise InputError: an escape never occurs in training."""
        raise InputError(f"Training has no character of the class {word_class!r}.")

    def state(self) -> dict[str, Any]:
        """Return the alphabet, and the surprises that set the escape's probability."""
        reserve = self.vocabulary.reserve
        return {"alphabet": "".join(self._alphabet), "surprises": reserve.surprises, "events": reserve.events}

    def restore(self, state: Mapping[str, Any]) -> Self:
        """Restore what ``state`` returned."""
        return self._set(list(state["alphabet"]), state["surprises"], state["events"])
