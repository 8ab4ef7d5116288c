"""The same book in twenty languages: in which of them do words win, and what says so beforehand?

    python -m tests.benchmarks.languages GUIDE OUT

GUIDE has the folders of Debian's package installation-guide-amd64 (``LANG/install.LANG.txt.gz``). The numbered sections
are the documents: every fifth is held out and every tenth is for validation, the same ones in all languages. OUT gets
the texts, a comparison for each language, ``languages.json`` and ``languages.svg``. Finished comparisons are read
again, so the same command continues after an interruption. The texts are not ours to publish.
"""

import argparse
import gzip
import json
import re
from pathlib import Path
from typing import Any

from scipy.stats import spearmanr

import toolkit
from toolkit.report.charts import axis, lanes_chart
from toolkit.results.comparison import Comparison
from toolkit.results.text import signed
from toolkit.text import neutral

LANGUAGES = [
    "ca", "cs", "da", "de", "el", "en", "es", "fr", "hu", "id", "it", "ja", "ko", "nl", "pt", "ro", "ru", "sv", "uk",
    "vi",
]  # fmt: skip
COLUMNS = ["char", "bpe", "word:unk"]
SETTINGS = {
    "samples": {"count": 1, "characters": 200, "temperature": 0.8},  # nobody reads them
}
HEADING = re.compile(r"^((?:[1-8]|[A-D])(?:\.\d+){1,2})\.[\xa0 ]")
LEFT_OUT = "B.4"  # an example file, the same in all languages
COLOUR = "#c4591d"
FORECASTS = ["hapaxes", "types/tokens", "word length"]


def sections(text: str) -> dict[str, str]:
    """Return the text of each section. The last line that has its number begins it; the first ones are contents."""
    lines = text.replace("\r\n", "\n").split("\n")
    numbers = {place: match[1] for place, line in enumerate(lines) if (match := HEADING.match(line))}
    places, last = [*numbers, len(lines)], {number: place for place, number in numbers.items()}
    return {
        number: unwrapped("\n".join(lines[place + 1 : places[places.index(place) + 1]]))
        for number, place in last.items()
        if not number.startswith(LEFT_OUT)
    }


def unwrapped(text: str) -> str:
    """Return a text with one line for each paragraph. No space is between Japanese characters."""
    text = re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef])", "", text.strip())
    return re.sub(r"(?<=\S)\n *(?=\S)", " ", text) + "\n"


def written(guide: Path, out: Path) -> dict[str, dict[str, str]]:
    """Write the sections that all languages have, as splits, and return them by language and number."""
    texts = {}
    for language in LANGUAGES:
        with gzip.open(guide / language / f"install.{language}.txt.gz", "rt", encoding="utf-8") as file:
            texts[language] = sections(file.read())
    numbers = [
        number for number in texts["en"] if all(by_number.get(number, "").strip() for by_number in texts.values())
    ]
    for language, by_number in texts.items():
        for place, number in enumerate(numbers):
            part = "test" if place % 5 == 2 else "valid" if place % 10 == 4 else "train"
            file = out / "texts" / language / part / f"{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(by_number[number], "utf-8")
    return {language: {number: by_number[number] for number in numbers} for language, by_number in texts.items()}


def row(language: str, comparison: Comparison, english: str, text: str) -> dict[str, Any]:
    """Return a language's line of the table. The difference has half its interval; below 0, words are better."""
    coverage, found = comparison.corpus.coverage, comparison.contrast("word:unk", "char")
    paragraphs, shared = text.split("\n"), set(english.split("\n"))
    untranslated = sum(len(line) for line in paragraphs if line in shared) / len(text)
    bits = {name: cells[0].bits_per_character.total for name, cells in comparison.by_column.items()}
    words = neutral.words(text)
    values: dict[str, Any] = {"language": language, "untranslated": untranslated}
    values |= {"characters": comparison.corpus.test_characters}
    values |= {"hapaxes": coverage.hapax_type_share, "types/tokens": coverage.types / coverage.tokens}
    values |= {"word length": sum(map(len, words)) / len(words)}
    values |= {name: bits[name] for name in COLUMNS}
    return values | {"word:unk − char": found.difference, "± word:unk − char": found.half_width}


def chart(rows: list[dict[str, Any]]) -> str:
    """Return an SVG with a row for each language: the difference of words from characters, with its interval."""
    name, ends, lanes = "word:unk − char", [0.0], []
    for row in rows:
        value, half = row[name], row[f"± {name}"]
        ends += [value - half, value + half]
        dot = {"name": row["language"], "x": value, "shown": signed(value)} | {
            "colour": COLOUR,
            "hollow": False,
            "r": 5,
        }
        lane = {"label": row["language"], "total": signed(value), "dots": [dot]}
        lanes.append(lane | {"band": (value - half, value + half, None, COLOUR)})
    x = axis(ends, "bits per character that words need more than characters", signed=True)
    return lanes_chart("In which languages do words win?", x, lanes, zero=0).to_svg(520)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("guide", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--epochs", type=int, default=8)
    arguments = parser.parse_args()
    texts, rows = written(arguments.guide, arguments.out), []
    english = "\n".join(texts["en"].values())
    for language in LANGUAGES:
        comparison = toolkit.compare(
            COLUMNS,
            arguments.out / "texts" / language,
            language=language,
            epochs=arguments.epochs,
            settings=SETTINGS,
            workers=2,
            out=arguments.out / language,
        )
        rows.append(row(language, comparison, english, "\n".join(texts[language].values())))
    rows.sort(key=lambda row: row["word:unk − char"])
    (arguments.out / "languages.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False), "utf-8")
    (arguments.out / "languages.svg").write_text(chart(rows), "utf-8")
    for forecast in FORECASTS:
        found = spearmanr([row[forecast] for row in rows], [row["word:unk − char"] for row in rows])
        print(f"rank correlation with {forecast}: {found.statistic:+.2f} (p = {found.pvalue:.3f})")


if __name__ == "__main__":
    main()
