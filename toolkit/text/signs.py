"""Cut long runs of signs, such as 20,000 brackets, before spaCy reads them.

spaCy strips one sign at a time from both ends of a text without spaces, and copies the rest. That takes
time that grows with the square of the length. Pieces of a run have the same tokens: each of these signs
is a token, unless it belongs to one of spaCy's special cases, and no piece ends inside one.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokenizer import Tokenizer

PIECE_CHARACTERS = 100
UNSPACED = re.compile(rf"\S{{{4 * PIECE_CHARACTERS},}}")  # a text without spaces that is worth cutting
# Brackets and signs of which spaCy has no rule for two together, as it has for quotes and dots.
PLAIN = re.escape("()[]{}<>!?,#")
AFFIX, LAST_AFFIX = re.compile(r"[\W_]+"), re.compile(r"[\W_]+\Z")
SIGNS, LAST_SIGNS = re.compile(rf"[{PLAIN}]+"), re.compile(rf"[{PLAIN}]+\Z")


def bounds(text: str, tokenizer: "Tokenizer") -> list[int]:
    """Return where pieces of a text begin and end. Tokens of the pieces are tokens of the text."""
    cuts = [0]
    for unspaced in UNSPACED.finditer(text):
        if tokenizer.token_match and tokenizer.token_match(unspaced[0]):
            continue
        start, end = unspaced.span()
        middle_start, middle_end = middle(unspaced[0], tokenizer)
        if has_few_signs(unspaced[0][middle_start:middle_end]):
            cuts += cuts_of_run(text, start, start + middle_start, tokenizer)
            cuts += cuts_of_run(text, start + middle_end, end, tokenizer)
    return sorted({*cuts, len(text)})


def middle(unspaced: str, tokenizer: "Tokenizer") -> tuple[int, int]:
    """Return start and end of a text without the signs at both ends that spaCy strips alone."""
    leading = SIGNS.match(unspaced)
    start = plain_length(leading[0], tokenizer) if leading else 0
    trailing = LAST_SIGNS.search(unspaced, start)
    length = plain_length(trailing[0][::-1], tokenizer) if trailing else 0
    return start, len(unspaced) - length


def has_few_signs(text: str) -> bool:
    """Return whether a text has so few signs at its ends that the signs kept around it outlast them."""
    leading, trailing = AFFIX.match(text), LAST_AFFIX.search(text)
    return all(len(signs[0]) < PIECE_CHARACTERS // 4 for signs in (leading, trailing) if signs)


def plain_length(signs: str, tokenizer: "Tokenizer") -> int:
    """Return how many signs at the beginning are each stripped alone."""
    stops = (place for place, sign in enumerate(signs) if not is_plain(tokenizer, sign))
    return next(stops, len(signs))


def cuts_of_run(text: str, first: int, last: int, tokenizer: "Tokenizer") -> Iterator[int]:
    """Yield places in a run of signs, some pieces away from its ends and outside special cases."""
    most = longest_special_case(tokenizer)
    place = first + PIECE_CHARACTERS
    while place < last - PIECE_CHARACTERS:
        beside = text[place - most : place + most]
        if is_between_cases(tokenizer, beside, min(most, place)):
            yield place
            place += PIECE_CHARACTERS
        else:
            place += 1


@cache
def is_plain(tokenizer: "Tokenizer", sign: str) -> bool:
    """Return whether spaCy strips a sign alone from either end, and from a run of the same sign."""
    ends = (tokenizer.find_prefix, tokenizer.find_suffix)
    return all(find(sign * length) == 1 for find in ends for length in (1, 2, 3, 6))


@cache
def longest_special_case(tokenizer: "Tokenizer") -> int:
    """Return the number of characters of the longest special case."""
    return max(map(len, tokenizer.rules), default=1)


@cache
def is_between_cases(tokenizer: "Tokenizer", text: str, place: int) -> bool:
    """Return whether no special case stands across a place in a text."""
    for case in tokenizer.rules:
        start = text.find(case, max(0, place - len(case) + 1))
        if 0 <= start < place < start + len(case):
            return False
    return True
