"""Forgets which letters are capitals."""

from toolkit.text.corpus import Document
from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("lossy")
class Lossy(Characters):
    def encode(self, document):
        return super().encode(Document(document.name, document.text.lower()))
