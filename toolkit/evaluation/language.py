"""Warnings where the given language does not fit the text, or no segmenter finds the words of its script."""

from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.evaluation.metrics.realness import common_words, folded
from toolkit.results.cell import Cell
from toolkit.results.conclusions import Warning
from toolkit.results.inspection import InspectedColumn
from toolkit.text.combining import without_marks
from toolkit.text.corpus import Document
from toolkit.text.excerpt import fitting
from toolkit.text.neutral import words
from toolkit.text.tagging import SEGMENTERS, missing_segmenter
from toolkit.text.unspaced import language_of, unspaced_characters

UNSPACED_SHARE = 0.2  # of a text's letters, in a script without spaces between words: worth a warning
FREQUENT = 100  # most frequent words that are looked up
PER_MILLION = 10.0  # a word of the language is at least this frequent in it
KNOWN_SHARE = 0.5  # of the frequent words; fewer known ones are worth a warning
SHORT_WORD = 1.5  # characters per word token: shorter "words" are characters


def language_warnings(documents: Sequence[Document], language: str) -> list[Warning]:
    """Return what is wrong with the language of the training documents, of which an excerpt is read if they are long.

    A language does not fit a script without spaces that it is not written in, nor a text with few of its common words
    (by wordfreq, if it lists the language).
    """
    read = fitting(documents)
    text = "\n\n".join(document.text for document in read)
    letters = sum(map(str.isalpha, text))
    if letters and unspaced_characters(text) / letters >= UNSPACED_SHARE:
        command = missing_segmenter(language_of(text))
        warnings = [] if language in SEGMENTERS else [Warning(kind="language", columns=[], value=language)]
        return warnings + ([Warning(kind="characters_as_words", columns=[], value=command)] if command else [])
    listed = common_words(language, PER_MILLION)
    written = (word for document in read for word in words(document.text))
    counts = Counter(folded(word, language) for word in written if without_marks(word).isalpha())
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    known = sum(word in listed for word in frequent)
    if listed and len(frequent) == FREQUENT and known < KNOWN_SHARE * FREQUENT:
        return [Warning(kind="language", columns=[], value=language)]
    return []


def characters_as_words(columns: Iterable[Cell | InspectedColumn]) -> list[Warning]:
    """Return a warning for each column of words whose word tokens are hardly longer than a character."""
    lengths = {one.column: one.coverage.characters_per_word_token for one in columns if one.strategy is not None}
    return [
        Warning(kind="characters_as_words", columns=[name], value=length)
        for name, length in lengths.items()
        if length is not None and length < SHORT_WORD
    ]
