"""Python's regular expressions in JavaScript: the same matches, or a refusal."""

import re

import pytest

from tests.report.living import in_node, needs_node
from toolkit.text import javascript
from toolkit.text.javascript import UntranslatableError, tokenizer_rules, translated

PATTERNS = [
    r"\w+", r"\W+", r"[\w.-]+", r"[^\w]", r"\d{2,}|\d{,1}x", r"\s", r"[\s,]", r"\S\S", r".", r"a\!b|\-|\'", r"[+\-\*^]",
    r"(?<=[0-9])\+", r"(?:\$|US\$)$", r"[\u00A1-\u00bf\U0001F600-\U0001F64F]", r"x{y}|]", r"[]x[]", r"\bé\w*\b",
    r"(?u)^(?:a|b)(?!c)", r"(?P<n>a)(?=b)",
]  # fmt: skip
TEXT = "Été, é1 x{y} ]x[ 12+ 5US$ a!b -'. ab ac 😀 ¿¡\x1c\x85\u00a0\ufeff\n\r… _٣ ½ US$"


@needs_node
def test_matches_are_the_same(tmp_path):
    patterns = [pattern for pattern in PATTERNS if "?P" not in pattern]
    sources = [translated(re.compile(pattern)) for pattern in patterns]
    call = "value.sources.map((pair) => [...value.text.matchAll(new RegExp(pair[0], pair[1] + 'g'))].map(([m]) => m))"
    found = in_node(call, {"sources": sources, "text": TEXT}, tmp_path)
    for pattern, here in zip(patterns, found, strict=True):
        assert here == [match[0] for match in re.finditer(pattern, TEXT)], pattern


@pytest.mark.parametrize("pattern", [r"(?P<n>a)", r"a++", r"(?>a)", r"a\Z", r"(?#x)a", r"[\W]", r"(a)\1"])
def test_what_means_something_else_there_is_refused(pattern):
    with pytest.raises(UntranslatableError):
        translated(re.compile(pattern))


def test_other_flags_are_refused():
    assert translated(re.compile("a", re.IGNORECASE)) == ("a", "iu")
    with pytest.raises(UntranslatableError, match="flags"):
        translated(re.compile("a", re.VERBOSE))


def test_a_tokenizer_that_is_not_made_of_rules_is_refused():
    with pytest.raises(UntranslatableError, match="Wrapped, which is not made of rules"):
        tokenizer_rules(type("Wrapped", (), {})())


def test_what_follows_an_escape_is_not_copied(monkeypatch):
    """The exceptions of French have a million characters and thousands of escapes: it took nine seconds."""
    given, right = [], javascript.escaped
    monkeypatch.setattr(javascript, "escaped", lambda rest, **named: given.append(len(rest)) or right(rest, **named))
    assert translated(re.compile(r"[\-]\U0001F600" + "é" * 100)) == ("[\\-]\\u{1f600}" + "é" * 100, "u")
    assert given == [9, 9]
