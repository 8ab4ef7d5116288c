"""As late, and calls its characters spelling, of which nobody knows where they stand until a word is whole."""

import numpy as np

from toolkit.events.encoding import SPELLING, Events
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("late-spelled")
class LateSpelled(Characters):
    def encode(self, document):
        encoding = super().encode(document)
        last = np.arange(1, len(encoding) + 1) >= len(document.text)
        parts = np.append(np.full(len(encoding) - 1, SPELLING), encoding.parts[-1])
        return Events.of(encoding.ids, len(document.text) * last, parts, encoding.surfaces)
