"""What a document has shown so far is likely to come again, the likelier the more alike the places are.

A token that stood i tokens ago, where the outlook was k, counts e^(θ (k·q − 1) − i/τ) where the outlook is q; both have
the length 1. If the weights of all tokens add up to Z, those of the token x to Z_x, and a model says P(x), then

    P'(x) = (κ P(x) + Z_x) / (κ + Z)

so at the beginning of a document nothing changes, and one token with the very same outlook is worth 1/κ of the model.

This is the neural cache (Grave, Joulin & Usunier 2017), but of texts, not of ids: a rare word comes again as itself,
not as its class. In theirs a fixed share is the cache's; κ is the concentration of a Dirichlet prior (MacKay & Peto
1995).
"""

import numpy as np
import numpy.typing as npt

from toolkit.events.coding import Outlook
from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.events.exact import exp
from toolkit.inference.spelled_out import SpelledOut

SHARPNESS, FADING, CONCENTRATION = 10.0, 1000, 6.0  # θ, τ, κ
KEPT = 3000  # tokens; those before them are forgotten
LONGEST = 32  # characters of a token: longer ones are not kept, nor counted by i
WEIGHT_UNIT = 2.0**-40  # of a token: 3,000 are below 2^53 of it, so their sums are exact
OUTPUT_UNIT = 2.0**-20  # of an output: the squares of up to 8,191, all between −1 and 1, add up below 2^53
OUTLOOK_UNIT = 1 / 4000  # of an outlook: up to 36,000 rounded numbers have a length below 2^12, so no partial sum of a
# product reaches 2^24 (Cauchy–Schwarz), and float32 adds it up without an error
RECALLING = SHARPNESS, FADING, CONCENTRATION, KEPT, LONGEST, WEIGHT_UNIT, OUTPUT_UNIT, OUTLOOK_UNIT


class Recall:
    """A model ``ByCharacter``: a ``SpelledOut`` one, and beside it the document's last tokens."""

    def __init__(self, spelled_out: SpelledOut, outlook: Outlook) -> None:
        self._spelled_out, self._outlook = spelled_out, outlook
        self._outlook.feed(DOC)
        self._now = direction(self._outlook.outputs)
        room = 2 * KEPT  # for tokens, the last ``KEPT`` of which count
        self._outlooks = np.empty((room, len(self._now)), np.float32)  # before each
        self._texts = np.empty((LONGEST + 1, room), np.int64)  # columns of the characters of each, then of its end
        self._kept = 0
        self._weigh()

    def _weigh(self) -> None:
        """What each token counts before the next one."""
        first = max(0, self._kept - KEPT)
        likeness = (self._outlooks[first : self._kept] @ self._now).astype(np.float64) * OUTLOOK_UNIT**2
        ago = np.arange(len(likeness), 0, -1)
        self._weights = np.rint(exp(SHARPNESS * (likeness - 1) - ago / FADING) / WEIGHT_UNIT) * WEIGHT_UNIT
        self._total = float(self._weights.sum())  # Z
        self._places = np.arange(first, self._kept)  # of the tokens that begin as the next one has
        self._begun: list[int] = []  # the columns of what has been read of it

    @property
    def spelled_share(self) -> float:
        """The model's own."""
        return self._spelled_out.spelled_share

    def masses(self) -> Floats:
        """The probability (columns,) of what has been read of the token and each next character, or the end."""
        masses = CONCENTRATION * self._spelled_out.masses()
        if len(self._begun) <= LONGEST:
            masses += np.bincount(self._texts[len(self._begun), self._places], self._weights, len(masses))
        return masses / (CONCENTRATION + self._total)

    def feed(self, character: str) -> None:
        """Read a character of the token."""
        column = self._spelled_out.columns[character]
        if len(self._begun) <= LONGEST:
            same = self._texts[len(self._begun), self._places] == column
            self._places, self._weights = self._places[same], self._weights[same]
        self._begun.append(column)
        self._spelled_out.feed(character)

    def token(self) -> int:
        """What has been read is a whole token; returns its id."""
        if len(self._begun) <= LONGEST:
            self._keep()
        id_ = self._spelled_out.token()
        self._read(id_)
        return id_

    def _keep(self) -> None:
        """Keep the token and its outlook, as the last."""
        if self._kept == 2 * KEPT:
            self._outlooks[:KEPT], self._texts[:, :KEPT] = self._outlooks[KEPT:], self._texts[:, KEPT:]
            self._kept = KEPT
        self._outlooks[self._kept] = self._now
        self._texts[: len(self._begun), self._kept] = self._begun
        self._texts[len(self._begun) :, self._kept] = self._spelled_out.end
        self._kept += 1

    def _read(self, id_: int) -> None:
        """Move the outlook past an id."""
        self._outlook.feed(id_)
        self._now = direction(self._outlook.outputs)
        self._weigh()

    def document(self) -> None:
        """A document ends after the last token."""
        self._spelled_out.document()
        self._kept = 0
        self._read(DOC)


def direction(outputs: Floats) -> npt.NDArray[np.float32]:
    """Outputs (H,) with the length 1, in whole ``OUTLOOK_UNIT``s: the same in any number of threads."""
    rounded = np.rint(outputs / OUTPUT_UNIT)
    length = np.sqrt(max(float(rounded @ rounded), 1.0))
    unit: npt.NDArray[np.float32] = np.rint(rounded / (length * OUTLOOK_UNIT)).astype(np.float32)
    return unit
