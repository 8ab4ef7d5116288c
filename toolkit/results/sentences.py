"""Renders the fixed sentences of templates beside this file: with markup on pages, without it elsewhere."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from toolkit.results import text

FOLDER = Path(__file__).parent
FILTERS = (
    "amount", "byte_count", "count", "decimals", "duration", "listing", "p_value", "percent", "perplexity",
    "rounded_count", "seconds", "signed",
)  # fmt: skip


def environment(*folders: Path, autoescape: bool = False) -> jinja2.Environment:
    """Return templates of these folders and of this one. An unknown name is an error."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([*folders, FOLDER]),
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {name: getattr(text, name) for name in FILTERS} | {"cut": text.cut}
    templates.globals |= {"amount": text.amount, "plural": text.plural}
    return templates


@cache
def _plain() -> jinja2.Environment:
    return environment()


def say(file: str, macro: str, *arguments: Any, **facts: Any) -> str:
    """Render a macro of a template as a line of plain text.

    >>> say("sentences.j2", "step", "seeds")
    'More seeds, so that the answer is about more than these trained models'
    """
    rendered = getattr(_plain().get_template(file).module, macro)(*arguments, **facts)
    return re.sub(r"[ \n]+", " ", str(rendered)).strip()
