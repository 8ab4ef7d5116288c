"""Strategies for rare words, by name: which class stands for a rare word."""

from toolkit.plugins import Registry
from toolkit.rare_words.base import OTHER, RareWords, Symbol, Written
from toolkit.text.words import Word

RARE_WORDS: Registry[RareWords] = Registry(
    "strategy",
    "toolkit.rare_words",
    {
        "pos": "toolkit.rare_words.placeholders:PartOfSpeech",
        "tag": "toolkit.rare_words.placeholders:FineTag",
        "unk": "toolkit.rare_words.placeholders:Unknown",
        "keep": "toolkit.rare_words.placeholders:Keep",
        "shape": "toolkit.rare_words.shape:Shape",
        "cluster": "toolkit.rare_words.cluster:Cluster",
        "spell": "toolkit.rare_words.placeholders:Spell",
        "drop": "toolkit.rare_words.placeholders:Drop",
    },
)

__all__ = ["OTHER", "RARE_WORDS", "RareWords", "Symbol", "Word", "Written"]
