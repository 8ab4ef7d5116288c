"""The ends of words within runs of letters in Chinese and Japanese, which have no spaces between words.

The segmenter of the columns of words (tagging.py) finds the ends, from the text alone, so that they are the same for
every column. A text with kana is Japanese, another one Chinese. If the segmenter is not installed, each character is a
word. Other scripts have spaces, or (Thai, Lao, Khmer, Burmese) marks that end a run of letters every few characters.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from toolkit.text.code_points import MARK, MARKS
from toolkit.text.tagging import SEGMENTERS, Tagger, missing_segmenter, segmenter_version

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KANA = "\u3041-\u309f\u30a1-\u30ff\u31f0-\u31ff\uff66-\uff9f"
JAPANESE = re.compile(f"[{KANA}]")
UNSPACED = re.compile(f"[{HAN}{KANA}]")
BESIDE_UNSPACED = re.compile(rf"(?<=[{HAN}{KANA}])(?=\w)|(?<=[\w{MARKS}])(?=[{HAN}{KANA}])(?!{MARK})")
MIN_KANA_SHARE = 0.05  # of the characters of scripts without spaces; less of it may be quoted


def unspaced_characters(text: str) -> int:
    """Return how many characters of a text are of a script without spaces.

    >>> unspaced_characters("Tōkyō is 東京。")
    2
    """
    return len(UNSPACED.findall(text))


def language_of(text: str) -> str:
    """Return the language without spaces that a text is in.

    >>> language_of("漢字"), language_of("漢字かな")
    ('zh', 'ja')
    """
    kana = len(JAPANESE.findall(text))
    return "ja" if kana and kana >= MIN_KANA_SHARE * unspaced_characters(text) else "zh"


def inner_ends(text: str) -> Sequence[int]:
    """Return where words end within runs of letters, ascending: n is the place before character n.

    All places are beside a character of a script without spaces, so other texts have none.

    >>> list(inner_ends("don't stop"))
    []
    """
    places = [match.start() for match in BESIDE_UNSPACED.finditer(text)] if UNSPACED.search(text) else []
    language = language_of(text) if places else ""
    if not places or missing_segmenter(language):
        return places
    tokens = segmenter(language).tag(text).at
    ends = {*tokens["start"].tolist(), *tokens["end"].tolist()}
    return [place for place in places if place in ends]


def segmenters(texts: Iterable[str]) -> dict[str, str]:
    """Return the segmenters of the texts' scripts without spaces, with their versions, or that they are missing.

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


@cache
def segmenter(language: str) -> Tagger:
    """Return the tagger that only cuts a language into words."""
    return Tagger(language=language, tags=False)
