"""A model of words with the space before them, read character by character, as a mixture needs it.

The document's last tokens are likely to come again, the likelier the more alike the outlooks before them are. A token
that stood i tokens ago, with outlook k before it, counts e^(θ (k·q − 1) − i/τ) where the outlook is q; both have length
1. With Z the weights of all tokens, Z_x the weights of the token x, and P(x) the model's probability,

    P'(x) = (κ P(x) + Z_x) / (κ + Z)

This is the neural cache (Grave, Joulin & Usunier 2017), but of texts, not of ids: a rare word comes again as itself,
not as its class. κ is the concentration of a Dirichlet prior (MacKay & Peto 1995).
"""

from collections.abc import Sequence

import numpy as np

from toolkit.events.coding import Outlook, Stepper
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.spelling.base import END
from toolkit.spelling.base import ESCAPE as UNSEEN_SYMBOL
from toolkit.spelling.speller import Prefix, WordSpeller
from toolkit.tokenizers.characters import ESCAPE
from toolkit.tokenizers.cut import Spaced

SHARPNESS, FADING_TOKENS, CONCENTRATION = 10.0, 1000, 6.0  # θ, τ, κ
MAX_TOKENS = 3000  # of a document that are remembered
SHORTEST = 1e-6  # outputs that are shorter have no direction
MAX_CHARACTERS = 32  # of a token: longer ones are not remembered, nor counted by i
RECALL_SETTINGS = SHARPNESS, FADING_TOKENS, CONCENTRATION, MAX_TOKENS, MAX_CHARACTERS


class SpelledOut:
    """The probability of each next character of a token, and of its end.

    A token is a kept word, or one that its one class stands for and the speller spells. The mass of a prefix is the
    mass of all kept words that begin with it, plus the mass of the class times the speller's probability of it. Columns
    are the ids of the alphabet; the last column is the token's end.
    """

    def __init__(
        self, stepper: Stepper, tokenizer: Spaced, speller: WordSpeller, characters: Sequence[str]
    ) -> None:
        class_id = tokenizer.placeholder
        assert class_id is not None  # a mixture checks it
        self._class_id, self._class = class_id, tokenizer.vocabulary.spelled[class_id]
        self._columns = {character: id_ for id_, character in enumerate(characters)}
        self._end = len(characters)  # the column of the end
        words = sorted(tokenizer.kept_ids.items())
        self._ids = np.array([id_ for _, id_ in words], np.int64)
        self._words = np.full((len(words), max((len(word) for word, _ in words), default=0) + 1), self._end)
        for row, (word, _) in zip(self._words, words, strict=True):
            row[: len(word)] = [self._columns[character] for character in word]
        self._stepper, self._speller = stepper, speller
        symbols = enumerate(speller.characters, 2)
        known = [
            (self._columns[character], symbol) for symbol, character in symbols if character in self._columns
        ]
        self._spelled_columns, self._symbols = np.array([*known, (ESCAPE, UNSEEN_SYMBOL), (self._end, END)]).T
        self._spelling = speller.start()
        self._begin_token()

    def _begin_token(self) -> None:
        distribution = self._stepper.distribution()
        self._document_end, self._class_mass = float(distribution[DOC]), float(distribution[self._class_id])
        self._sums = np.concatenate([[0.0], np.cumsum(distribution[self._ids])])  # of all words before each
        self._prefix, self._spelled = "", Prefix(self._spelling, self._class)
        self._find_next(0, len(self._ids))

    def _find_next(self, first: int, end: int) -> None:
        """Find the columns (n,) after the prefix in the words with it, and the places (n + 1,) between these words."""
        columns = self._words[first:end, min(len(self._prefix), self._words.shape[1] - 1)]
        starts = np.flatnonzero(np.diff(columns, prepend=-1))
        self._next, self._bounds = columns[starts], np.append(starts, len(columns)) + first

    def masses(self) -> Floats:
        """Return the probability (columns,) of the prefix of the token and each next character, or the end."""
        masses = np.zeros(self._end + 1)
        masses[self._next] = self._sums[self._bounds[1:]] - self._sums[self._bounds[:-1]]
        masses[self._spelled_columns] += self._class_mass * self._spelled.distribution()[self._symbols]
        if not self._prefix:
            masses[self._end], masses[DOC] = 0.0, self._document_end
        return masses

    def feed(self, character: str) -> None:
        """Read a character of the token."""
        self._class_mass *= float(self._spelled.distribution()[self._speller.spell(character)[0]])
        self._prefix += character
        self._spelled.feed(character)
        following = np.flatnonzero(self._next == self._columns[character])
        self._find_next(*(self._bounds[following[0] : following[0] + 2] if len(following) else (0, 0)))

    def end_token(self) -> int:
        """Take the prefix as a whole token, and return its id."""
        id_ = int(self._ids[self._bounds[0]]) if self._end in self._next else self._class_id
        if id_ == self._class_id:
            self._spelling.observe(self._class, self._prefix)
        self._stepper.feed(id_)
        self._begin_token()
        return id_

    def end_document(self) -> None:
        """End the document after the last token."""
        self._stepper.feed(DOC)
        self._spelling = self._speller.start()
        self._begin_token()


