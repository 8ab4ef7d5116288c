"""spaCy's tokens of text with very long words, in linear time.

spaCy cuts one prefix and one suffix from a word at a time, and searches the whole
rest each time. Of thousands of brackets, that takes minutes. Here, the search sees
only a window at each end of the rest. The tokens are the same.
"""

import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from spacy.tokenizer import Tokenizer

MIN_CHARACTERS = 200  # of a long word; spaCy is as fast with shorter ones
LONG_WORD = re.compile(rf"\S{{{MIN_CHARACTERS}}}")
MIN_WINDOW_CHARACTERS = 64
DOTS = r"\.\.+"  # the only rule without a limit that most languages have
ATOM = re.compile(r"\\(?:u.{4}|U.{8}|.)|\[(?:\\.|[^\]\\])*\]", re.DOTALL)
PLACE = re.compile("")
Search = Callable[[str], Any] | None  # a rule of spaCy


@cache
def linear_tokenizer(tokenizer: Tokenizer) -> Tokenizer:
    """Return a tokenizer with the same tokens that cuts long words in linear time.

    It presents a long word to spaCy as a word without affixes, and the ends of its
    tokens as infixes. spaCy then joins tokens to special cases, such as emoticons.
    """
    long_words = LongWords(tokenizer)  # first, since all rules have to be loaded last
    limit = long_words.limit

    def of_short(search: Search) -> Search:
        return search and (lambda text: search(text) if len(text) <= limit else None)

    def infixes(text: str) -> Any:
        if len(text) > limit:
            return [PLACE.match(text, end) for end in long_words.ends(text)]
        return tokenizer.find_infix(text) or ()

    return Tokenizer(
        tokenizer.vocab,
        tokenizer.rules,
        of_short(tokenizer.prefix_search),
        of_short(tokenizer.suffix_search),
        infixes,
        of_short(tokenizer.token_match),
        of_short(tokenizer.url_match),
        tokenizer.faster_heuristics,
    )


class LongWords:
    """The tokens of long words, before spaCy joins tokens that are a special case.

    ``limit`` is the most characters of a word that is not long.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        all_rules = tokenizer.rules.items()
        rules = {text: rule for text, rule in all_rules if " " not in text}
        self.tokenizer = tokenizer
        self.limit = max(MIN_CHARACTERS - 1, *map(len, tokenizer.rules), 0)
        self.prefix_window = window(tokenizer.prefix_search)
        self.suffix_window = window(tokenizer.suffix_search)

        # spaCy joins tokens to a special case only if a rule cuts the case. It never
        # asks the rules about a word that is a special case.
        def without_rules(search: Search) -> Search:
            return search and (lambda text: None if text in rules else search(text))

        self.unjoined = Tokenizer(
            tokenizer.vocab,
            rules,
            without_rules(tokenizer.prefix_search),
            without_rules(tokenizer.suffix_search),
            lambda text: () if text in rules else tokenizer.find_infix(text) or (),
            tokenizer.token_match,
            tokenizer.url_match,
        )

    def ends(self, word: str) -> list[int]:
        """Return the ends of the tokens of a word, as spaCy cuts it.

        The last affixes are left to spaCy, since a special case may remain.
        """
        start, end = 0, len(word)
        prefix_ends, suffix_starts = list[int](), list[int]()
        is_token = self.tokenizer.token_match or (lambda _: None)
        while not is_token(word[start:end]):
            prefix = self._prefix(word, start, end)
            suffix = self._suffix(word, start + prefix, end)
            affixes = prefix + suffix
            if not affixes or end - start - affixes <= self.limit:
                break
            start, end = start + prefix, end - suffix
            prefix_ends.append(start)
            suffix_starts.append(end)
        tokens = self.unjoined(word[start:end])
        token_ends = [start + token.idx + len(token) for token in tokens]
        return [*prefix_ends, *token_ends, *reversed(suffix_starts), len(word)]

    def _prefix(self, word: str, start: int, end: int) -> int:
        size, length = self.prefix_window, end - start
        head = word[start : start + min(size, length)]
        while (prefix := self.tokenizer.find_prefix(head)) == size < length:
            size *= 2
            head = word[start : start + min(size, length)]
        return int(prefix)

    def _suffix(self, word: str, start: int, end: int) -> int:
        size, length = self.suffix_window, end - start
        tail = word[end - min(size, length) : end]
        while (suffix := self.tokenizer.find_suffix(tail)) == size < length:
            size *= 2
            tail = word[end - min(size, length) : end]
        return int(suffix)


def window(search: Search) -> int:
    """Return the characters at an end of a word that decide which affix it has there.

    Runs of dots may be longer. ``sys.maxsize`` if the pattern has other repetitions.
    """
    pattern = getattr(getattr(search, "__self__", None), "pattern", "+")
    atoms = ATOM.sub("a", pattern.replace(DOTS, "a"))
    if re.search(r"[*+{]", atoms):
        return sys.maxsize
    return max(MIN_WINDOW_CHARACTERS, 2 * max(map(len, atoms.split("|"))))
