r"""The corpora that the prediction is fitted on and tried on: slices of four texts, from 50 KB to 3 MB.

    python -m tests.benchmarks.prediction_corpora FOLDER --corpora ../shared/corpora \
        --handbook /usr/share/doc/debian-handbook/html

The handbook is Debian's, in French and in English, as the package ``debian-handbook`` installs it. Slices of one text
share no document, except that the whole Lovecraft, the whole plays and the whole weird-tales contain theirs.
"""

import argparse
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

BLOCK = re.compile(r"^(p|h[1-6]|li|dt|dd|td|th|div|pre)$")
UNREAD = {"script", "style", "head", "pre"}  # listings of programs are not prose


class Prose(HTMLParser):
    """The running text of a page, a paragraph per line, with an empty line between."""

    def __init__(self) -> None:
        super().__init__()
        self.paragraphs, self.unread = [""], 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        """A block begins a paragraph."""
        self.unread += tag in UNREAD
        if BLOCK.match(tag):
            self.paragraphs.append("")

    def handle_endtag(self, tag: str) -> None:
        """A block also ends one."""
        self.unread -= tag in UNREAD
        if BLOCK.match(tag):
            self.paragraphs.append("")

    def handle_data(self, data: str) -> None:
        """Text, with white space as in print."""
        if not self.unread:
            self.paragraphs[-1] += re.sub(r"\s+", " ", data)

    def text(self) -> str:
        """The paragraphs of at least forty characters."""
        return "\n\n".join(p.strip() for p in self.paragraphs if len(p.strip()) >= 40) + "\n"


def handbook(folder: Path) -> dict[str, str]:
    """The chapters of a handbook in one language, by name."""
    chapters = {}
    for path in sorted(folder.glob("*.html")):
        prose = Prose()
        prose.feed(path.read_text("utf-8"))
        if path.stem not in ("index", "ix01") and len(prose.text()) > 3000:
            chapters[path.stem] = prose.text()
    return chapters


def texts(folder: Path) -> dict[str, str]:
    """The documents of a folder, by name."""
    return {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}


def near(documents: dict[str, str], characters: int, start: int = 0, step: int = 1) -> dict[str, str]:
    """Whole documents from the ``start``-th in steps, until there are that many characters."""
    taken: dict[str, str] = {}
    for name in list(documents)[start::step]:
        if sum(map(len, taken.values())) >= characters:
            break
        taken[name] = documents[name]
    return taken


def source(name: str) -> str:
    """The text that a corpus is a slice of."""
    beginning = name.partition("-")[0]
    return "lovecraft" if beginning in ("mountains_of_madness", "kadath", "innsmouth") else beginning


def corpora(shared: Path, handbooks: Path) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Name, language and documents of each corpus."""
    weird, lovecraft = texts(shared / "weird-tales"), texts(shared / "lovecraft")
    short = {name: text for name, text in lovecraft.items() if len(text) < 110_000}
    plays = (shared / "tinyshakespeare" / "input.txt").read_text("utf-8")
    french, english = handbook(handbooks / "fr-FR"), handbook(handbooks / "en-US")
    yield "weird-tales", "en", weird
    yield "weird-150k", "en", near(weird, 150_000, 0, 3)
    yield "weird-50k", "en", near(weird, 50_000, 1, 3)
    yield "lovecraft", "en", lovecraft
    yield "lovecraft-400k", "en", near(short, 400_000, 0, 3)
    yield "lovecraft-200k", "en", near(short, 200_000, 1, 3)
    yield "lovecraft-150k", "en", near(short, 140_000, 2, 3)
    for name in ("mountains_of_madness", "kadath", "innsmouth"):
        yield name, "en", {name: lovecraft[name]}
    yield "plays", "en", {"plays": plays}
    yield "plays-400k", "en", {"plays": plays[: plays.index("\n\n", 400_000)]}
    yield "plays-120k", "en", {"plays": plays[plays.index("\n\n", 600_000) : plays.index("\n\n", 720_000)].lstrip("\n")}
    names = list(french)
    yield "handbook-fr-300k", "fr", near(french, 300_000, 0, 2)
    yield "handbook-fr-100k", "fr", near(french, 100_000, 1, 2)
    yield "handbook-en-200k", "en", near({n: english[n] for n in reversed(names) if n in english}, 200_000)


def main() -> None:
    """Write the corpora, each a folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--corpora", type=Path, required=True, help="the folder of the shared corpora")
    parser.add_argument("--handbook", type=Path, required=True, help="the handbook's folder of languages")
    arguments = parser.parse_args()
    for name, language, documents in corpora(arguments.corpora, arguments.handbook):
        folder = arguments.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "about.toml").write_text(f'name = "{name}"\nlanguage = "{language}"\n', "utf-8")
        for document, text in documents.items():
            (folder / f"{document}.txt").write_text(text, "utf-8")
        print(f"{name}: {len(documents)} documents, {sum(map(len, documents.values())):,} characters")


if __name__ == "__main__":
    main()
