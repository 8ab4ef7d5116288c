"""What a document has shown so far is likely to come again, the likelier the more alike the contexts are.

A token that was read i tokens ago, in the context k, counts e^(θ (k·q − 1) − i/τ) where the context is q; both have the
length 1. If the weights of all tokens add up to Z, those of token x to Z_x, and a model says P(x), then

    P'(x) = (κ P(x) + Z_x) / (κ + Z)

so at the beginning of a document nothing changes, and one token in the very same context counts like 1/κ of the model.

The neural cache (Grave, Joulin & Usunier 2017), of texts, not of ids: a rare word comes again as itself, not as its
class. There a share of the whole is the cache's; κ is the concentration of a Dirichlet prior (MacKay & Peto 1995).
"""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from toolkit.events.distribution import Floats
from toolkit.events.encoding import DOC
from toolkit.events.exact import exp
from toolkit.events.protocols import Contexts
from toolkit.inference.spelled_out import SpelledOut

SHARPNESS, FADING, CONCENTRATION = 10.0, 1000, 6.0  # θ, τ, κ
KEPT = 3 * FADING  # tokens; those before them are forgotten
LONGEST = 32  # characters of a token: longer ones are not kept
RECALLING = SHARPNESS, FADING, CONCENTRATION, KEPT, LONGEST
OUTPUT_UNIT = 2.0**-20  # to which a context's elements are rounded: their squares add up without any error
CONTEXT_UNIT = 1 / 4000  # the same of a context of length 1: products stay below 2^24, so float32 adds them up exactly
WEIGHT_UNIT = 2.0**-40  # of what a token counts


class Recall:
    """What a model of words says of each next character (``SpelledOut``), and beside it the document's last tokens."""

    def __init__(self, spelled_out: SpelledOut, contexts: Contexts, outside: Collection[int]) -> None:
        """``contexts`` read all ids of the model but those ``outside``."""
        self._spelled_out, self._contexts, self._outside = spelled_out, contexts, outside
        self._begin()

    def _begin(self) -> None:
        """The beginning of a document."""
        self._contexts.feed(DOC)
        self._context = direction(self._contexts.outputs)
        self._keys = np.zeros((2 * KEPT, len(self._context)), np.float32)  # contexts; the last ``KEPT`` count
        self._texts = np.zeros((2 * KEPT, LONGEST + 1), np.int64)  # columns of their tokens' characters, then of ends
        self._read = 0
        self._weigh()

    def _weigh(self) -> None:
        """What each token counts before the next one."""
        first = max(0, self._read - KEPT)
        alike = (self._keys[first : self._read] @ self._context).astype(np.float64) * CONTEXT_UNIT**2
        ago = np.arange(len(alike), 0, -1)
        self._weights = np.rint(exp(SHARPNESS * (alike - 1) - ago / FADING) / WEIGHT_UNIT) * WEIGHT_UNIT
        self._total = float(self._weights.sum())  # Z
        self._alike = np.arange(first, self._read)  # the tokens that begin as the next one has
        self._begun: list[int] = []  # the columns of what has been read of it

    @property
    def spelled_share(self) -> float:
        """The model's own."""
        return self._spelled_out.spelled_share

    def masses(self) -> Floats:
        """The probability (columns,) of what has been read of the token and each next character, or the end."""
        masses = CONCENTRATION * self._spelled_out.masses()
        if len(self._begun) <= LONGEST:
            masses += np.bincount(self._texts[self._alike, len(self._begun)], self._weights, len(masses))
        return masses / (CONCENTRATION + self._total)

    def feed(self, character: str) -> None:
        """Read a character of the token."""
        column = self._spelled_out.columns[character]
        if len(self._begun) <= LONGEST:
            same = self._texts[self._alike, len(self._begun)] == column
            self._alike, self._weights = self._alike[same], self._weights[same]
        self._begun.append(column)
        self._spelled_out.feed(character)

    def token(self) -> None:
        """What has been read is a whole token."""
        if len(self._begun) <= LONGEST:
            self._keep()
        id_ = self._spelled_out.token()
        if id_ not in self._outside:
            self._contexts.feed(id_)
            self._context = direction(self._contexts.outputs)
        self._weigh()

    def _keep(self) -> None:
        """Keep the token and its context, as the last."""
        if self._read == 2 * KEPT:
            self._keys[:KEPT], self._texts[:KEPT] = self._keys[KEPT:], self._texts[KEPT:]
            self._read = KEPT
        self._keys[self._read], self._texts[self._read] = self._context, self._spelled_out.end
        self._texts[self._read, : len(self._begun)] = self._begun
        self._read += 1

    def document(self) -> None:
        """A document ends after the last token."""
        self._spelled_out.document()
        self._begin()


def direction(outputs: Floats) -> npt.NDArray[np.float32]:
    """Outputs (H,) with the length 1, in units of ``CONTEXT_UNIT``: the same on every processor."""
    rounded = np.rint(outputs / OUTPUT_UNIT)
    length = np.sqrt(max(float(rounded @ rounded), 1.0))
    unit: npt.NDArray[np.float32] = np.rint(rounded / (length * CONTEXT_UNIT)).astype(np.float32)
    return unit
