"""Names, meanings and colours of the things on a page."""

from toolkit.results.bits import BANDS, PARTS
from toolkit.results.rows import Baseline

# Cool colours: the words that the model knows. Warm colours: the price of rare words.
PART_COLOURS = dict(zip(PARTS, ("#5b7c99", "#e3a535", "#c8553d", "#a9b8c4", "#8f7fb8"), strict=True))
PART_LABELS = ("words", "classes", "spelling", "punctuation, line ends, other spaces", "document ends")
PART_NAMES = dict(zip(PARTS, PART_LABELS, strict=True))
BAND_COLOURS = dict(zip(BANDS, ("#b23a28", "#dd7838", "#ebb55c", "#8fb3a4", "#5b7c99", "#b4bac0"), strict=True))
BAND_LABELS = ("never seen", "seen once", "2–9 times", "10–99 times", "100 or more", "not a word")
BAND_NAMES = dict(zip(BANDS, BAND_LABELS, strict=True))
# Coarse tags of Universal Dependencies: https://universaldependencies.org/u/pos
POS_NAMES = {
    "ADJ": "adjectives", "ADP": "prepositions", "ADV": "adverbs", "AUX": "auxiliaries", "CCONJ": "coordinators",
    "DET": "determiners", "INTJ": "interjections", "NOUN": "nouns", "NUM": "numerals", "PART": "particles",
    "PRON": "pronouns", "PROPN": "names", "PUNCT": "punctuation", "SCONJ": "subordinators", "SPACE": "white space",
    "SYM": "symbols", "VERB": "verbs", "X": "other words",
}  # fmt: skip
UNFOLDED_COMPRESSORS = (("ppmd", "primed"), ("xz", "primed"))  # names and variants
VARIANTS = {"cold": "nothing seen before", "primed": "after the training text, adapting"}
PPMD_BY_DOCUMENT = "after the training text, each held-out document by itself"


def pos_name(pos: str) -> str:
    """Return the name of a part of speech; any other text stays."""
    return POS_NAMES.get(pos, pos)


def is_unfolded(baseline: Baseline) -> bool:
    """Return whether charts and the main table show a compressor."""
    return (baseline.name, baseline.variant) in UNFOLDED_COMPRESSORS


def compressor(baseline: Baseline) -> str:
    """Return the name of a compressor."""
    return f"{baseline.label} {baseline.variant}"


def meaning(baseline: Baseline) -> str:
    """Return the text that a compressor has seen."""
    return PPMD_BY_DOCUMENT if baseline.name == "ppmd_documents" else VARIANTS[baseline.variant]
