"""Sentences from the templates of this folder, without markup."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from toolkit.results import text


@cache
def _templates() -> jinja2.Environment:
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    templates.filters |= {name: value for name, value in vars(text).items() if hasattr(value, "__code__")}
    return templates


def say(file: str, macro: str, **facts: Any) -> str:
    """Render a macro of a template in this folder, with line ends and repeated spaces collapsed."""
    words = str(getattr(_templates().get_template(file).module, macro)(**facts))
    return re.sub(r"[ \n]+", " ", words).strip()
