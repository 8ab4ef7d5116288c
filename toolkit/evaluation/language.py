"""Whether the language that is given fits the text, and whether what columns call words are words: sentences if not."""

from collections import Counter
from collections.abc import Iterable, Sequence

from toolkit.evaluation.metrics.words import folded, listed_words
from toolkit.results.cell import Cell
from toolkit.results.inspection import InspectedColumn
from toolkit.text.combining import without_marks
from toolkit.text.corpus import Document
from toolkit.text.excerpt import fitting
from toolkit.text.neutral import words
from toolkit.text.tagging import SEGMENTERS, missing_segmenter
from toolkit.text.unspaced import language_of, unspaced_characters

MUCH = 0.2  # of a text's letters, in a script without spaces: worth a sentence
FREQUENT = 100  # most frequent words that are looked up
PER_MILLION = 10.0  # a word of the language if it is at least as frequent in it
FEW = 0.5  # of the frequent words
SHORT = 1.5  # characters per word token: below it, "words" are characters


def language_warnings(documents: Sequence[Document], language: str) -> list[str]:
    """What is wrong with the language, given the training documents, of which an excerpt is read if they are long."""
    read = fitting(documents)
    text = "\n\n".join(document.text for document in read)
    found = [*without_spaces(text, language)]
    return found or [*other_words(read, language)]


def without_spaces(text: str, language: str) -> Iterable[str]:
    """Whether a text in a script without spaces has another language, or no segmenter."""
    letters = sum(map(str.isalpha, text))
    share = unspaced_characters(text) / letters if letters else 0.0
    if share < MUCH:
        return
    found = language_of(text)
    if language not in SEGMENTERS:
        yield (
            f"{share:.0%} of the letters are of a script without spaces between words, but the language is "
            f"{language!r}: columns of words take a clause for a word; give --language {found}."
        )
    if command := missing_segmenter(found):
        yield (
            f"{share:.0%} of the letters are of a script without spaces between words, and what finds words in it is "
            f"not installed: word perplexity, coverage and all other figures of words count each character as a word; "
            f"run {command}."
        )


def other_words(documents: Sequence[Document], language: str) -> Iterable[str]:
    """Whether few of the most frequent words of the documents are the language's, by wordfreq, if it has a list."""
    listed = listed_words(language, "small", PER_MILLION)
    written = (word for document in documents for word in words(document.text))
    counts = Counter(folded(word, language) for word in written if without_marks(word).isalpha())
    frequent = [word for word, _ in counts.most_common(FREQUENT)]
    known = sum(word in listed for word in frequent)
    if listed and len(frequent) == FREQUENT and known < FEW * FREQUENT:
        yield (
            f"Only {known} of the {FREQUENT} most frequent words of the text are among the common words of the "
            f"language {language!r}: parts of speech, the cut into words and all else that depends on the language "
            f"may be wrong; give the text's language with --language, or, where spaCy has no tagger for it, columns "
            f"that need none, such as word:unk."
        )


def characters_as_words(columns: Iterable[Cell | InspectedColumn]) -> list[str]:
    """A sentence for each of the columns of words whose word tokens are hardly longer than a character."""
    of_words = {column.column: column.coverage for column in columns if column.strategy is not None}
    return [
        f"A word token of {name} has {coverage.characters_per_word_token:.1f} characters: these “words” are "
        f"characters. Give the text's language with --language, or a spaCy model that cuts it into words with "
        f"--spacy-model."
        for name, coverage in of_words.items()
        if coverage.characters_per_word_token is not None and coverage.characters_per_word_token < SHORT
    ]
