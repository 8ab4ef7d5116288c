"""Tokenizers: where word or character is decided, and nowhere else. By name."""

from toolkit.events.encoding import DOC, Events, Reserve, Speller, Spelling, Tokenizer, Vocabulary, parts_of
from toolkit.plugins import Registry

TOKENIZERS: Registry[Tokenizer] = Registry(
    "tokenizer",
    "toolkit.tokenizers",
    {
        "char": "toolkit.tokenizers.characters:Characters",
        "word": "toolkit.tokenizers.words:Words",
        "spaced": "toolkit.tokenizers.spaced:Spaced",
        "whitespace": "toolkit.tokenizers.whitespace:Whitespace",
        "bpe": "toolkit.tokenizers.subwords:BytePairs",
        "hf": "toolkit.tokenizers.subwords:GivenTokenizer",
    },
)

__all__ = [
    "DOC",
    "TOKENIZERS",
    "Events",
    "Reserve",
    "Speller",
    "Spelling",
    "Tokenizer",
    "Vocabulary",
    "parts_of",
]
