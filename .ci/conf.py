"""The site: ``sphinx-build -W -c .ci . OUT``. It has the Markdown pages, and a reference generated from the program."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import typer
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from typer.cli import get_docs_for_click

import toolkit
from toolkit.cli import app
from toolkit.config import CompareSettings
from toolkit.results.comparison import Comparison

project = "toolkit"
author = copyright = "the toolkit authors"
release = toolkit.__version__
root_doc = "toolkit/docs/index"
include_patterns = ["README.md", "reports/README.md", "toolkit/docs/**.md"]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3  # links end in the names that GitHub gives to headings
html_theme = "furo"
html_title = f"toolkit {release}"
html_theme_options = {"top_of_page_buttons": []}
html_copy_source = False
html_use_index = False
ACCESSIBLE = {  # what the theme's pages lack
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="On this page">',
    "<pre>": '<pre tabindex="0">',
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
}


def commands() -> str:
    """All commands with their options."""
    command = typer.main.get_command(app)
    context = command.context_class(command, info_name="toolkit")
    return "## " + get_docs_for_click(obj=command, ctx=context, name="toolkit").partition("\n## ")[2]


def types(annotation: Any) -> Iterator[Any]:
    """A type and the types inside it."""
    yield annotation
    for part in get_args(annotation):
        yield from types(part)


def records(model: type[BaseModel]) -> list[type[BaseModel]]:
    """A record and the records inside it."""
    found = [model]
    for record in found:  # grows
        inside = (part for field in record.model_fields.values() for part in types(field.annotation))
        models = (part for part in inside if inspect.isclass(part) and issubclass(part, BaseModel))
        found += dict.fromkeys(record for record in models if record not in found)
    return found


def section(record: type[BaseModel]) -> str:
    """A record's docstring and the table of its keys; their meanings stand in comments of the source."""
    meanings = dict(re.findall(r"^    (\w+): .*?  # (.+)$", inspect.getsource(record), re.MULTILINE))
    lines = ["| key | type | default | meaning |", "| --- | --- | --- | --- |"]
    for name, field in record.model_fields.items():
        kind = re.sub(r"\w+\.", "", inspect.formatannotation(field.annotation)).replace("|", "or")
        plain = field.default is not PydanticUndefined and not isinstance(field.default, BaseModel)
        default = f"`{field.default!r}`" if plain else ""
        lines.append(f"| `{field.alias or name}` | {kind} | {default} | {meanings.get(name, '')} |")
    return "\n".join([f"## {record.__name__}", "", inspect.getdoc(record) or "", "", *lines])


def tables(model: type[BaseModel]) -> str:
    """A section for each record."""
    return "\n\n".join(map(section, records(model)))


def navigation(index: str) -> str:
    """The pages that the index links, by its headings."""
    trees = []
    for heading, text in re.findall(r"^## (.+)\n((?:(?!## ).*\n)*)", index, re.MULTILINE):
        pages = re.findall(r"\]\((.+?)\.md\)", text)
        trees.append("\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *pages, "```"]))
    return "\n\n".join(trees)


GENERATED = {
    "toolkit/docs/index": navigation,
    "toolkit/docs/reference/commands": lambda _: commands(),
    "toolkit/docs/reference/settings": lambda _: tables(CompareSettings),
    "toolkit/docs/reference/comparison": lambda _: tables(Comparison),
}


def complete(_: Any, page: str, source: list[str]) -> None:
    """Append the generated part of a page."""
    if page in GENERATED:
        source[0] += "\n" + GENERATED[page](source[0])


def make_accessible(sphinx: Any, _: Exception | None) -> None:
    """Complete the pages of the theme."""
    for page in Path(sphinx.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        for lacking, whole in ACCESSIBLE.items():
            text = text.replace(lacking, whole)
        page.write_text(text, "utf-8")


def setup(sphinx: Any) -> None:
    """Generate parts of pages when they are read, and complete the pages when they are written."""
    sphinx.connect("source-read", complete)
    sphinx.connect("build-finished", make_accessible)
