"""What every page is made with: its frame, which loads nothing, and how values are put into it."""

import base64
import gzip
import hashlib
import json
import math
import re
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup, escape

from toolkit import __version__
from toolkit.report import charts
from toolkit.results import text as numbers
from toolkit.results.contrasts import sentence

TEMPLATES = Path(__file__).parent / "templates"
SCRIPTS = ("script.js", "explorer.js", "tables.js", "blind.js")
HEADLINE = re.compile(  # of an answer, in which names of columns stand between backquotes
    r"(?P<head>(?:`[^`]*`|[^`(:])*?)(?: (?P<others>\((?:`[^`]*`|[^`()])*\)))?: (?P<rest>.*)", re.DOTALL
)
VISIBLE = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})


@cache
def environment(*folders: Path) -> jinja2.Environment:
    """Templates of the folders and the frame; every value is escaped, and an unknown name is an error."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, TEMPLATES, TEMPLATES.parent]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {
        name: getattr(numbers, name)
        for name in (
            "byte_count",
            "count",
            "decimals",
            "duration",
            "listing",
            "p_value",
            "percent",
            "seconds",
            "signed",
        )
    }
    templates.filters |= {
        "cut": cut,
        "visible": visible,
        "spaced": spaced,
        "coded": coded,
        "sentence": sentence,
    }
    templates.filters |= {"headed": headed, "unbroken": unbroken, "whole_words": whole_words}
    templates.globals["plural"] = numbers.plural
    return templates


def frame(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What base.html.j2 needs around a page whose scripts read ``payload``: style, scripts, and which may run."""
    script = "".join(map(_text, SCRIPTS))
    return bare() | {
        "payload": embedded_json(payload),
        "script": Markup(script),
        "vega": packed(charts.javascript()),
        "policy": f"{_digest(charts.javascript())} {_digest(script)}",
    }


def bare() -> dict[str, Any]:
    """What base.html.j2 needs around a page without scripts."""
    return {"style": Markup(_text("style.css")), "version": __version__, "policy": "'none'"}


@cache
def packed(script: str) -> str:
    """A script that the page's own script unpacks (script.js), in less than half of its bytes: gzip, as base64."""
    return base64.b64encode(gzip.compress(script.encode("utf-8"), mtime=0)).decode("ascii")


def _text(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _digest(script: str) -> str:
    """The script's name in a content security policy: the browser runs only these scripts."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def cut(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis.

    >>> cut("lantern", 4)
    'lan…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"


def coded(text: str) -> Markup:
    """The text with what stands in backquotes as code.

    >>> coded("Use `word:pos` <now>")
    Markup('Use <code>word:pos</code> &lt;now&gt;')
    """
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def headed(text: str) -> Markup:
    """An answer with what it comes to as a headline: what stands before its first colon; smaller, what is in brackets.

    >>> print(headed("Use `word:pos` (or `a (2)`): it needs less."))
    <strong>Use <code>word:pos</code> <small>(or <code>a (2)</code>).</small></strong> It needs less.
    >>> print(headed("Nothing is told: equal."), headed("One column."))
    <strong>Nothing is told.</strong> Equal. <strong>One column.</strong>
    """
    match = HEADLINE.fullmatch(text)
    if match is None:
        return Markup("<strong>{}</strong>").format(coded(text))
    others = Markup(" <small>{}.</small>").format(coded(match["others"])) if match["others"] else "."
    rest = match["rest"][:1].upper() + match["rest"][1:]
    return Markup("<strong>{}{}</strong> {}").format(coded(match["head"]), others, coded(rest))


def whole_words(command: str) -> Markup:
    """A command whose words stay on one line each where they fit: a browser breaks lines after any hyphen.

    >>> print(whole_words("toolkit --seeds 3"))
    <span class="word">toolkit</span> <span class="word">--seeds</span> <span class="word">3</span>
    """
    return Markup(" ").join(Markup('<span class="word">{}</span>').format(word) for word in command.split(" "))


def unbroken(text: str) -> str:
    """The text with no line end between a number and its unit or sign, or around ±.

    >>> unbroken("0.1 ± 0.2 in 95 % of 3 seeds, × 1.5").replace("\\xa0", "~")
    '0.1~±~0.2 in 95~% of 3~seeds, ×~1.5'
    """
    return re.sub(r"(?<=\d) (?=(?:s|%|seeds?)(?!\w))| (?=± )|(?<=[±×]) ", "\xa0", text)


def visible(text: str) -> str:
    """The text with a sign for each space, tab and line end, if it is only white space.

    >>> visible(" \\n"), visible("New York")
    ('␣↵', 'New York')
    """
    return text.translate(VISIBLE) if text.isspace() else text


def spaced(text: str) -> str:
    """The text with a sign for every space, tab and line end: for strings whose white space matters.

    >>> spaced(" the\\n")
    '␣the↵'
    """
    return text.translate(VISIBLE)


def finite(value: Any) -> Any:
    """The same structure with None for numbers that JSON cannot hold."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {key: finite(item) for key, item in value.items()}
    return [finite(item) for item in value] if isinstance(value, list | tuple) else value


def embedded_json(value: Any) -> Markup:
    """JSON that is safe in a script element: no character can end the element or begin a comment.

    >>> embedded_json({"a": "</script>"})
    Markup('{"a":"\\\\u003c/script\\\\u003e"}')
    """
    dumped = partial(json.dumps, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    try:
        text = dumped(value)
    except ValueError:  # NaN or infinity; to look for them takes longer than all else, and nearly always there are none
        text = dumped(finite(value))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def flattened(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested settings as dotted keys and their values as text.

    >>> flattened({"a": {"b": 1}, "c": [2, 3]})
    [('a.b', '1'), ('c', '[2, 3]')]
    """
    pairs: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            pairs += flattened(value, f"{prefix}{key}.")
        else:
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            pairs.append((f"{prefix}{key}", cut(shown, 500)))
    return pairs
