"""A model of words with the space before them, read character by character: what it says of the next character."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.events.protocols import Stepper
from toolkit.inference.prefixes import Prefixes
from toolkit.spelling.ngram import ESCAPE as UNSEEN_SYMBOL
from toolkit.spelling.speller import WordSpeller
from toolkit.spelling.word_spelling import END, UNSEEN
from toolkit.tokenizers.characters import ESCAPE
from toolkit.tokenizers.cut import SPACE, Spaced, goes_on_with


class Alphabet(NamedTuple):
    """The characters (V,), by id, and which a token that has begun goes on with."""

    characters: Sequence[str]
    after_space: npt.NDArray[np.bool_]
    after_word: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, tokens: Sequence[str]) -> "Alphabet":
        """That of these tokens; what training never showed is like a sign, whatever it is."""
        characters = [token if len(token) == 1 else UNSEEN for token in tokens]
        rows = [[goes_on_with(begun, character) for character in characters] for begun in (SPACE, "a")]
        rows[0][DOC] = rows[1][DOC] = False
        return cls(characters, *np.array(rows))

    def going_on(self, begun: str) -> npt.NDArray[np.bool_]:
        """Which ids (V,) a token that has begun like this goes on with: all if nothing has begun."""
        if not begun:
            return np.ones(len(self.characters), bool)
        return self.after_space if begun == SPACE else self.after_word


class ByCharacter(Protocol):
    """A model of words, read character by character."""

    @property
    def spelled_share(self) -> float:
        """The probability that the token which has begun is a spelled one, as ``masses`` found."""
        ...

    def masses(self) -> Floats:
        """The probability (columns,) of what has been read of the token and each next character, or the end."""
        ...

    def feed(self, character: str) -> None:
        """Read a character of the token."""
        ...

    def token(self) -> int:
        """What has been read is a whole token; returns its id."""
        ...

    def document(self) -> None:
        """A document ends after the last token."""
        ...


class SpelledOut:
    """A model ``ByCharacter``: the probability of each next character, and of the end of the token that has begun.

    A token is a kept word, or one that its one class stands for and the speller spells: a prefix has the probability of
    all kept words that begin with it, and that of the class times the speller's of the prefix. Columns are the ids of
    the alphabet; the last column is the token's end.
    """

    def __init__(self, stepper: Stepper, tokenizer: Spaced, alphabet: Alphabet) -> None:
        assert tokenizer.placeholder is not None
        self._class_id = tokenizer.placeholder
        self._class = tokenizer.vocabulary.spelled[self._class_id]
        self.columns = {character: id_ for id_, character in enumerate(alphabet.characters)}
        self.end = len(alphabet.characters)  # the column of the end
        assert isinstance(tokenizer.speller, WordSpeller)
        self._stepper, self._speller = stepper, tokenizer.speller
        self._prefixes = Prefixes(tokenizer.kept_words, tokenizer.first_word, self.columns)
        symbols = enumerate(self._speller.characters, 2)
        known = [(self.columns[character], symbol) for symbol, character in symbols if character in self.columns]
        self._spelled_columns, self._symbols = np.array([*known, (ESCAPE, UNSEEN_SYMBOL), (self.end, END)]).T
        self._spelling = self._speller.start()
        self._after: Floats | None
        self.spelled_share = 0.0  # the probability that the token which has begun is a spelled one, as ``masses`` found
        self._next_token()

    def _next_token(self) -> None:
        distribution = self._stepper.distribution()
        self._document_ends, self._of_class = float(distribution[DOC]), float(distribution[self._class_id])
        self._cumulated = self._prefixes.cumulated(distribution)
        self._begin, self._after = "", None

    def _spelled(self) -> Floats:
        """The speller's distribution after what has been read of the token."""
        if self._after is None:
            self._after = self._spelling.distribution(self._class, self._begin)
        return self._after

    def masses(self) -> Floats:
        """The probability (columns,) of what has been read of the token and each next character, or the end."""
        masses = np.zeros(self.end + 1)
        characters, probabilities, whole = self._prefixes.after(self._begin, self._cumulated)
        masses[characters] = probabilities
        masses[self.end] = whole
        masses[self._spelled_columns] += self._of_class * self._spelled()[self._symbols]
        if not self._begin:
            masses[self.end], masses[DOC] = 0.0, self._document_ends
        total = float(masses.sum())  # 0 after hundreds of characters that nobody expected
        self.spelled_share = min(self._of_class / total, 1.0) if total else 1.0
        return masses

    def feed(self, character: str) -> None:
        """Read a character of the token."""
        self._of_class *= float(self._spelled()[self._speller.spell(character)[0]])
        self._begin += character
        self._after = None

    def token(self) -> int:
        """What has been read is a whole token; returns its id."""
        id_ = self._prefixes.id_of.get(self._begin, self._class_id)
        if id_ == self._class_id:
            self._spelling.observe(self._class, self._begin)
        self._stepper.feed(id_)
        self._next_token()
        return id_

    def document(self) -> None:
        """A document ends after the last token."""
        self._stepper.feed(DOC)
        self._spelling = self._speller.start()
        self._next_token()
