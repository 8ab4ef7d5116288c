"""Tokenizers: where word or character is decided, and nowhere else. By name."""

from typing import TYPE_CHECKING

from toolkit.plugins import Registry

if TYPE_CHECKING:  # so that names can be listed quickly
    from toolkit.events.encoding import Tokenizer

# The cheapest first: few tokens of a small vocabulary, then many tokens, then a large vocabulary.
TOKENIZERS: "Registry[Tokenizer]" = Registry(
    "tokenizer",
    "toolkit.tokenizers",
    {
        "bpe": "toolkit.tokenizers.subwords:BytePairs",
        "unigram": "toolkit.tokenizers.subwords:Unigram",
        "superbpe": "toolkit.tokenizers.subwords:SuperBytePairs",
        "char": "toolkit.tokenizers.characters:Characters",
        "bytes": "toolkit.tokenizers.subwords:Bytes",
        "spaced": "toolkit.tokenizers.cut:Spaced",
        "whitespace": "toolkit.tokenizers.cut:Whitespace",
        "word": "toolkit.tokenizers.cut:SpacyWords",
        "hf": "toolkit.tokenizers.subwords:GivenTokenizer",
        "lm": "toolkit.tokenizers.pretrained:ModelTokens",
    },
)
