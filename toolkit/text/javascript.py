"""Regular expressions of Python's as JavaScript's (flag ``u``), and the rules of a spaCy tokenizer made of them.

The two languages differ in how they escape characters and in what ``\\w``, ``\\d``, ``\\s`` and ``.`` mean, which is
written out here. What cannot be translated is refused.
"""

import re
from functools import cache
from typing import Any, NamedTuple

SPACE = r"\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"  # Python's \s, within a class
CLASSES = {"w": r"\p{L}\p{N}_", "d": r"\p{Nd}", "s": SPACE}  # within a class
FLAGS_OF = {re.UNICODE.value: "u", (re.UNICODE | re.IGNORECASE).value: "iu"}
SYNTAX = r"^$\.*+?()[]{}|/"  # what JavaScript lets one escape
GROUPS = re.compile(r"\(\?(?::|=|!|<=|<!)")
FLAGS = re.compile(r"\(\?([a-zA-Z]+)\)")
QUANTIFIER = re.compile(r"\{(\d*)(,?)(\d*)\}")
HEX = re.compile(r"u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}")
LONG_HEX = re.compile(r"U([0-9a-fA-F]{8})")
LONGEST = 9  # characters after the backslash of an escape: U and eight digits; a pattern may have a million more
POSSESSIVE = re.compile(r"[*+?}]\+")


class UntranslatableError(ValueError):
    """A regular expression, or a tokenizer, that JavaScript cannot be given; the message says which part."""


class Escape(NamedTuple):
    """What an escape becomes, and how many characters it has after the backslash."""

    text: str
    length: int


@cache  # those of a language are long, and every column of words has the same
def translated(pattern: "re.Pattern[str]") -> tuple[str, str]:
    r"""The source and the flags of a pattern in JavaScript.

    A ``$`` stays as it is: it matches before a line end at the text's end in Python only, and tokens have none.
    Raises UntranslatableError if JavaScript cannot say the same.

    >>> translated(re.compile(r"(?<=[0-9])\+$|[\w\-.]\!"))
    ('(?<=[0-9])\\+$|[\\p{L}\\p{N}_\\-.]!', 'u')
    """
    if pattern.flags not in FLAGS_OF:
        raise UntranslatableError(f"a pattern with the flags {pattern.flags}")
    text, out, place = pattern.pattern, [], 0
    while place < len(text):
        step = within_class if text[place] == "[" else outside_class
        piece, place = step(text, place)
        out.append(piece)
    return "".join(out), FLAGS_OF[pattern.flags]


def outside_class(text: str, place: int) -> tuple[str, int]:
    """What stands at a place outside a class, translated, and the next place."""
    character = text[place]
    if character == "\\":
        escape = escaped(text[place + 1 : place + 1 + LONGEST], in_class=False)
        return escape.text, place + 1 + escape.length
    if (match := QUANTIFIER.match(text, place)) and (match[1] or match[3]):
        return f"{{{match[1] or 0}{match[2]}{match[3]}}}", match.end()
    if character in "{}]":
        return "\\" + character, place + 1
    if character == ".":
        return r"[^\n]", place + 1
    if POSSESSIVE.match(text, place):
        raise UntranslatableError(f"a possessive quantifier in {text[place : place + 20]!r}")
    if text.startswith("(?", place):
        if match := GROUPS.match(text, place):
            return match[0], match.end()
        if (match := FLAGS.match(text, place)) and set(match[1]) <= set("iu"):  # the pattern has them as flags
            return "", match.end()
        raise UntranslatableError(f"the group {text[place : place + 20]!r}")
    return character, place + 1


def within_class(text: str, place: int) -> tuple[str, int]:
    """The class that begins at a place, translated, and the place after it."""
    out = ["["]
    place += 1
    if text[place] == "^":
        out.append("^")
        place += 1
    first = place
    while text[place] != "]" or place == first:
        if text[place] == "\\":
            escape = escaped(text[place + 1 : place + 1 + LONGEST], in_class=True)
            out.append(escape.text)
            place += 1 + escape.length
        else:
            out.append("\\" * (text[place] in "[]") + text[place])
            place += 1
    return "".join([*out, "]"]), place + 1


def escaped(rest: str, *, in_class: bool) -> Escape:
    """What the characters after a backslash become; ``rest`` has all that the longest escape could have."""
    character = rest[0]
    if match := HEX.match(rest):
        return Escape("\\" + match[0], match.end())
    if match := LONG_HEX.match(rest):
        return Escape(f"\\u{{{int(match[1], 16):x}}}", match.end())
    if character in CLASSES:
        return Escape(CLASSES[character] if in_class else f"[{CLASSES[character]}]", 1)
    if character.lower() in CLASSES and not in_class:
        return Escape(f"[^{CLASSES[character.lower()]}]", 1)
    if character in SYNTAX or (character == "-" and in_class) or character in "ntrfv":
        return Escape("\\" + character, 1)
    if character == "b" and not in_class:
        word = f"[{CLASSES['w']}]"
        return Escape(f"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))", 1)
    if character.isalnum():
        raise UntranslatableError(f"the escape \\{character}")
    return Escape(character, 1)


def tokenizer_rules(tokenizer: Any) -> dict[str, Any]:
    """The rules of a spaCy tokenizer as JSON values: its patterns, and its exceptions with the texts of their tokens.

    Raises UntranslatableError if it is not spaCy's own, or a pattern cannot be translated.
    """
    from spacy.symbols import ORTH
    from spacy.tokenizer import Tokenizer

    if type(tokenizer) is not Tokenizer:
        raise UntranslatableError(f"the tokenizer {type(tokenizer).__name__}, which is not made of rules")
    names = ("prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match")
    strings = tokenizer.vocab.strings
    rules = {
        text: [token.get(ORTH) or token.get(strings.as_string(ORTH)) or token["ORTH"] for token in tokens]
        for text, tokens in tokenizer.rules.items()
    }
    return {name: of_method(getattr(tokenizer, name)) for name in names} | {
        "rules": rules,
        "faster_heuristics": bool(tokenizer.faster_heuristics),
    }


def of_method(method: Any) -> tuple[str, str] | None:
    """The translated pattern whose method this is; None if there is no method."""
    if method is None:
        return None
    pattern = getattr(method, "__self__", None)
    if not isinstance(pattern, re.Pattern):
        raise UntranslatableError(f"{method!r}, which is no regular expression")
    return translated(pattern)
