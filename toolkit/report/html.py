"""The frame of every page, which loads nothing, and the filters that put values into templates."""

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import vl_convert
from markupsafe import Markup
from pydantic_core import to_json

from toolkit.environment import VERSION
from toolkit.results import sentences
from toolkit.results.text import cut

REPORT = Path(__file__).parent
SCRIPTS = ("script.js", "explorer.js", "tables.js", "blind.js")
VISIBLE = str.maketrans({" ": "␣", "\n": "↵", "\t": "⇥"})


@cache
def environment(*folders: Path) -> jinja2.Environment:
    """Return the templates of these folders and of the report; they escape every value, and reject unknown names."""
    templates = sentences.environment(*folders, REPORT / "templates", REPORT, autoescape=True)
    templates.filters |= {f.__name__: f for f in (moment, spaced, unbroken, visible, whole_words)}
    return templates


def frame(payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return the style and scripts of base.html.j2 for a page whose scripts read ``payload``."""
    script, vega = "".join(map(_template_text, SCRIPTS)), vega_script()
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (vega, script))
    return {
        "style": Markup(_template_text("style.css")),
        "version": VERSION,
        "payload": embedded_json(payload),
        "script": Markup(script),
        "vega": base64.b64encode(gzip.compress(vega.encode(), mtime=0)).decode(),  # script.js unpacks it
        "policy": " ".join(f"'sha256-{digest}'" for digest in digests),  # the browser runs only these
    }


def _template_text(name: str) -> str:
    return (REPORT / "templates" / name).read_text(encoding="utf-8")


@cache
def vega_script() -> str:
    """Return Vega, Vega-Lite and Vega-Embed (BSD 3-Clause) in one script that sets ``vegaEmbed``."""
    newest = vl_convert.get_vegalite_versions()[-1]
    return str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=newest))


def moment(created: str) -> str:
    """Return a moment in ISO 8601 as "14 November 2026, 09:41 UTC", and any other text as it is."""
    try:
        parsed = datetime.fromisoformat(created)
    except ValueError:
        return cut(created, 40)
    return f"{parsed.day} {parsed:%B %Y, %H:%M} {parsed.tzname() or ''}".strip()


def whole_words(command: str) -> Markup:
    """Return a command whose words stay on one line each where they fit: browsers break lines after any hyphen."""
    return Markup(" ").join(Markup('<span class="word">{}</span>').format(word) for word in command.split(" "))


def unbroken(text: str) -> str:
    """Return the text with no line end between a number and its unit or sign, or around ±.

    >>> unbroken("0.1 ± 0.2 in 95 % of 3 seeds, × 1.5").replace("\\xa0", "~")
    '0.1~±~0.2 in 95~% of 3~seeds, ×~1.5'
    """
    return re.sub(r"(?<=\d) (?=(?:s|%|seeds?)(?!\w))| (?=± )|(?<=[±×]) ", "\xa0", text)


def spaced(text: str) -> str:
    """Return the text with a sign for every space, tab and line end."""
    return text.translate(VISIBLE)


def visible(text: str) -> str:
    """Return white space as signs, and any other text as it is."""
    return spaced(text) if text.isspace() else text


def embedded_json(value: Any) -> Markup:
    """Return JSON that cannot end a script element or begin a comment in it; NaN and infinity become null."""
    text = to_json(value, inf_nan_mode="null").decode()
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)


def flattened(settings: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Return nested settings as dotted keys and their values as text."""
    pairs: list[tuple[str, str]] = []
    for key, value in settings.items():
        if isinstance(value, Mapping) and value:
            pairs += flattened(value, f"{prefix}{key}.")
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
            pairs.append((f"{prefix}{key}", cut(text, 500)))
    return pairs
