"""Pack the results of a comparison for reports/published/, from where ``toolkit report`` makes its page.

    python -m tests.benchmarks.publish DIR NAME [--without-texts]

Without texts, whatever quotes the corpus is left out: passages, what the models wrote (which may copy it), prompts and
the words of classes. All numbers stay.
"""

import argparse
import gzip
from pathlib import Path

from toolkit.comparison.folder import FOUND, PACKED
from toolkit.results import Cell, Comparison

PUBLISHED = Path("reports/published")


def without_texts(comparison: Comparison) -> Comparison:
    """The comparison without a sentence of its corpus."""

    def stripped(cell: Cell) -> Cell:
        classes = [of_class.model_copy(update={"examples": []}) for of_class in cell.coverage.classes]
        return cell.model_copy(
            update={
                "generated": cell.generated.model_copy(update={"samples": []}),
                "coverage": cell.coverage.model_copy(update={"classes": classes}),
            }
        )

    cells = [stripped(cell) if isinstance(cell, Cell) else cell for cell in comparison.cells]
    return comparison.model_copy(update={"cells": cells, "passages": []})


def main() -> None:
    """Write the packed file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("name")
    parser.add_argument("--without-texts", action="store_true")
    options = parser.parse_args()
    comparison = Comparison.load(options.folder / FOUND)
    if options.without_texts:
        comparison = without_texts(comparison)
    file = PUBLISHED / options.name / PACKED
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(gzip.compress(comparison.model_dump_json(by_alias=True).encode(), mtime=0))  # the same each time
    print(f"{file}: {file.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
