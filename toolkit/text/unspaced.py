"""Chinese and Japanese, written without spaces between words: where a word ends within a run of letters.

What finds their words for the columns of words (tagging.py) finds them here, of the text alone, so that they are the
same for every column. A text with kana is Japanese, another one Chinese. Where the segmenter of its language is not
installed, each of its characters is a word. Other scripts have spaces, or (Thai, Lao, Khmer, Burmese) marks that end a
run of letters every few characters.
"""

import re
from array import array
from collections.abc import Iterable, Sequence
from functools import lru_cache

from toolkit.text.code_points import MARK, MARKS
from toolkit.text.tagging import SEGMENTERS, Tagger, missing_segmenter, segmenter_version

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"
JAPANESE = re.compile(f"[{KANA}]")
UNSPACED = re.compile(f"[{HAN}{KANA}]")
BESIDE_UNSPACED = re.compile(rf"(?<=[{HAN}{KANA}])(?=\w)|(?<=[\w{MARKS}])(?=[{HAN}{KANA}])(?!{MARK})")
RUNS = re.compile(rf"[{HAN}{KANA}]+")
MUCH_KANA = 0.05  # of the characters of scripts without spaces; less of it may be quoted
MEMO = 512  # texts whose places are kept


def unspaced_characters(text: str) -> int:
    """How many characters of a text are of a script without spaces.

    >>> unspaced_characters("Tōkyō is 東京。")
    2
    """
    return sum(len(run) for run in RUNS.findall(text))


def language_of(text: str) -> str:
    """The language without spaces that a text is in.

    >>> language_of("漢字"), language_of("漢字かな")
    ('zh', 'ja')
    """
    kana = len(JAPANESE.findall(text))
    return "ja" if kana and kana >= MUCH_KANA * unspaced_characters(text) else "zh"


def inner_ends(text: str) -> Sequence[int]:
    """Where words end within runs of letters, ascending: n stands for the place before character n.

    Only places beside a character of a script without spaces are: there are none in other texts.

    >>> list(inner_ends("don't stop"))
    []
    """
    return found_ends(text) if UNSPACED.search(text) else ()


@lru_cache(MEMO)
def found_ends(text: str) -> Sequence[int]:
    """``inner_ends`` of a text that has a script without spaces."""
    places = array("i", (match.start() for match in BESIDE_UNSPACED.finditer(text)))  # a tenth of a list: many are kept
    language = language_of(text)
    if missing_segmenter(language):
        return places
    tokens = segmenter(language).tag_anew(text)
    ends = {place for token in tokens for place in (token.start, token.end)}
    return array("i", (place for place in places if place in ends))


def segmenters(texts: Iterable[str]) -> dict[str, str]:
    """What finds words in the texts where their script has no spaces, with its version, or that it is not installed.

    >>> segmenters(["Tōkyō"])
    {}
    """
    languages = {language_of(text) for text in texts if UNSPACED.search(text)}
    return {
        " and ".join(SEGMENTERS[language]): "not installed, so each character is a word"
        if missing_segmenter(language)
        else segmenter_version(language)
        for language in sorted(languages)
    }


@lru_cache
def segmenter(language: str) -> Tagger:
    """What finds the words of a language."""
    return Tagger(language=language, tags=False)
