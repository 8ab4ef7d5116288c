"""Tokenizers: where word or character is decided, and nowhere else. By name."""

from typing import TYPE_CHECKING

from toolkit.plugins import Registry

if TYPE_CHECKING:  # so that names can be listed quickly
    from toolkit.events.encoding import Tokenizer

TOKENIZERS: "Registry[Tokenizer]" = Registry(
    "tokenizer",
    "toolkit.tokenizers",
    {
        "char": "toolkit.tokenizers.characters:Characters",
        "word": "toolkit.tokenizers.cut:SpacyWords",
        "spaced": "toolkit.tokenizers.cut:Spaced",
        "whitespace": "toolkit.tokenizers.cut:Whitespace",
        "bpe": "toolkit.tokenizers.subwords:BytePairs",
        "hf": "toolkit.tokenizers.subwords:GivenTokenizer",
    },
)
