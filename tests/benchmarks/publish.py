"""Pack the results of a comparison for reports/published/, and print its table for the pages that quote it.

    python -m tests.benchmarks.publish DIR NAME [--without-texts]

``toolkit report reports/published/NAME`` makes the page from it. Without texts, whatever quotes the corpus is left out:
passages, what the models wrote (which may copy it), prompts and the words of classes. All numbers stay.
"""

import argparse
import gzip
from pathlib import Path

from toolkit.results.cell import Cell
from toolkit.results.comparison import FOUND, PACKED, Comparison

PUBLISHED = Path("reports/published")
WORDLESS = {"samples": [], "variations": [], "new_words": {"real": [], "invented": []}}  # of what a cell wrote


def without_texts(comparison: Comparison) -> Comparison:
    """The comparison without a sentence of its corpus."""

    def stripped(cell: Cell) -> Cell:
        classes = [of_class.model_copy(update={"examples": []}) for of_class in cell.coverage.classes]
        return cell.model_copy(
            update={
                "generated": cell.generated and cell.generated.model_copy(update=WORDLESS),
                "coverage": cell.coverage.model_copy(update={"classes": classes}),
            }
        )

    cells = [stripped(cell) if isinstance(cell, Cell) else cell for cell in comparison.cells]
    return comparison.model_copy(update={"cells": cells, "passages": [], "author_passages": []})


def alone(comparison: Comparison) -> Comparison:
    """The comparison without the places of its other folds, which are not published with it."""
    if comparison.folds is None:
        return comparison
    facts = [
        fold.model_copy(update={"folder": "." if fold.number == 1 else ""}) for fold in comparison.folds.folds
    ]
    return comparison.model_copy(update={"folds": comparison.folds.model_copy(update={"folds": facts})})


def main() -> None:
    """Write the packed file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("--without-texts", action="store_true")
    options = parser.parse_args()
    comparison = alone(Comparison.load(options.folder / FOUND))
    if options.without_texts:
        comparison = without_texts(comparison)
    file = PUBLISHED / options.name / PACKED
    file.parent.mkdir(parents=True, exist_ok=True)
    content = comparison.model_dump_json(by_alias=True).encode()
    file.write_bytes(gzip.compress(content, mtime=0))  # the same each time
    print(f"{file}: {file.stat().st_size:,} bytes")
    heading, *lines = comparison.table()
    for line in (heading, ["---", *["---:"] * (len(heading) - 1)], *lines):
        print(f"| {' | '.join(line)} |")
    print(*(contrast.verdict for contrast in comparison.contrasts), sep="\n")


if __name__ == "__main__":
    main()
