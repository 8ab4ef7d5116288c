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
        "bytes": "toolkit.tokenizers.subwords:Bytes",
        "bpe": "toolkit.tokenizers.subwords:BytePairs",
        "unigram": "toolkit.tokenizers.subwords:Unigram",
        "superbpe": "toolkit.tokenizers.subwords:SuperBytePairs",
        "hf": "toolkit.tokenizers.subwords:GivenTokenizer",
    },
)
