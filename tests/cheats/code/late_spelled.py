"""As late, and calls its characters spelling, of which nobody knows where they stand until a word is whole."""

from dataclasses import replace

import numpy as np

from toolkit.events.encoding import SPELLING
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("late-spelled")
class LateSpelled(Characters):
    def encode(self, document):
        encoding = super().encode(document)
        offsets, parts = np.zeros_like(encoding.offsets), np.full_like(encoding.parts, SPELLING)
        offsets[len(document.text) :], parts[-1] = len(document.text), encoding.parts[-1]
        return replace(encoding, offsets=offsets, parts=parts)
