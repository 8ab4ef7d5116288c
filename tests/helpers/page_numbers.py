"""Compare the numbers in the tables of two pages, section by section.

    python -m tests.helpers.page_numbers OLD.html NEW.html

Each line has a section, how many numbers of its tables are gone or added, and the cells that have them.
"""

import re
import sys
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

NUMBER = re.compile(r"[−+]?\d[\d,]*(?:\.\d+)?(?:\u202f%)?")
Cells = Counter[tuple[str, str]]  # section and text of each table cell


class Tables(HTMLParser):
    """The cells of a page's tables."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.cells: Cells = Counter()
        self._section, self._cell = "", list[str]()
        self._is_in_cell = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a section, or begin a cell."""
        if tag == "section":
            self._section = dict(attrs).get("id") or ""
        if tag in ("td", "th"):
            self._cell, self._is_in_cell = [], True

    def handle_endtag(self, tag: str) -> None:
        """End a cell."""
        if tag in ("td", "th"):
            self.cells[self._section, " ".join(" ".join(self._cell).split())] += 1
            self._is_in_cell = False

    def handle_data(self, data: str) -> None:
        """Add text to a cell."""
        if self._is_in_cell:
            self._cell.append(data)


def numbers(cells: Cells) -> Counter[tuple[str, str]]:
    """Return section and text of each number."""
    return Counter((section, n) for (section, cell), k in cells.items() for n in NUMBER.findall(cell) * k)


def main() -> None:
    """Print the numbers that only one of the pages has."""
    old, new = (Tables(Path(name).read_text("utf-8")).cells for name in sys.argv[1:3])
    print(f"{numbers(old).total()} and {numbers(new).total()} numbers")
    for change, these, others in (("gone", old, new), ("added", new, old)):
        only = numbers(these) - numbers(others)
        for section in dict.fromkeys(section for section, _ in only):
            values = [number for name, number in only.elements() if name == section]
            cells = [cell for name, cell in (these - others) if name == section and NUMBER.search(cell)]
            print(f"{section}: {len(values)} {change}: {', '.join(values[:12])}; in {cells[:6]}")


if __name__ == "__main__":
    main()
