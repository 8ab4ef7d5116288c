"""Strategies for rare words: which class stands for one, by name."""

from toolkit.rare_words.base import RareWords, Word
from toolkit.registry import Registry

RARE_WORDS: Registry[RareWords] = Registry(
    "strategy",
    "toolkit.rare_words",
    {
        "pos": "toolkit.rare_words.pos:PartOfSpeech",
        "unk": "toolkit.rare_words.unk:Unknown",
    },
)

__all__ = ["RARE_WORDS", "RareWords", "Word"]
