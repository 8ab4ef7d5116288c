"""A page as a browser parses it."""

import json
import re
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "br", "img", "input", "hr"}
ATTACK = "<script>alert(1)</script>"
Table = list[list[str]]  # rows of cells, the heading first; a note stands behind a bar


class Page(HTMLParser):
    """Elements, scripts, texts and tables of a page; every element must be closed."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, dict[str, str | None]]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.texts: list[tuple[list[str], str]] = []  # with the classes around each
        self.tables: dict[str, list[Table]] = {}  # by section
        self.section = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, key, value) for key, value in attrs]
        if tag == "section":
            self.section = dict(attrs).get("id") or ""
        if tag == "script":
            self.scripts.append((dict(attrs), ""))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))
        tables = self.tables.setdefault(self.section, [])
        if tag == "table":
            tables.append([])
        elif tag == "tr":
            tables[-1].append([])
        elif tag in ("td", "th"):
            tables[-1][-1].append("")
        elif tag == "small" and self._in_cell:
            tables[-1][-1][-1] += "|"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop()[0] == tag

    @property
    def _in_cell(self) -> bool:
        return any(tag in ("td", "th") for tag, _ in self.open)

    def handle_data(self, data: str) -> None:
        tag = self.open[-1][0] if self.open else ""
        if tag == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif tag != "style":
            self.texts.append(([c for _, attrs in self.open for c in (attrs.get("class") or "").split()], data))
        if self._in_cell:
            self.tables[self.section][-1][-1][-1] += re.sub(r"[ \n\t]+", " ", data).strip(" ")

    @property
    def ids(self) -> list[str]:
        return [str(value) for _, key, value in self.attributes if key == "id"]

    @property
    def text(self) -> str:
        return " ".join("".join(data for _, data in self.texts).split())

    def text_in(self, *classes: str, without: str = "") -> str:
        """All text within elements of these classes."""
        return "".join(data for around, data in self.texts if {*classes} <= {*around} and without not in around)

    def count(self, tag: str, name: str) -> int:
        """Count the elements of a class."""
        return sum(t == tag and k == "class" and name in (v or "").split() for t, k, v in self.attributes)

    @property
    def data(self) -> dict[str, Any]:
        """The data of the scripts."""
        return dict(json.loads(next(text for attrs, text in self.scripts if attrs.get("id") == "data")))

    def table(self, section: str, *headings: str) -> Table:
        """Return the only table of a section whose heading has all of these."""
        tables = self.tables[section]
        (table,) = [t for t in tables if t and all(any(h in cell for cell in t[0]) for h in headings)]
        return table

    def column(self, section: str, heading: str, *headings: str) -> dict[str, str]:
        """Return a column of that table, by the first cell of each row."""
        table = self.table(section, heading, *headings)
        (place,) = [i for i, cell in enumerate(table[0]) if heading in cell]
        return {row[0].partition("|")[0]: row[place] for row in table[1:] if len(row) > place}
