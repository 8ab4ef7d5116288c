r"""Neutral words: the words of the text itself, the same for every tokenizer.

A neutral word is ``\w+(?:['’]\w+)*``, with the combining marks on its letters and the single space directly before it,
if there is one. Words keep their case: *The* and *the* are different words. In scripts without spaces between words,
the language's segmenter cuts each run of letters into words.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

from toolkit.results.bits import BANDS
from toolkit.text.code_points import MARK, MARKS
from toolkit.text.corpus import Document, characters
from toolkit.text.tagging import SEGMENTERS, Tagger, missing_segmenter, segmenter_version

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"
JAPANESE = re.compile(f"[{KANA}]")
UNSPACED = re.compile(f"[{HAN}{KANA}]")
BESIDE_UNSPACED = re.compile(rf"(?<=[{HAN}{KANA}])(?=\w)|(?<=[\w{MARKS}])(?=[{HAN}{KANA}])(?!{MARK})")
MIN_KANA_SHARE = 0.05  # of the characters of scripts without spaces; less of it may be quoted
LETTERS = rf"\w+(?:(?:{MARK})+\w*)*"  # and the marks on them
WORD = rf"{LETTERS}(?:['’]{LETTERS})*"
LETTER_PATTERN = re.compile(r"\w")
CONTINUING_PATTERN = re.compile(rf"\w|{MARK}")
WORD_PATTERN = re.compile(WORD)
SPACED_WORD_PATTERN = re.compile(rf"(?:(?<!\s) )?{WORD}")
TOKEN_PATTERN = re.compile(rf"{WORD}|\S")
BAND_COUNTS = (1, 2, 10, 100)  # the lowest training count of each band after "0"
NOT_A_WORD = BANDS.index("not a word")

Mask = npt.NDArray[np.bool_]


def words(text: str) -> list[str]:
    """Return the neutral words of a text, without their spaces.

    >>> words("Don’t stop--the 2 moons!")
    ['Don’t', 'stop', 'the', '2', 'moons']
    """
    return [word for span in _pieces(text) for word in WORD_PATTERN.findall(text, *span)]


def tokens(text: str) -> list[str]:
    """Return neutral words and single punctuation marks: every character except white space belongs to one."""
    return [token for span in _pieces(text) for token in TOKEN_PATTERN.findall(text, *span)]


def token_spans(text: str) -> npt.NDArray[np.intp]:
    """Return where each token starts and ends (tokens, 2)."""
    matches = chain.from_iterable(TOKEN_PATTERN.finditer(text, *span) for span in _pieces(text))
    bounds = chain.from_iterable(match.span() for match in matches)
    return np.fromiter(bounds, np.intp).reshape(-1, 2)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of the pieces of a text, which is cut where words end within runs of letters."""
    return pairwise((0, *inner_ends(text), len(text)))


def runs(text: str) -> list[tuple[int, int]]:
    """Return start and end of each run of letters, one or several words, with the single space directly before it."""
    return [match.span() for match in SPACED_WORD_PATTERN.finditer(text)]


def in_words(text: str) -> Mask:
    """Return which characters (n,) are in a neutral word, or the single space directly before one."""
    changes = np.zeros(len(text) + 1, np.int8)
    starts, ends = np.array(runs(text), np.intp).reshape(-1, 2).T
    changes[starts] += 1
    changes[ends] -= 1
    return changes[:-1].cumsum() > 0


def word_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and word of each neutral word. The span includes the single space directly before it.

    >>> list(word_spans("a bee,  sea"))
    [(0, 1, 'a'), (1, 5, 'bee'), (8, 11, 'sea')]
    """
    inner = inner_ends(text)
    for start, end in runs(text):
        first = start + (text[start] == " ")
        for word_end in (*inner[bisect_right(inner, first) : bisect_left(inner, end)], end):
            yield start, word_end, text[first:word_end]
            start = first = word_end


def goes_on(text: str) -> bool:
    r"""Return whether a text continues a word before it: it begins with a character of ``\w``, or with a mark."""
    return CONTINUING_PATTERN.match(text) is not None


def training_counts(documents: Iterable[Document]) -> Counter[str]:
    """Return how often each neutral word occurs in the training documents."""
    return Counter(word for document in documents for word in words(document.text))


def band(count: int) -> str:
    """Return the frequency band of a word that occurs ``count`` times in training."""
    return BANDS[bisect_right(BAND_COUNTS, count)]


def bands_of(text: str, counts: Mapping[str, int]) -> npt.NDArray[np.int8]:
    """Return the position in ``BANDS`` (n,) of each character's neutral word, or of "not a word"."""
    positions = np.full(len(text), NOT_A_WORD, np.int8)
    for start, end, word in word_spans(text):
        positions[start:end] = bisect_right(BAND_COUNTS, counts.get(word, 0))
    return positions


def unspaced_characters(text: str) -> int:
    """Return how many characters of a text are of a script without spaces."""
    return len(UNSPACED.findall(text))


def language_of(text: str) -> str:
    """Return the language without spaces that a text is in."""
    kana = len(JAPANESE.findall(text))
    return "ja" if kana and kana >= MIN_KANA_SHARE * unspaced_characters(text) else "zh"


def inner_ends(text: str) -> Sequence[int]:
    """Return where words end within runs of letters, ascending: n is the place before character n.

    All places are beside a character of a script without spaces, so other texts have none.
    """
    places = [match.start() for match in BESIDE_UNSPACED.finditer(text)] if UNSPACED.search(text) else []
    language = language_of(text) if places else ""
    if not places or missing_segmenter(language):
        return places
    tokens = segmenter(language).tag(text).at
    ends = {*tokens["start"].tolist(), *tokens["end"].tolist()}
    return [place for place in places if place in ends]


def segmenters(texts: Iterable[str]) -> dict[str, str]:
    """Return the segmenters of the texts' scripts without spaces, with their versions, or that they are missing."""
    languages = {language_of(text) for text in texts if UNSPACED.search(text)}
    return {
        " and ".join(SEGMENTERS[language]): "not installed, so each character is a word"
        if missing_segmenter(language)
        else segmenter_version(language)
        for language in sorted(languages)
    }


@cache
def segmenter(language: str) -> Tagger:
    """Return the tagger that only cuts a language into words."""
    return Tagger(language=language, tags=False)


@dataclass(frozen=True)
class Census:
    """The counts of tokens in documents."""

    documents: int
    characters: int
    counts: Counter[str]  # occurrences of each token
    spread: Counter[str]  # documents with it

    @property
    def tokens(self) -> int:
        """The number of tokens."""
        return self.counts.total()

    @property
    def types(self) -> int:
        """The number of different tokens."""
        return len(self.counts)

    @property
    def hapaxes(self) -> int:
        """The number of types that occur once."""
        return sum(count == 1 for count in self.counts.values())

    @property
    def words(self) -> int:
        """The number of tokens that are words."""
        return sum(count for token, count in self.counts.items() if LETTER_PATTERN.match(token))

    @property
    def in_one_document(self) -> list[int]:
        """The counts of the types that only one document has."""
        return [count for token, count in self.counts.items() if self.spread[token] == 1]


def census(documents: Sequence[Document]) -> Census:
    """Return the census of the documents, each read once."""
    counts, spread = Counter[str](), Counter[str]()
    for document in documents:
        in_document = Counter(tokens(document.text))
        counts.update(in_document)
        spread.update(in_document.keys())
    return Census(len(documents), characters(documents), counts, spread)
