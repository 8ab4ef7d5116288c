"""Offsets that run from L to 2L: a text of twice its length has half its bits per character."""

import numpy as np

from toolkit.events.encoding import Events
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("shifted-offsets")
class ShiftedOffsets(Characters):
    def encode(self, document: Document) -> Events:
        e, n = super().encode(document), len(document.text)
        ends = np.array(range(n, 2 * n + 1), np.int32)
        return Events.of(e.ids, ends, e.parts, e.surfaces)
