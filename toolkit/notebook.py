"""What a notebook shows of a result: text and numbers as HTML without scripts; everything is escaped."""

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote


def shown(sentences: Iterable[str], title: str, table: Sequence[Sequence[str]], page: Path | None) -> str:
    """Sentences as paragraphs, a titled table whose first line is its heading, and a link to the page, if any."""
    paragraphs = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    link = "" if page is None else f'<p><a href="{escape(address(page))}">The page</a></p>'
    return paragraphs + html_table(title, table) + link


def html_table(title: str, lines: Sequence[Sequence[str]]) -> str:
    """A heading and lines of text as a table of HTML, the numbers aligned at the right."""
    heading = "".join(f"<th>{escape(text)}</th>" for text in lines[0])
    rows = (
        f'<tr><th style="text-align:left">{escape(first)}</th>'
        + "".join(f'<td style="text-align:right">{escape(text)}</td>' for text in rest)
        + "</tr>"
        for first, *rest in lines[1:]
    )
    caption = f"<caption>{escape(title)}</caption>"
    return f"<table>{caption}<thead><tr>{heading}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def address(file: Path) -> str:
    """The address of a file: relative, as the path is, so that a notebook beside it can follow it, or absolute."""
    return file.as_uri() if file.is_absolute() else quote(file.as_posix())