class Recall(SpelledOut):
    """A model that recalls the document's last tokens."""

    def __init__(
        self, stepper: Outlook, tokenizer: Spaced, speller: WordSpeller, characters: Sequence[str]
    ) -> None:
        super().__init__(stepper, tokenizer, speller, characters)
        self._outlook, self._tokens = stepper, 0
        self._outlooks = np.empty((MAX_TOKENS, len(stepper.outputs)), np.float32)  # before each token, in a ring
        self._texts = np.empty((MAX_CHARACTERS + 1, MAX_TOKENS), np.int64)  # columns of characters, then the end
        self._weigh()

    def _weigh(self) -> None:
        """Weigh each token before the next one."""
        outputs = self._outlook.outputs.astype(np.float32)
        self._now = outputs / max(float(np.linalg.norm(outputs)), SHORTEST)
        self._places = np.arange(min(self._tokens, MAX_TOKENS))  # of the tokens with the prefix of the next one
        likeness = (self._outlooks[: len(self._places)] @ self._now).astype(np.float64)
        ago = (self._tokens - 1 - self._places) % MAX_TOKENS + 1
        self._weights = np.exp(SHARPNESS * (likeness - 1) - ago / FADING_TOKENS)
        self._total = float(self._weights.sum())  # Z

    def masses(self) -> Floats:
        """Return what the model without recall does, with the tokens that have the same prefix."""
        masses = CONCENTRATION * super().masses()
        if len(self._prefix) <= MAX_CHARACTERS:
            masses += np.bincount(self._texts[len(self._prefix), self._places], self._weights, len(masses))
        return masses / (CONCENTRATION + self._total)

    def feed(self, character: str) -> None:
        """Read a character of the token."""
        if len(self._prefix) <= MAX_CHARACTERS:
            same = self._texts[len(self._prefix), self._places] == self._columns[character]
            self._places, self._weights = self._places[same], self._weights[same]
        super().feed(character)

    def end_token(self) -> int:
        """Remember the token with its outlook, and return its id."""
        if len(self._prefix) <= MAX_CHARACTERS:
            place = self._tokens % MAX_TOKENS
            columns = [self._columns[character] for character in self._prefix]
            self._outlooks[place] = self._now
            self._texts[: len(columns), place], self._texts[len(columns) :, place] = columns, self._end
            self._tokens += 1
        id_ = super().end_token()
        self._weigh()
        return id_

    def end_document(self) -> None:
        """End the document, and forget its tokens."""
        super().end_document()
        self._tokens = 0
        self._weigh()
