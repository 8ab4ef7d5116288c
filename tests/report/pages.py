"""A page as a browser parses it."""

import json
import re
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "br", "img", "input", "hr"}
ATTACK = "<script>alert(1)</script>"
Table = list[list[str]]  # rows of cells, the headings of columns first; a note stands behind a bar


class Page(HTMLParser):
    """Elements, scripts, texts and tables of a page; every element must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: list[tuple[str | None, str]] = []  # id and text
        self.texts: list[tuple[list[str], str]] = []  # with the classes around each
        self.tables: dict[str, Table] = {}  # by the label of the frame around each
        self.title = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, value) for key, value in attrs]
        if dict(attrs).get("class") == "scroll":
            self.title = dict(attrs)["aria-label"] or ""
        if tag == "script":
            self.scripts.append((dict(attrs).get("id"), ""))
        if tag == "table":
            self.tables[self.title] = []
        elif tag == "tr":
            self.tables[self.title].append([])
        elif tag in ("td", "th"):
            self.tables[self.title][-1].append("")
        elif tag == "small" and self._in("td", "th"):
            self.tables[self.title][-1][-1] += "|"
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self.open.pop()
        assert opened == tag

    def _in(self, *tags: str) -> bool:
        return any(tag in tags for tag, _ in self.open)

    def handle_data(self, data: str) -> None:
        if self._in("script"):
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif not self._in("style"):
            self.texts.append(([c for _, attrs in self.open for c in (attrs.get("class") or "").split()], data))
        if self._in("td", "th"):
            self.tables[self.title][-1][-1] += re.sub(r"[ \n\t]+", " ", data).strip(" ")

    @property
    def ids(self) -> list[str]:
        return [str(value) for _, key, value in self.attributes if key == "id"]

    @property
    def text(self) -> str:
        return " ".join("".join(data for _, data in self.texts).split())

    def text_in(self, name: str) -> str:
        """All text within elements of this class."""
        return "".join(data for around, data in self.texts if name in around)

    @property
    def data(self) -> dict[str, Any]:
        """The data of the scripts."""
        return dict(json.loads(dict(self.scripts)["data"]))

    def column(self, title: str, heading: str) -> dict[str, str]:
        """Return a column of a table, by the first cell of each row."""
        table = self.tables[title]
        rows = [row for row in table[1:] if len(row) == len(table[0])]
        return {row[0].partition("|")[0]: row[place(table, heading)] for row in rows}


def place(table: Table, heading: str) -> int:
    """Return the place of the column with this heading, with or without its note."""
    return next(i for i, cell in enumerate(table[0]) if heading in (cell, cell.partition("|")[0]))
