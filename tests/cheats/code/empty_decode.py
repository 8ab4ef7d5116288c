"""A ``decode`` that gives nothing back: whoever waits for text to be generated waits for ever."""

from toolkit.tokenizers import TOKENIZERS
from toolkit.tokenizers.characters import Characters


@TOKENIZERS.add("empty-decode")
class EmptyDecode(Characters):
    def decode(self, ids, surfaces):  # noqa: ARG002
        return ""
