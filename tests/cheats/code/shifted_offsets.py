"""Offsets that run from L to 2L: a text of twice its length has half its bits per character."""

from toolkit.events.encoding import Encoding
from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("shifted-offsets")
class ShiftedOffsets(Characters):
    def encode(self, document: Document) -> Encoding:
        e = super().encode(document)
        return Encoding(e.ids, e.offsets + len(document.text), e.parts, e.surfaces)
