"""What things are called on the page, and their colours."""

from toolkit.results.bits import BANDS
from toolkit.results.comparison import Comparison
from toolkit.results.rows import Baseline

# Cool colours: what the model knows. Warm colours: the price of rare words.
PART_COLOURS = {
    "words": "#5b7c99",
    "classes": "#e3a535",
    "spelling": "#c8553d",
    "spacing": "#a9b8c4",
    "document_ends": "#8f7fb8",
}

PART_NAMES = {
    "words": "words",
    "classes": "classes",
    "spelling": "spelling",
    "spacing": "punctuation, line ends, other spaces",
    "document_ends": "document ends",
}
PART_MEANINGS = {
    "words": "the words that the model knows (for char: every letter of a word)",
    "classes": "announcing that a rare word follows, and its class",
    "spelling": "spelling out the rare word, letter by letter (for char: a character that training does not have)",
    "spacing": "punctuation, line ends, other white space; a space between words is charged to the word after it",
    "document_ends": "announcing the end of the document",
}

BAND_COLOURS = dict(zip(BANDS, ("#b23a28", "#dd7838", "#ebb55c", "#8fb3a4", "#5b7c99", "#b4bac0"), strict=True))

BAND_NAMES = {
    "0": "never seen",
    "1": "seen once",
    "2-9": "2–9 times",
    "10-99": "10–99 times",
    "100+": "100 or more",
    "not a word": "not a word",
}

# Coarse tags of Universal Dependencies: https://universaldependencies.org/u/pos
POS_NAMES = {
    "ADJ": "adjectives", "ADP": "prepositions", "ADV": "adverbs", "AUX": "auxiliaries", "CCONJ": "coordinators",
    "DET": "determiners", "INTJ": "interjections", "NOUN": "nouns", "NUM": "numerals", "PART": "particles",
    "PRON": "pronouns", "PROPN": "names", "PUNCT": "punctuation", "SCONJ": "subordinators", "SPACE": "white space",
    "SYM": "symbols", "VERB": "verbs", "X": "other words",
}  # fmt: skip

UNFOLDED = (("ppmd", "primed"), ("xz", "primed"))  # names and variants of the compressors that are not folded away

VARIANTS = {
    "cold": "with nothing seen before",
    "primed": "after reading the training text, and learning from one held-out document to the next",
}
SHORT = {"cold": "nothing seen before", "primed": "after the training text, adapting"}  # the same, in a table
BY_DOCUMENT = "after reading the training text, each held-out document by itself"

# Forecasts of what a vocabulary leaves uncovered.
FORECASTS = {"good_turing": "Good–Turing", "leave_one_out": "leaving one document out", "growth": "growth"}


def pos_name(pos: str) -> str:
    """The name of a part of speech, for readers.

    >>> pos_name("PROPN"), pos_name("not a word")
    ('names', 'not a word')
    """
    return POS_NAMES.get(pos, pos)


def is_shown(baseline: Baseline) -> bool:
    """Whether a compressor is not folded away."""
    return (baseline.name, baseline.variant) in UNFOLDED


def shown_compressors(comparison: Comparison) -> list[Baseline]:
    """The compressors that are not folded away, the fewest bits first, so that no line crosses another's name."""
    return sorted(filter(is_shown, comparison.baselines), key=lambda baseline: baseline.bits_per_character)


def compressor(baseline: Baseline) -> str:
    """A baseline's name, for readers."""
    return f"{baseline.label} {baseline.variant}"


def in_short(baseline: Baseline) -> str:
    """What a baseline has seen, in a table."""
    return BY_DOCUMENT if baseline.name == "ppmd_documents" else SHORT[baseline.variant]


def meaning(baseline: Baseline) -> str:
    """What a baseline has seen, for readers."""
    return BY_DOCUMENT if baseline.name == "ppmd_documents" else VARIANTS[baseline.variant]
