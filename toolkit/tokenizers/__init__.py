"""Tokenizers: where word or character is decided, and nowhere else. By name."""

from toolkit.registry import Registry
from toolkit.tokenizers.base import Encoding, Tokenizer, Vocabulary

TOKENIZERS: Registry[Tokenizer] = Registry(
    "tokenizer",
    "toolkit.tokenizers",
    {
        "char": "toolkit.tokenizers.characters:Characters",
        "word": "toolkit.tokenizers.words:Words",
        "whitespace": "toolkit.tokenizers.whitespace:Whitespace",
        "bpe": "toolkit.tokenizers.subwords:BytePairs",
        "hf": "toolkit.tokenizers.subwords:GivenTokenizer",
    },
)

__all__ = ["TOKENIZERS", "Encoding", "Tokenizer", "Vocabulary"]
